"""Style sheets and scripts that the pages of the web front and of the playground share."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from aiohttp import web

FOLDER: Final = Path(__file__).parent / "static"
ASSETS: Final = ("chat.css", "composer.css", "panels.css", "dom.js", "mark.svg")


def asset_routes() -> list[web.AbstractRouteDef]:
    """Return a route under `/page/` for each shared file; add them before a page's own static folder."""
    return [web.get(f"/page/{name}", partial(serve_file, FOLDER / name)) for name in ASSETS]


async def serve_file(file: Path, _: web.Request) -> web.FileResponse:
    """Serve one file."""
    return web.FileResponse(file)
