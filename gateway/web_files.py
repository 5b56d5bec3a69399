"""The files of the pages, as they are served: read once, compressed once, and asked for again only when they
changed.

A gateway reads them when it starts: whoever works on a page starts the gateway again to see the change.
"""

import gzip
import mimetypes
import re
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

WEB: Final = Path(__file__).with_name("web")
"""The pages for members and managers: plain files."""

INDEX: Final = "index.html"
"""A folder's own page."""

_COMMENT: Final = re.compile(rb"^[ \t]*(?:/\*.*?\*/|//[^\n]*)[ \t]*\n", re.DOTALL | re.MULTILINE)
"""A comment in a script or style sheet that has its lines to itself."""

_COMMENTED: Final = (".js", ".css")

_REVALIDATE: Final = "no-cache"
"""A browser may keep a file, and asks each time whether it still is the same (RFC 9111, 5.2.2.4): a module of
one version is never run beside one of another for longer than a page is open."""


class WebFile(NamedTuple):
    """A file's bytes, plain and as gzip, its tag (RFC 9110, 8.8.3) and its media type."""

    plain: bytes
    compressed: bytes
    tag: str
    media_type: str


def read_web_file(path: Path) -> WebFile:
    """Reads and compresses a file. Comments are for whoever works on it, and a sixth of all bytes: they are
    left out, and every line keeps its number."""
    plain = path.read_bytes()
    if path.suffix in _COMMENTED:
        plain = _COMMENT.sub(lambda comment: b"\n" * comment[0].count(b"\n"), plain)
    media_type, _ = mimetypes.guess_type(path.name)
    return pack(plain, media_type or "application/octet-stream")


def pack(plain: bytes, media_type: str) -> WebFile:
    """What is served for as long as the gateway runs, compressed and tagged."""
    # The tag is of the content, so that it is the same in every gateway.
    tag = f'W/"{sha256(plain).hexdigest()[:24]}"'
    return WebFile(plain, gzip.compress(plain, mtime=0), tag, media_type)


class WebFiles(BaseRoute):
    """All files of ``folder``, each under its own name; a folder's ``index.html`` under the folder's, with a
    slash at its end or without.

    One route that looks a path up: there are hundreds of files, a page sends for dozens at once, and a list
    of routes is tried from its beginning for each.
    """

    def __init__(self, folder: Path = WEB) -> None:
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        self._routes = {
            address: file_route(address, read_web_file(path))
            for path in paths
            for address in _addresses(path.relative_to(folder))
        }

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether there is a file at the path that is asked for."""
        route = self._routes.get(scope["path"]) if scope["type"] == "http" else None
        return route.matches(scope) if route is not None else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the file."""
        await self._routes[scope["path"]].handle(scope, receive, send)


def _addresses(path: Path) -> list[str]:
    if path.name != INDEX:
        return [f"/{path.as_posix()}"]
    return ["/"] if path.parent == Path() else [f"/{path.parent.as_posix()}", f"/{path.parent.as_posix()}/"]


def file_route(address: str, file: WebFile) -> Route:
    """Where a file is asked for."""

    async def show(request: Request) -> Response:
        headers = {"ETag": file.tag, "Cache-Control": _REVALIDATE, "Vary": "Accept-Encoding"}
        if file.tag in request.headers.get("If-None-Match", ""):
            return Response(status_code=304, headers=headers)
        body = file.plain
        if "gzip" in request.headers.get("Accept-Encoding", "") and len(file.compressed) < len(body):
            body = file.compressed
            headers["Content-Encoding"] = "gzip"
        return Response(body, media_type=file.media_type, headers=headers)

    return Route(address, show)
