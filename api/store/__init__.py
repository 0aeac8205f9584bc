"""The store: engine, tables, reading, writing, changes, migrations. All SQL is here."""
