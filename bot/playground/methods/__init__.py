"""The implemented Bot API methods, one module per group, and their registry."""
