"""The schema of one bot in PostgreSQL, by version.

Tables and columns that SQLite has, too, bear the same names there: the statements are the same.
"""

from __future__ import annotations

from typing import Final

VERSION: Final = 1
# updates.chat: NULL once answered, for there must be no list of who wrote. fronts: the processes that answer.
# chats: which front answers a chat, while something of it waits and a little longer. sends: what counts
# for Telegram's limits; arrived_at is NULL while they are in flight.
SCHEMA: Final = """
    CREATE TABLE version (number INTEGER NOT NULL);
    CREATE TABLE files (picture BYTEA PRIMARY KEY, file_id TEXT NOT NULL);
    CREATE TABLE drawings (name BYTEA PRIMARY KEY, file_id TEXT NOT NULL);
    CREATE TABLE people (
        id BIGINT PRIMARY KEY, language TEXT, album INTEGER NOT NULL, quiet INTEGER NOT NULL,
        month INTEGER NOT NULL, numbers INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE votes (
        kind TEXT NOT NULL, up INTEGER NOT NULL, count BIGINT NOT NULL, PRIMARY KEY (kind, up)
    );
    CREATE TABLE clock (month INTEGER NOT NULL, day INTEGER NOT NULL);

    CREATE TABLE updates (
        id BIGINT PRIMARY KEY, chat BIGINT, said TEXT, tries INTEGER NOT NULL DEFAULT 0,
        came BIGINT NOT NULL
    ) WITH (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 200);
    CREATE INDEX waiting ON updates (chat, id) WHERE said IS NOT NULL;
    CREATE INDEX forgettable ON updates (came) WHERE said IS NULL;
    CREATE TABLE effects (
        number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id BIGINT NOT NULL, method TEXT NOT NULL,
        reply TEXT NOT NULL
    );
    CREATE UNIQUE INDEX effects_of ON effects (id, method, md5(reply));

    CREATE TABLE fronts (
        id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        alive_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(), retired BOOLEAN NOT NULL DEFAULT false
    );
    CREATE TABLE chats (
        chat BIGINT PRIMARY KEY, front BIGINT REFERENCES fronts ON DELETE SET NULL,
        active_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp()
    );
    CREATE INDEX chats_of ON chats (front);
    CREATE TABLE sends (
        front BIGINT NOT NULL, number BIGINT NOT NULL, place BIGINT GENERATED ALWAYS AS IDENTITY,
        chat TEXT NOT NULL, messages INTEGER NOT NULL,
        entered_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(), arrived_at TIMESTAMPTZ,
        PRIMARY KEY (front, number)
    );
    INSERT INTO version VALUES (1);
"""
MIGRATIONS: Final[dict[int, str]] = {}  # from each older version to the next
