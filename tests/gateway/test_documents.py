"""The documents: complete, consistent in themselves, and true of what is served."""

from collections.abc import Iterator
from typing import Any

import msgspec

from gateway.documents import build_asyncapi, build_openapi
from gateway.operations import BY_NAME, OPERATIONS
from gateway.operations.downloads import DOWNLOADS
from gateway.operations.socket import SOCKET_METHODS
from gateway.wire import ALL_CODES


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def resolve(document: Any, reference: str) -> Any:
    assert reference.startswith("#/")
    for name in reference.removeprefix("#/").split("/"):
        document = document[name]
    return document


def test_every_reference_leads_somewhere() -> None:
    for document in (build_openapi(), build_asyncapi()):
        plain = msgspec.json.decode(msgspec.json.encode(document))
        found = set(references(plain))
        assert len(found) > 30
        for reference in found:
            assert resolve(plain, reference)


def test_openapi_has_every_operation() -> None:
    document = build_openapi()
    described = {one["operationId"]: one for path in document["paths"].values() for one in path.values()}
    assert set(described) == {row.name for row in (*OPERATIONS, *DOWNLOADS)}
    for operation in OPERATIONS:
        found = document["paths"][operation.path][operation.method.lower()]
        assert found is described[operation.name]
        places = {(one["in"], one["name"]) for one in found["parameters"]}
        assert {("path", name) for name in operation.path_names} <= places
        assert ("header", "Livelot-Position") in places
        assert (("header", "Idempotency-Key") in places) == (operation.view is None)
        assert "requestBody" in found or operation.method == "GET"
    bid = described["auction.bid"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(bid["properties"]) == {"maximum", "quantity", "partial", "member"}
    assert bid["required"] == ["maximum"]
    assert bid["additionalProperties"] is False
    assert document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"] == sorted(ALL_CODES)


def test_openapi_has_every_download() -> None:
    document = build_openapi()
    for download in DOWNLOADS:
        assert all(f"{{{name}}}" in download.path for name in download.path_names)
        found = document["paths"][download.path]["get"]
        assert [(one["in"], one["name"]) for one in found["parameters"]] == [
            ("path", name) for name in download.path_names
        ]
        (schema,) = references(found["responses"]["200"])
        assert "lock" in resolve(document, schema)["properties"]


def test_asyncapi_has_every_method_and_topic() -> None:
    document = build_asyncapi()
    receives = {name for name, one in document["operations"].items() if one["action"] == "receive"}
    assert receives == set(BY_NAME) | {method.name for method in SOCKET_METHODS}
    sends = {name for name, one in document["operations"].items() if one["action"] == "send"}
    topics = ("auctions", "auction", "me", "now", "prices", "raffles", "raffle")
    assert sends == {f"push.{topic}" for topic in topics}
    message = document["channels"]["socket"]["messages"]["auction.bid.request"]
    assert message["payload"]["properties"]["method"] == {"const": "auction.bid"}


def test_nested_shapes_are_objects() -> None:
    schemas = build_openapi()["components"]["schemas"]
    assert schemas["AuctionTerms"]["properties"]["opening"]["minimum"] == 1
    assert schemas["IncrementStep"]["type"] == "object"
