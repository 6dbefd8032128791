"""What the web front and the playground share: the guard against other sites, styles and scripts."""
