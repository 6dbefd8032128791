"""The bot's process: settings, wiring, lifecycle, updates, sending, storage, web front and playground."""
