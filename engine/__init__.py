"""The engine: what the network knows. Bytes and words in, frozen values out; no Telegram."""
