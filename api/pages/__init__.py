"""HTML pages for people: the front page, Swagger UI, articles, the promise and problems; and the API catalogue."""
