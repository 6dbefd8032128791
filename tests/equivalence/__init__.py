"""Proof that a change of structure changed no answer: the same photos and queries, compared with figures on file."""
