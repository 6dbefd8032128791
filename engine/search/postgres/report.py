"""What `python -m bot check` says about a gallery's index in PostgreSQL."""

from __future__ import annotations

from engine.search.postgres.vector_table import VectorTable


def report(table: VectorTable, images: int) -> tuple[bool, str]:
    """Return whether a table has all that it should have, and a sentence about it; nothing is created.

    Args:
        table: of the gallery.
        images: how many have vectors, as far as is known.

    Raises:
        DatabaseError: the database cannot be used.
    """
    server, extension = table.versions()
    where = f"PostgreSQL {server}" if extension is None else f"PostgreSQL {server} with pgvector {extension}"
    status = table.status()
    if status is None:
        return True, f"{where} is reached; the bot stores and indexes the vectors there when it starts."
    stored, is_indexed = status
    if not is_indexed:
        return False, f"{where} has {stored:,} vectors and no index: the bot builds it when it starts."
    if stored < images:
        return False, f"{where} has {stored:,} of {images:,} vectors: the bot adds the others."
    return True, f"{where} has {stored:,} vectors and their index."
