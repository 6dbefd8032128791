"""Outgoing requests: rate limits, retries and repeated downloads."""
