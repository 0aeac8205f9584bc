"""The contract: what travels. Marshmallow schemas of articles, claims and the frames around them; never the service."""
