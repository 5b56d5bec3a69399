"""A member's card: what a scanner reads is the code, and nothing in the drawing needs a style."""

import re
from typing import Any
from xml.etree import ElementTree

import pytest
import segno

from gateway.operations.card import code_of, draw_card
from tests.gateway.harness import PROGRAM, OpenWorld, Run
from tests.gateway.test_operations import DOORS

NAMESPACE = "{http://www.w3.org/2000/svg}"


def modules_of(svg: str) -> list[list[bool]]:
    """Which modules a drawing darkens, margin included: its one path is horizontal strokes."""
    drawing = ElementTree.fromstring(svg)
    size = int(drawing.attrib["viewBox"].split()[2])
    [path] = drawing.findall(f"{NAMESPACE}path")
    modules = [[False] * size for _ in range(size)]
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([^Mmh]*)", path.attrib["d"]):
        given = [float(number) for number in re.findall(r"-?\d*\.?\d+", numbers)]
        if command == "h":
            for column in range(int(x), int(x + given[0])):
                modules[int(y)][column] = True
            x += given[0]
        else:
            x, y = (given[0], given[1]) if command == "M" else (x + given[0], y + given[1])
    return modules


def test_the_drawing_is_the_code() -> None:
    card = draw_card("livelot:demo/m0001")
    modules = modules_of(card.svg)
    expected = [list(map(bool, row)) for row in segno.make_qr("livelot:demo/m0001", error="m").matrix]
    assert [row[4:-4] for row in modules[4:-4]] == expected
    margin = [*modules[:4], *modules[-4:], *(row[:4] + row[-4:] for row in modules)]
    assert not any(map(any, margin))


def test_the_drawing_needs_no_style_and_is_small() -> None:
    longest = draw_card(code_of("p" * 64, "m" * 64))
    assert len(longest.svg) < 8_000
    assert set(ElementTree.fromstring(longest.svg).attrib) == {"viewBox"}
    for unwanted in ("style", "class", "<?xml", "script", "fill=", "#fff"):
        assert unwanted not in longest.svg


@DOORS
def test_a_member_s_card(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:
            code, card = await ask(here, "m1", "member", "me.card", {})
            assert (code, card["code"]) == ("ok", f"livelot:{PROGRAM}/m1")
            assert card["svg"] == draw_card(card["code"]).svg
            assert await ask(here, "shop", "service", "me.card", {"member": "m1"}) == ("ok", card)
            assert (await ask(here, "ghost", "member", "me.card", {}))[0] == "unknown_member"

    run(body())


@pytest.mark.parametrize("text", ["livelot:a/b", "livelot:demo/anna@north:1"])
def test_a_code_is_read_back_by_its_parts(text: str) -> None:
    program, _, member = text.removeprefix("livelot:").partition("/")
    assert code_of(program, member) == text
