"""The versions of the package, of its contract and of its renderer."""

PACKAGE_VERSION = "1.1.0"

# `info.version` of the OpenAPI document and the header `API-Version`. Its major number is in the paths.
CONTRACT_VERSION = "1.1.0"

# Raised whenever a stored document is rendered to other bytes, because ETags contain it.
RENDERER = 2
