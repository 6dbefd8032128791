"""Explanations and maps: occlusion sensitivity of captions, t-SNE maps of words and images."""
