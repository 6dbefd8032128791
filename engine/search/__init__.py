"""Search: the nearest-neighbour index, the feature cache, re-ranking, inversion; galleries that live."""
