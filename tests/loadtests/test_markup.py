"""HTML that is well formed and cannot be broken out of."""

from html.parser import HTMLParser

from loadtests.markup import (
    Table,
    write_document,
    write_facts,
    write_list,
    write_paragraph,
    write_section,
    write_table,
)

HOSTILE = """<script>alert(1)</script>"' onload='x' &amp;"""

VOID = {"meta", "br"}


class Reader(HTMLParser):
    """Checks that every element is closed in its turn, and keeps names and texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_everything_that_is_no_markup_is_escaped() -> None:
    table = Table(caption=HOSTILE, headings=(HOSTILE, "b"), rows=[(HOSTILE, HOSTILE)])
    body = write_section(
        "a", HOSTILE, write_table(table), write_paragraph(HOSTILE), write_list([HOSTILE]), HOSTILE
    ) + write_facts([(HOSTILE, HOSTILE)])
    read = Reader(write_document(HOSTILE, body))
    assert "script" not in read.names
    assert not any(name.startswith("on") for name, _ in read.attributes)
    assert sum(HOSTILE in text for text in read.texts) == 11


def test_tables_say_what_they_are() -> None:
    table = Table(
        caption="Counts",
        headings=("action", "due"),
        rows=[("bid", "7"), ("all", "7")],
        marked=frozenset({1}),
    )
    written = str(write_table(table))
    assert "<caption><span>Counts</span></caption>" in written
    assert '<th scope="col">action</th><th scope="col" class="figure">due</th>' in written
    assert '<tr><th scope="row">bid</th><td class="figure">7</td></tr>' in written
    assert '<tr class="marked"><th scope="row">all</th>' in written


def test_a_page_asks_for_nothing_from_elsewhere() -> None:
    page = write_document("t", write_paragraph("words"))
    assert "default-src 'none'" in page
    assert not {"script", "link", "img", "iframe"} & set(Reader(page).names)
    assert "url(" not in page
    assert "@import" not in page
