"""The rules of the house for every route: arguments, problems, headers, tags, cursors."""
