"""Validation of requests and responses against the OpenAPI document."""
