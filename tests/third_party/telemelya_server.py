"""Serve telemelya on a free port, with Redis and S3 in memory; the first line of output is its address.

Run this with the Python of `make test-third-party`: Kindred's own environment has none of these packages.
"""

from __future__ import annotations

import os
import socket
import sys
import threading

import uvicorn
from fakeredis import TcpFakeServer
from moto.server import ThreadedMotoServer

HOST = "127.0.0.1"


def main() -> None:
    redis = TcpFakeServer((HOST, 0), server_type="redis")
    threading.Thread(target=redis.serve_forever, daemon=True).start()
    store = ThreadedMotoServer(HOST, port=0, verbose=False)
    store.start()
    host, port = store.get_host_and_port()
    os.environ |= {
        "REDIS_URL": f"redis://{HOST}:{redis.server_address[1]}/0",
        "MINIO_ENDPOINT": f"{host}:{port}",
        "STRICT_EDIT": "true",  # only messages that were sent can be edited
    }
    from telemelya.server.app import app  # reads its settings as it is imported

    listening = socket.create_server((HOST, 0))
    sys.stdout.write(f"http://{HOST}:{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run([listening])


if __name__ == "__main__":
    main()
