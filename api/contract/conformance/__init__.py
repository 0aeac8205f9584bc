"""Conformance checks: whether a deployment, with its proxies and settings, does what RFCs and the promise say.

The checks are HTTP clients and follow the promise's advice for clients. They know nothing of the implementation.
"""
