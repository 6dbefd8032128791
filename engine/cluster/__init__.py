"""The engine on Ray: replicas on Ray Serve, and indexing by Ray Data.

Nothing imports this package unless `KINDRED_ENGINE` is "ray", and nothing else imports Ray.
"""
