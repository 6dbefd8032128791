"""Tests of the engine on Ray: a package, so that one Ray serves them and ends after them."""
