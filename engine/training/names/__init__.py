"""Teaching the decoder to read the names of what is recognised."""
