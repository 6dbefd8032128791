"""Everything people read: sentences of `handlers.i18n.texts`, put together with what the engine answered.

Telegram's HTML; whatever is not ours is shortened and escaped. All lengths are in UTF-16 units, as
Telegram counts them. Every part that comes from elsewhere has a limit of its own, so that a whole text
stays within 4096 and an album's caption within 1024.
"""
