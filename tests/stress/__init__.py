"""Stress tests of the whole bot: `make fuzz`, `make flood`, `make chaos`, `make soak`."""

import os

os.environ["KINDRED_FETCH"] = "false"  # a bot without a gallery fetches Flickr8K, and tests are offline
