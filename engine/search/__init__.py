"""Search: image embeddings, the nearest-neighbour index, the feature cache, re-ranking, inversion."""
