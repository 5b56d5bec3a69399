"""The reference page: every operation, topic, refusal and close code, for people. One page without anything
from elsewhere."""

from collections.abc import Sequence
from html import escape
from typing import Any, Final

from gateway import wire
from gateway.documents import HEADERS, TOPICS, schema_of, schemas
from gateway.operations import OPERATIONS, Operation
from gateway.operations.downloads import DOWNLOADS, Download
from gateway.operations.socket import SOCKET_METHODS, SocketMethod
from gateway.wire import ALL_CODES, Close

_CLOSES: Final = [
    close for close in vars(wire).values() if isinstance(close, Close) and close is not wire.GONE
]


def render_reference() -> str:
    """The page, as HTML."""
    parts = [
        "<h1>Livelot: reference</h1>",
        '<nav><a href="#operations">Operations</a><a href="#downloads">Files</a>'
        '<a href="#socket">Socket</a><a href="#topics">Topics</a>'
        '<a href="#refusals">Refusals</a><a href="#closes">Close codes</a>'
        '<a href="/openapi.json">OpenAPI</a><a href="/asyncapi.json">AsyncAPI</a></nav>',
        "<p>Every operation can be asked for over HTTP, and over the socket <code>/v1/socket</code> "
        f"(JSON-RPC 2.0; subprotocols {_codes(wire.ENCODINGS)}). Times are milliseconds since "
        "1970, UTC; amounts are points.</p>",
        '<h2 id="operations">Operations</h2>',
        *(_operation(operation) for operation in OPERATIONS),
        "<h3>What every request may carry</h3>",
        _table(
            ("Socket", "HTTP header", ""),
            [
                (f"<code>{name}</code>", f"<code>{header}</code>", escape(words))
                for name, (header, words) in HEADERS.items()
            ],
        ),
        '<h2 id="downloads">Files</h2>',
        "<p>Over HTTP alone.</p>",
        *(_download(download) for download in DOWNLOADS),
        '<h2 id="socket">What only the socket understands</h2>',
        *(_operation(method) for method in SOCKET_METHODS),
        '<h2 id="topics">Topics</h2>',
        _table(
            ("Topic", "State", ""),
            [
                (f"<code>{escape(topic)}</code>", _link(state.__name__), escape(words))
                for topic, state, words in TOPICS
            ],
        ),
        '<h2 id="refusals">Refusals</h2>',
        _table(("Code", "Number", "HTTP status"), [_refusal(name) for name in ALL_CODES]),
        '<h2 id="closes">Close codes</h2>',
        "<p>4000–4099: do not come back as you are. 4100–4199: come back.</p>",
        _table(("Code", ""), [(str(close.code), escape(close.words)) for close in _CLOSES]),
        '<h2 id="shapes">Shapes</h2>',
        *(_shape(name, schema) for name, schema in sorted(schemas().items())),
    ]
    body = "\n".join(parts)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Livelot: reference</title>'
        '<meta name="viewport" content="width=device-width">'
        f'<link rel="stylesheet" href="/reference.css"></head><body>{body}</body></html>'
    )


def _operation(row: Operation | SocketMethod) -> str:
    where = f"<small>{row.method} {escape(row.path)}</small>" if isinstance(row, Operation) else ""
    who = f"For the roles {_codes(row.role_names)}." if isinstance(row, Operation) else ""
    fields = [
        (
            f"<code>{name}</code>",
            _type(field),
            "required" if name in schema_of(row.request).get("required", ()) else "",
        )
        for name, field in schema_of(row.request)["properties"].items()
        if name not in HEADERS
    ]
    return (
        f'<h3 id="{row.name}"><code>{row.name}</code> {where}</h3><p>{_prose(row.words)} {who}</p>'
        f"{_table(('Field', 'Type', ''), fields) if fields else ''}<p>Reply: {_link(row.reply.__name__)}</p>"
    )


def _download(download: Download) -> str:
    where = f"<small>GET {escape(download.path)}</small>"
    return (
        f'<h3 id="{download.name}"><code>{download.name}</code> {where}</h3>'
        f"<p>{_prose(download.words)} For every role.</p><p>File: {_link(download.content.__name__)}</p>"
    )


def _refusal(name: str) -> tuple[str, ...]:
    code = ALL_CODES[name]
    return f'<code id="{name}">{name}</code>', str(code.number), str(code.status)


def _shape(name: str, schema: dict[str, Any]) -> str:
    fields = [
        (f"<code>{field}</code>", _type(type_)) for field, type_ in schema.get("properties", {}).items()
    ]
    table = _table(("Field", "Type"), fields) if fields else ""
    return f'<h3 id="{name}"><code>{name}</code></h3><p>{_prose(schema.get("description", ""))}</p>{table}'


def _type(schema: dict[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        return _link(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "items" in schema and isinstance(schema["items"], dict):
        return f"list of {_type(schema['items'])}"
    if "enum" in schema:
        return escape(" or ".join(str(value) for value in schema["enum"]))
    kind = schema.get("type", "any")
    words = [kind if isinstance(kind, str) else " or ".join(kind)]
    for key, sign in (
        ("minimum", "≥"),
        ("maximum", "≤"),
        ("minLength", "length ≥"),
        ("maxLength", "length ≤"),
    ):
        if key in schema:
            words.append(f"{sign} {schema[key]}")
    if schema.get("default") not in (None, "", (), []):
        words.append(f"default {schema['default']}")
    return escape(", ".join(words))


def _link(name: str) -> str:
    return f'<a href="#{escape(name)}">{escape(name)}</a>'


def _codes(names: Any) -> str:
    return ", ".join(f"<code>{escape(name)}</code>" for name in names)


def _prose(words: str) -> str:
    pieces = escape(words).split("``")
    return "".join(f"<code>{piece}</code>" if index % 2 else piece for index, piece in enumerate(pieces))


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"
