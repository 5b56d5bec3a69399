"""The reference page: everything is on it, every link on it leads somewhere, and nothing comes from
elsewhere."""

import re

from gateway.operations import OPERATIONS
from gateway.operations.downloads import DOWNLOADS
from gateway.operations.socket import SOCKET_METHODS
from gateway.reference import render_reference
from gateway.wire import ALL_CODES

PAGE = render_reference()


def test_everything_is_on_it() -> None:
    anchors = re.findall(r'id="([^"]+)"', PAGE)
    assert len(anchors) == len(set(anchors))
    for name in (*(row.name for row in (*OPERATIONS, *DOWNLOADS, *SOCKET_METHODS)), *ALL_CODES):
        assert name in anchors
    for topic in ("auction:{auction}", "auctions", "me"):
        assert f"<code>{topic}</code>" in PAGE
    for code in ("1003", "1007", "4001", "4002", "4003", "4100", "4101", "4102"):
        assert f"<td>{code}</td>" in PAGE


def test_links_lead_somewhere() -> None:
    anchors = set(re.findall(r'id="([^"]+)"', PAGE))
    links = set(re.findall(r'<a href="([^"]+)"', PAGE))
    assert {link.removeprefix("#") for link in links if link.startswith("#")} <= anchors
    assert {link for link in links if not link.startswith("#")} == {"/openapi.json", "/asyncapi.json"}
    assert "<script" not in PAGE
    assert "src=" not in PAGE
    assert "``" not in PAGE
