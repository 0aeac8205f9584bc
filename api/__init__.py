"""onrecord, a self-hosted REST API for claims made from conflict reporting."""
