"""SVG charts of comparisons. matplotlib is imported only for requests for SVG."""
