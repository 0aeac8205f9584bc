"""Export formats other than JSON: tables and linked data. Pure functions of documents."""
