"""Conformance checks: they test a deployment, with its proxies and settings, against RFCs and the promise.

The checks are HTTP clients and follow the promise's advice for clients. They know nothing of the implementation.
"""
