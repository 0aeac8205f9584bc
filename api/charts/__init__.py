"""Pictures of comparisons, as SVG. matplotlib is loaded only when one is asked for."""
