#!/usr/bin/env bash
# aiosqlite 0.22.1 runs statements in a thread, and cancelling an await does not cancel the statement: an INSERT behind
# which asyncio.timeout has expired is written all the same, a moment later. And a connection has one transaction, not
# one for each task: what another task writes meanwhile vanishes with a ROLLBACK.
# Seen with aiosqlite 0.22.1 on Python 3.11; `expected` holds the output.
set -euo pipefail

expected=$(cat <<'OUTPUT'
TimeoutError
the table: [('timed out',)]
written without an error
the table: [('timed out',)]
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder"
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check aiosqlite==0.22.1
found=$("$folder/venv/bin/python" - <<'PYTHON_CODE'
import asyncio
import tempfile
import aiosqlite


async def main():
    file = f"{tempfile.mkdtemp()}/a.db"
    async with (
        aiosqlite.connect(file, isolation_level=None) as one,
        aiosqlite.connect(file, isolation_level=None) as other,
    ):
        await one.execute("CREATE TABLE t (text TEXT)")
        await other.execute("BEGIN IMMEDIATE")
        try:
            async with asyncio.timeout(0.2):
                await one.execute("INSERT INTO t VALUES ('timed out')")
        except TimeoutError:
            print("TimeoutError")
        await other.execute("COMMIT")
        print(f"the table: {await one.execute_fetchall('SELECT * FROM t')}")

        async def change_its_mind():
            await one.execute("BEGIN")
            await asyncio.sleep(0.2)
            await one.execute("ROLLBACK")

        async def write():
            await asyncio.sleep(0.1)
            await one.execute("INSERT INTO t VALUES ('of another task')")
            print("written without an error")

        await asyncio.gather(change_its_mind(), write())
        print(f"the table: {await one.execute_fetchall('SELECT * FROM t')}")


asyncio.run(main())
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
