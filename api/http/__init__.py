"""HTTP parts that all routes share: query parameters, problems, headers, ETags, cursors."""
