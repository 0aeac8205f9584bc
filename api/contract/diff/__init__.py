"""The changes between two OpenAPI documents, and whether the promise allows them. Pure functions of documents."""
