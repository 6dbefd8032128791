"""Training of what reads messages, on phrases of seven languages around captions."""
