"""A gallery's images as the network sees them: which there are, their embeddings, where these are kept."""
