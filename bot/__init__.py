"""The bot: the process, its settings, wiring and lifetime, and the playground."""
