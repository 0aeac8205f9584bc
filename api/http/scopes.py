"""Scopes of API keys. Reading claims requires no scope."""

from __future__ import annotations

OPEN = "open"
CLAIMS_WRITE = "claims:write"
TEXTS_READ = "texts:read"

SCOPES = {
    CLAIMS_WRITE: "Create, change and delete articles, claims and texts.",
    TEXTS_READ: "Read the stored texts of articles.",
}
