"""Does the article say so? Checks of a claim against its article's text. No Flask, no SQL."""
