"""The files of the pages, as they are served: read once, compressed once, and asked for again only when they
changed.

A page names its files below the version of all of them: ``/0123456789ab/app.js``. What such a file asks for
beside itself is of the same version, so a browser keeps them all, and asks a second time for the page alone.
Below another version, or none, is the file as it is now, which a browser asks for each time.

A gateway reads them when it starts: whoever works on a page starts the gateway again to see the change.
"""

import gzip
import mimetypes
import posixpath
import re
from collections.abc import Mapping
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

_LASTING: Final = "public, max-age=31536000, immutable"
"""A browser keeps a file for a year, and does not ask (RFC 8246)."""

_VERSION: Final = re.compile(r"/[0-9a-f]{12}(?=/)")

_REFERENCE: Final = re.compile(rb' (href|src|data-words)="([\w./-]+)"')
"""Where a page names a file, or the folder of its words."""


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
    """All files of ``folder``, each under its own name, and below the ``version`` of all; a folder's
    ``index.html`` under the folder's, with a slash at its end or without.

    One route that looks a path up: there are hundreds of files, a page sends for dozens at once, and a list
    of routes is tried from its beginning for each.
    """

    def __init__(self, folder: Path = WEB) -> None:
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        files = {f"/{path.relative_to(folder).as_posix()}": read_web_file(path) for path in paths}
        self.version = _hash_all(files)
        self._routes: dict[str, Route] = {}
        self._versioned: dict[str, Route] = {}
        for name, file in files.items():
            if name.endswith(f"/{INDEX}"):
                parent = name.removesuffix(INDEX)
                page = _name_versions(parent, file, files, self.version)
                for address in {parent, parent.rstrip("/") or "/"}:
                    self._routes[address] = file_route(address, page)
            else:
                self._routes[name] = file_route(name, file)
                self._versioned[name] = file_route(f"/{{version}}{name}", file, self.version)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether there is a file at the path that is asked for."""
        route = self._find(scope["path"]) if scope["type"] == "http" else None
        return route.matches(scope) if route is not None else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the file."""
        route = self._find(scope["path"])
        assert route is not None
        await route.handle(scope, receive, send)

    def _find(self, path: str) -> Route | None:
        versioned = _VERSION.match(path)
        return self._versioned.get(path[versioned.end() :]) if versioned else self._routes.get(path)


def _hash_all(files: Mapping[str, WebFile]) -> str:
    """A version: the same in every gateway that has the same files."""
    parts = (f"{name}\0{file.tag}\0".encode() for name, file in files.items())
    return sha256(b"".join(parts)).hexdigest()[:12]


def _name_versions(parent: str, page: WebFile, files: Mapping[str, WebFile], version: str) -> WebFile:
    """The page in the folder ``parent``, with what it names of ``files`` below the version."""

    def name(reference: re.Match[bytes]) -> bytes:
        named = posixpath.join(parent, reference[2].decode())
        path = posixpath.normpath(named) + "/" * named.endswith("/")
        is_folder = path.endswith("/") and any(one.startswith(path) for one in files)
        if not is_folder and path not in files:
            return reference[0]
        return b' %b="/%b%b"' % (reference[1], version.encode(), path.encode())

    return pack(_REFERENCE.sub(name, page.plain), page.media_type)


def file_route(address: str, file: WebFile, version: str = "") -> Route:
    """Where a file is asked for. Of an ``address`` with a place for ``{version}``, what is asked for as the
    ``version`` that it is of may be kept."""

    async def show(request: Request) -> Response:
        lasts = version != "" and request.path_params["version"] == version
        headers = {
            "ETag": file.tag,
            "Cache-Control": _LASTING if lasts else _REVALIDATE,
            "Vary": "Accept-Encoding",
        }
        if file.tag in request.headers.get("If-None-Match", ""):
            return Response(status_code=304, headers=headers)
        body = file.plain
        if "gzip" in request.headers.get("Accept-Encoding", "") and len(file.compressed) < len(body):
            body = file.compressed
            headers["Content-Encoding"] = "gzip"
        return Response(body, media_type=file.media_type, headers=headers)

    return Route(address, show)
