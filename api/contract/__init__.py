"""The contract as a product: the OpenAPI document, its examples, and the pages that show it."""
