"""The contract: marshmallow schemas of articles, claims and the documents around them. Independent of the service."""
