"""A regression test of answers: the same photos and queries, compared with the answers on file."""
