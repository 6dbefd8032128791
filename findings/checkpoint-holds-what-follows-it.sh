#!/usr/bin/env bash
# Python's sqlite3 in autocommit mode: PRAGMA wal_checkpoint returns one row. As long as that is not fetched, the
# statement runs on: what the same connection writes next succeeds and is committed only with it, so that others do not
# see it, and the next checkpoint fails with "database table is locked". A PRAGMA whose result nobody needs is a
# statement that nobody ends. Seen with the SQLite of Python's own build (3.40.1) and of pysqlite3-binary (3.51.1).
set -euo pipefail

expected=$(cat <<'OUTPUT'
sqlite3:
written behind a checkpoint: others see []
the next checkpoint: database table is locked
its row fetched: others see [(1,)]
pysqlite3:
written behind a checkpoint: others see []
the next checkpoint: database table is locked
its row fetched: others see [(1,)]
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder"
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pysqlite3-binary==0.5.4.post2
found=$("$folder/venv/bin/python" - <<'PYTHON_CODE'
import sqlite3
import tempfile
from contextlib import closing
import pysqlite3


def look(module):
    file = f"{tempfile.mkdtemp()}/a.db"
    with closing(module.connect(file, isolation_level=None)) as one, closing(module.connect(file)) as other:
        one.execute("PRAGMA journal_mode = WAL").fetchall()
        one.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
        cursor = one.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        one.execute("INSERT INTO t VALUES (1)")
        print(f"written behind a checkpoint: others see {other.execute('SELECT * FROM t').fetchall()}")
        try:
            one.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except module.OperationalError as error:
            print(f"the next checkpoint: {error}")
        cursor.fetchall()
        print(f"its row fetched: others see {other.execute('SELECT * FROM t').fetchall()}")


for module in (sqlite3, pysqlite3):
    print(f"{module.__name__}:")
    look(module)
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
