"""Sentences in seven languages, and the dictionaries that put queries into English."""
