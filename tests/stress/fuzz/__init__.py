"""The fuzz test: mutated updates, malformed images, and galleries of odd files."""
