"""Comparison of claims by cell, over time and by date. Pure functions of documents, no Flask and no SQL."""
