"""Feature grids of a gallery: kept for the second stage of search, recorded while it is indexed, shared."""
