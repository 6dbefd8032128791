"""Training on Flickr8K. Imports `engine.evaluation` for its metrics; serving never imports either."""
