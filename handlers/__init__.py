"""Telegram handlers: they read updates, call the engine and reply."""
