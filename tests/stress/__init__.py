"""Stress tests of the whole bot: `make fuzz`, `make flood`, `make chaos`, `make soak`."""
