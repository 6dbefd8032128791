"""What runs before and around every handler: access, preferences, group chats, instrumentation, errors."""
