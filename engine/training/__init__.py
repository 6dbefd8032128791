"""The only code that needs the training set; serving never imports it."""
