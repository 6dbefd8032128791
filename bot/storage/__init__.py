"""SQLite files of the bot: the store, the inbox, the outbox, and recovery from damage."""
