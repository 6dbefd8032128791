"""Evaluation on a Flickr8K split. Training imports it; serving never does."""
