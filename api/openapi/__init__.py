"""The OpenAPI document: how operations are documented, its examples, and how it is served."""
