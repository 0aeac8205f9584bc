"""What changed between two OpenAPI documents, and whether the promise allows it: pure functions of documents."""
