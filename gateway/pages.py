"""What a gateway serves beside the operations: health, metrics, documents, the pages for people.

``/health`` says that the process lives, ``/ready`` that it may be sent requests: its replica has caught up
and is not stopped. Both are for whoever starts and balances gateways.
"""

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway import documents, problems
from gateway.clock import now
from gateway.lobby import Lobby
from gateway.reference import render_reference
from gateway.web_files import WebFiles, file_route, pack


def page_routes(lobby: Lobby) -> list[BaseRoute]:
    """All of them, the files of ``web`` included."""
    openapi = msgspec.json.encode(documents.build_openapi())
    asyncapi = msgspec.json.encode(documents.build_asyncapi())
    reference = render_reference().encode()

    async def health(request: Request) -> Response:
        return _json(b'{"status":"ok"}')

    async def ready(request: Request) -> Response:
        refusal = lobby.desk.refusal()
        if refusal is not None:
            return problems.respond(refusal.rejected)
        position = lobby.desk.text_of(None)
        return _json(msgspec.json.encode({"status": "ready", "position": position}))

    async def metrics(request: Request) -> Response:
        text = lobby.metrics.render(lobby.desk.replica, lobby.hub, now())
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    return [
        WebFiles(),
        Route("/health", health),
        Route("/ready", ready),
        Route("/metrics", metrics),
        file_route("/openapi.json", pack(openapi, "application/json")),
        file_route("/asyncapi.json", pack(asyncapi, "application/json")),
        file_route("/reference", pack(reference, "text/html")),
    ]


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json")
