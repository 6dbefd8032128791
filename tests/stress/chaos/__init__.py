"""The chaos test: kill the bot again and again while many chats use it; no request may get lost.

Four runs kill a bot by polling and by webhook, without and with faults of Telegram. Three more have a storm
of their own: the disk is full again and again, each write takes long, or a second process shares the home.
`delivery_checker` defines lost, duplicate and out of order. The playground acts as Telegram: it delivers
unconfirmed updates again, repeats webhook posts until they are answered with 200, and counts every message
against Telegram's limits, with no allowance for the bot's clock.
"""
