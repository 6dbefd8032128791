"""Serve telemelya on a free port, with Redis and S3 that forget; its address is the first line said.

Run with the Python of `make test-others`: nothing of this is in Kindred's own environment.
"""

from __future__ import annotations

import os
import socket
import sys
import threading

import uvicorn
from fakeredis import TcpFakeServer
from moto.server import ThreadedMotoServer

HERE = "127.0.0.1"


def main() -> None:
    redis = TcpFakeServer((HERE, 0), server_type="redis")
    threading.Thread(target=redis.serve_forever, daemon=True).start()
    store = ThreadedMotoServer(HERE, port=0, verbose=False)
    store.start()
    host, port = store.get_host_and_port()
    os.environ |= {
        "REDIS_URL": f"redis://{HERE}:{redis.server_address[1]}/0",
        "MINIO_ENDPOINT": f"{host}:{port}",
        "STRICT_EDIT": "true",  # a message nobody sent cannot be edited
    }
    from telemelya.server.app import app  # reads its settings as it is imported

    listening = socket.create_server((HERE, 0))
    sys.stdout.write(f"http://{HERE}:{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run([listening])


if __name__ == "__main__":
    main()
