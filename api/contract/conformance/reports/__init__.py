"""What a run found, a file a format."""
