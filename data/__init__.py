"""Photos on disk: Flickr8K, the starter gallery, any folder. Imports neither Telegram nor torch."""
