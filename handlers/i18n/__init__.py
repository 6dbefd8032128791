"""Sentences in seven languages."""
