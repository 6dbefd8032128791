"""People for tests: what their apps can do and what they show."""
