"""Usage metrics and rate limits."""
