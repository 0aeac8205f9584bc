"""Comparison: what claims say beside one another. Pure functions of claims; no Flask, no SQL."""
