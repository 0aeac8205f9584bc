"""Checking: what passes between a client and a server, held against the OpenAPI document."""
