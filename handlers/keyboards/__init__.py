"""Inline keyboards: their callback data, their state, and the debouncing of presses."""
