"""Vectors of galleries in PostgreSQL, and nearest neighbours by pgvector (github.com/pgvector/pgvector)."""
