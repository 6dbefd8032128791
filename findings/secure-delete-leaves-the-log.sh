#!/usr/bin/env bash
# SQLite's secure_delete overwrites deleted content in the database, and in WAL mode it stays readable in the file
# beside it, after a full checkpoint, too: only a checkpoint that truncates, or the end of the last connection, takes it
# away. Seen with the SQLite of Python's own build (3.40.1) and of pysqlite3-binary 0.5.4.post2 (3.51.1).
set -euo pipefail

expected=$(cat <<'OUTPUT'
sqlite3:
deleted: a.db-wal
checkpoint PASSIVE: a.db-wal
checkpoint FULL: a.db-wal
checkpoint RESTART: a.db-wal
checkpoint TRUNCATE: nowhere
pysqlite3:
deleted: a.db-wal
checkpoint PASSIVE: a.db-wal
checkpoint FULL: a.db-wal
checkpoint RESTART: a.db-wal
checkpoint TRUNCATE: nowhere
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder"
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pysqlite3-binary==0.5.4.post2
found=$("$folder/venv/bin/python" - <<'PYTHON_CODE'
import pathlib
import sqlite3
import tempfile
from contextlib import closing
import pysqlite3


def look(module):
    folder = pathlib.Path(tempfile.mkdtemp())

    def report(when):
        names = [file.name for file in sorted(folder.iterdir()) if b"a secret" in file.read_bytes()]
        print(f"{when}: {', '.join(names) or 'nowhere'}")

    with closing(module.connect(folder / "a.db", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL").fetchall()
        database.execute("PRAGMA secure_delete = ON").fetchall()
        database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)")
        database.execute("INSERT INTO t VALUES (1, 'a secret')")
        database.execute("DELETE FROM t")
        report("deleted")
        for kind in ("PASSIVE", "FULL", "RESTART", "TRUNCATE"):
            database.execute(f"PRAGMA wal_checkpoint({kind})").fetchall()
            report(f"checkpoint {kind}")


for module in (sqlite3, pysqlite3):
    print(f"{module.__name__}:")
    look(module)
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
