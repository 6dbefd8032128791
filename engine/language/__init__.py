"""Understanding of what people write: intents, language, slips of the pen, negation."""
