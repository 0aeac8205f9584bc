"""The version of the contract that this service serves: semver, its major in the path."""

API_VERSION = "1.1.0"

# Raised whenever the same stored document is rendered to other bytes, so that no ETag outlives its bytes.
RENDERER = 2
