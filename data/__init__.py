"""Photos on disk: Flickr8K, the starter gallery, anyone's folder. No Telegram, no torch."""
