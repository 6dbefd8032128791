"""Telegram as the playground models it: chats, updates, files, inline mode, limits and API errors."""
