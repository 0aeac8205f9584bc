"""The store: tables, queries, writes, imports and migrations. All SQL is here."""
