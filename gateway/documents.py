"""OpenAPI 3.1 and AsyncAPI 3.0 documents, from the operations table.

Schemas are msgspec's, of the very structs that requests are decoded into and replies are encoded from. Fields
that stand in an HTTP request's path, query or headers are taken out of its body's schema.
"""

from functools import cache
from typing import Any, Final

import msgspec

from engine import answers
from engine.prices.answers import ShownPrices
from engine.raffles.answers import LiveRaffles, RaffleView
from gateway.operations import OPERATIONS, Operation, Row
from gateway.operations.downloads import DOWNLOADS, Download
from gateway.operations.socket import SOCKET_METHODS
from gateway.overview import NOW, NowView
from gateway.wire import ALL_CODES, ENCODINGS, MESSAGEPACK

VERSION: Final = "1"

ROWS: Final[tuple[Row, ...]] = (*OPERATIONS, *SOCKET_METHODS)

TOPICS: Final = (
    (
        "auctions",
        answers.LiveAuctions,
        "What ends soonest; at most twice a second, and less often the longer it is.",
    ),
    ("auction:{auction}", answers.AuctionView, "One auction; at most 20 times a second."),
    ("raffles", LiveRaffles, "What closes soonest; as often as auctions."),
    ("raffle:{raffle}", RaffleView, "One raffle, its lock and its places; at most 5 times a second."),
    ("me", answers.MeView, "The member's own points, bids and raffles; at once."),
    (
        "prices",
        ShownPrices,
        "What the experiences that the client shows cost the member: all of them when it subscribes, then "
        "those whose price changed; at most 20 times a second.",
    ),
    (
        NOW,
        NowView,
        "What goes on, for managers and operators: what is live, how fast, what is wrong, who was told of "
        "tuned rules; once a second.",
    ),
)
"""What can be subscribed to, the state that is pushed, and how often."""

HEADERS: Final = {
    "key": (
        "Idempotency-Key",
        "New for each command; a command that is sent again under its key is not done again.",
    ),
    "not_after": (
        "Livelot-Not-After",
        "The instant (ms) after which the command must not be applied any more, and its key is forgotten; "
        "send the same with the same key. Default: in a minute; with an Idempotency-Key, in a day.",
    ),
    "position": ("Livelot-Position", "A position that the gateway must have reached before it answers."),
}
"""The fields of a request that HTTP has in headers, by their names over a socket."""

Json = dict[str, Any]


@cache
def schemas() -> Json:
    """JSON Schemas by name: of all requests, replies and topics."""
    return _described()[1] | {"Problem": _PROBLEM, "Failure": _FAILURE, "Id": _ID}


@cache
def _described() -> tuple[dict[type[msgspec.Struct], Json], Json]:
    """References by struct, and schemas by name."""
    structs = [struct for row in ROWS for struct in (row.request, row.reply)]
    structs += [state for _, state, _ in TOPICS]
    structs += [download.content for download in DOWNLOADS]
    references, components = msgspec.json.schema_components(
        structs, ref_template="#/components/schemas/{name}"
    )
    return dict(zip(structs, references, strict=True)), components


def build_openapi() -> Json:
    """The OpenAPI document of ``/v1``."""
    paths: dict[str, Json] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _http_operation(operation)
    for download in DOWNLOADS:
        paths.setdefault(download.path, {})["get"] = _download(download)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Livelot",
            "version": VERSION,
            "description": "Live auctions, raffles that anyone can check, and experiences at live prices.",
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "responses": {
                "Problem": {
                    "description": "A refusal (RFC 9457); nothing was changed.",
                    "content": {"application/problem+json": {"schema": _refer("Problem")}},
                }
            },
        },
    }


def build_asyncapi() -> Json:
    """The AsyncAPI document of ``/v1/socket``."""
    messages: Json = {}
    operations: Json = {}
    for row in ROWS:
        messages[f"{row.name}.request"] = _message(row.words, _request_schema(row.name, row.request))
        messages[f"{row.name}.reply"] = _message("", _reply_schema(row.reply))
        operations[row.name] = {
            "action": "receive",
            "channel": {"$ref": "#/channels/socket"},
            "summary": _first_line(row.words),
            "messages": [_message_reference(f"{row.name}.request")],
            "reply": {
                "channel": {"$ref": "#/channels/socket"},
                "messages": [_message_reference(f"{row.name}.reply"), _message_reference("failure")],
            },
        }
    messages["failure"] = _message("A call that was refused.", _refer("Failure"))
    for topic, state, words in TOPICS:
        name = f"push.{topic.partition(':')[0]}"
        messages[name] = _message(words, _push_schema(topic, state))
        operations[name] = {
            "action": "send",
            "channel": {"$ref": "#/channels/socket"},
            "summary": words,
            "messages": [_message_reference(name)],
        }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Livelot", "version": VERSION, "description": _SOCKET_WORDS},
        "defaultContentType": "application/json",
        "channels": {"socket": {"address": "/v1/socket", "messages": messages}},
        "operations": operations,
        "components": {"schemas": schemas()},
    }


def schema_of(struct: type[msgspec.Struct]) -> Json:
    """The schema of one of the table's structs."""
    schema: Json = schemas()[_refer_to(struct)["$ref"].rpartition("/")[2]]
    return schema


def _http_operation(operation: Operation) -> Json:
    schema = schema_of(operation.request)
    own = {
        name: field
        for name, field in schema["properties"].items()
        if name not in HEADERS and name not in operation.path_names
    }
    required = [name for name in schema.get("required", ()) if name in own]
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": schema["properties"][name]}
        for name in operation.path_names
    ]
    if operation.method == "GET":
        parameters += [{"name": name, "in": "query", "schema": field} for name, field in own.items()]
    parameters += [
        {
            "name": header,
            "in": "header",
            "description": words,
            "schema": schema["properties"][name]["anyOf"][0],
        }
        for name, (header, words) in HEADERS.items()
        if name in schema["properties"]
    ]
    described: Json = {
        "operationId": operation.name,
        "summary": _first_line(operation.words),
        "description": f"{operation.words}\n\nFor the roles {', '.join(operation.role_names)}.",
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "Done.",
                "headers": {"Livelot-Position": {"schema": {"type": "string"}}},
                "content": {"application/json": {"schema": _refer_to(operation.reply)}},
            },
            "default": {"$ref": "#/components/responses/Problem"},
        },
    }
    if operation.method != "GET":
        body = {"type": "object", "properties": own, "required": required, "additionalProperties": False}
        described["requestBody"] = {
            "required": bool(required),
            "content": {"application/json": {"schema": body}},
        }
    return described


def _download(download: Download) -> Json:
    described = {
        "description": "The file.",
        "headers": {"ETag": {"schema": {"type": "string"}}},
        "content": {"application/json": {"schema": _refer_to(download.content)}},
    }
    names = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in download.path_names
    ]
    return {
        "operationId": download.name,
        "summary": _first_line(download.words),
        "description": f"{download.words}\n\nFor every role.",
        "parameters": names,
        "responses": {
            "200": described,
            "304": {"description": "The caller has this very file already (If-None-Match)."},
            "default": {"$ref": "#/components/responses/Problem"},
        },
    }


def _request_schema(name: str, request: type[msgspec.Struct]) -> Json:
    schema = schema_of(request)
    members = {
        "jsonrpc": {"const": "2.0"},
        "id": _refer("Id"),
        "method": {"const": name},
        "params": _refer_to(request),
    }
    required = ["jsonrpc", "method", *(["params"] if schema.get("required") else [])]
    return {"type": "object", "properties": members, "required": required, "additionalProperties": False}


def _reply_schema(reply: type[msgspec.Struct]) -> Json:
    members = {
        "jsonrpc": {"const": "2.0"},
        "id": _refer("Id"),
        "result": _refer_to(reply),
        "position": {"type": "string"},
    }
    return {"type": "object", "properties": members, "required": list(members)}


def _push_schema(topic: str, state: type[msgspec.Struct]) -> Json:
    parameters = {
        "topic": {"type": "string", "examples": [topic]},
        "position": {"type": "string"},
        "state": {"anyOf": [_refer_to(state), {"type": "null"}]},
    }
    members = {
        "jsonrpc": {"const": "2.0"},
        "method": {"const": "push"},
        "params": {"type": "object", "properties": parameters, "required": list(parameters)},
    }
    return {"type": "object", "properties": members, "required": list(members)}


def _message(words: str, payload: Json) -> Json:
    return {"description": words, "payload": payload} if words else {"payload": payload}


def _message_reference(name: str) -> Json:
    return {"$ref": f"#/channels/socket/messages/{name}"}


def _refer_to(struct: type[msgspec.Struct]) -> Json:
    return _described()[0][struct]


def _refer(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _first_line(words: str) -> str:
    return words.partition("\n")[0]


_ID: Final[Json] = {
    "type": ["integer", "string", "null"],
    "description": "Chosen by the client; a reply repeats it.",
}

_CODE: Final[Json] = {"enum": sorted(ALL_CODES), "description": "What is wrong; /reference explains each."}

_PROBLEM: Final[Json] = {
    "type": "object",
    "description": "A refusal. Details, such as the least that would do, stand beside these members.",
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": _CODE,
    },
    "required": ["type", "title", "status", "detail", "code"],
}

_FAILURE: Final[Json] = {
    "type": "object",
    "properties": {
        "jsonrpc": {"const": "2.0"},
        "id": _refer("Id"),
        "error": {
            "type": "object",
            "properties": {
                "code": {"type": "integer"},
                "message": {"type": "string"},
                "data": {"type": "object", "properties": {"code": _CODE}, "required": ["code"]},
            },
            "required": ["code", "message", "data"],
        },
    },
    "required": ["jsonrpc", "id", "error"],
}

_SOCKET_WORDS: Final = (
    f"JSON-RPC 2.0 over one WebSocket. Subprotocols: {', '.join(ENCODINGS)}; "
    f"{MESSAGEPACK.subprotocol} has the same objects in MessagePack. The token comes in the "
    "Authorization header, or in the first call, authenticate."
)
