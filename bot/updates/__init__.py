"""Incoming updates: received by long polling or webhook, stored, then dispatched per chat."""
