"""Words: similarity and analogies, tags of a photo, attributes, stop words."""
