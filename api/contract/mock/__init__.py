"""The mock: the real app on a throw-away database, for the tests of other apps, watched by the contract."""
