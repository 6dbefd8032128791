"""Telegram in, Telegram out; all wording."""
