#!/usr/bin/env bash
# Python's sqlite3 in autocommit mode (isolation_level None): INSERT ... RETURNING is not committed by execute(). It is
# when its first row is fetched, as the module reads one row ahead. Until then no other connection sees the row or can
# write, and in_transaction says that there is no transaction. Code that needs no row and fetches none, which is right
# for any other INSERT, holds the lock until its cursor is freed. Seen with the SQLite of Python's own build (3.40.1) and
# with that of pysqlite3-binary 0.5.4.post2 (3.51.1).
set -euo pipefail

expected=$(cat <<'OUTPUT'
sqlite3:
INSERT: another connection sees 1 row
INSERT ... RETURNING: it sees 1; in_transaction is False
it writes: database is locked
one row fetched: it sees 2
another one, not fetched: it sees 2
its cursor freed: it sees 3
pysqlite3:
INSERT: another connection sees 1 row
INSERT ... RETURNING: it sees 1; in_transaction is False
it writes: database is locked
one row fetched: it sees 2
another one, not fetched: it sees 2
its cursor freed: it sees 3
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


def count(connection):
    return connection.execute("SELECT count(*) FROM t").fetchone()[0]


def look(module):
    file = f"{tempfile.mkdtemp()}/a.db"
    with closing(module.connect(file, isolation_level=None)) as one, closing(
        module.connect(file, isolation_level=None, timeout=0.1)
    ) as other:
        one.execute("PRAGMA journal_mode = WAL").fetchall()
        one.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
        one.execute("INSERT INTO t VALUES (1)")
        print(f"INSERT: another connection sees {count(other)} row")
        cursor = one.execute("INSERT INTO t VALUES (2) RETURNING id")
        print(f"INSERT ... RETURNING: it sees {count(other)}; in_transaction is {one.in_transaction}")
        try:
            other.execute("INSERT INTO t VALUES (3)")
        except module.OperationalError as error:
            print(f"it writes: {error}")
        cursor.fetchone()
        print(f"one row fetched: it sees {count(other)}")
        cursor = one.execute("INSERT INTO t VALUES (4) RETURNING id")
        print(f"another one, not fetched: it sees {count(other)}")
        del cursor
        print(f"its cursor freed: it sees {count(other)}")


for module in (sqlite3, pysqlite3):
    print(f"{module.__name__}:")
    look(module)
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
