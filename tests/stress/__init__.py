"""Rubbish and floods, poured over the real bot: `make fuzz`, `python -m tests.stress flood`."""
