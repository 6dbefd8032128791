"""Shared by the web front and the playground: cross-site protection, style sheets, scripts."""
