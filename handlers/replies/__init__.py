"""The texts of answers: messages of `handlers.i18n.texts`, filled with the engine's results.

They are Telegram's HTML; text that is not the bot's own is truncated and escaped. Lengths are in UTF-16
units, as Telegram counts them. Each inserted part has its own limit, so that a message stays within 4096
units and a caption within 1024.
"""
