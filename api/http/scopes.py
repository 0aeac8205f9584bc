"""Scopes: what a key may do. Reading what is on record needs none."""

from __future__ import annotations

OPEN = "open"
CLAIMS_WRITE = "claims:write"
TEXTS_READ = "texts:read"

SCOPES = {
    CLAIMS_WRITE: "Put articles, claims and texts on record, change and delete them.",
    TEXTS_READ: "Read the texts of articles that are held here.",
}
