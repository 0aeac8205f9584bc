"""The mock: the real app on a database in memory, with a report of contract violations."""
