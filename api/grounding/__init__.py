"""Checks of a claim against its article's text. Pure functions, without Flask and SQL."""
