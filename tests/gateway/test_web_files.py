"""How the pages' files are served."""

import gzip
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from gateway.app import SECURITY_HEADERS
from gateway.web_files import WEB, WebFiles, read_web_file
from tests.gateway.harness import OpenWorld, Run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "console").mkdir()
    (tmp_path / "index.html").write_text("<p>members</p>" * 20)
    (tmp_path / "console/index.html").write_text("<p>managers</p>" * 20)
    (tmp_path / "console/tune.js").write_text("export const tune = 1;")
    (tmp_path / "tiny.css").write_text("p{}")
    return tmp_path


def ask(run: Run, folder: Path, path: str, **headers: str) -> httpx.Response:
    async def body() -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=[WebFiles(folder)]))
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.get(
                path, headers={name.replace("_", "-"): text for name, text in headers.items()}
            )

    answers: list[httpx.Response] = []

    async def keep() -> None:
        answers.append(await body())

    run(keep())
    return answers[0]


@pytest.mark.parametrize(
    ("path", "name", "media_type"),
    [
        ("/", "index.html", "text/html; charset=utf-8"),
        ("/console", "console/index.html", "text/html; charset=utf-8"),
        ("/console/", "console/index.html", "text/html; charset=utf-8"),
        ("/console/tune.js", "console/tune.js", "text/javascript; charset=utf-8"),
        ("/tiny.css", "tiny.css", "text/css; charset=utf-8"),
    ],
)
def test_each_file_has_its_address(run: Run, folder: Path, path: str, name: str, media_type: str) -> None:
    answer = ask(run, folder, path)
    assert answer.text == (folder / name).read_text()
    assert answer.headers["content-type"] == media_type
    assert answer.headers["cache-control"] == "no-cache"


def test_a_page_names_its_files_below_their_version_and_those_are_kept(run: Run, folder: Path) -> None:
    (folder / "words").mkdir()
    (folder / "words/en.js").write_text("export default {};")
    (folder / "console/index.html").write_text(
        '<link href="/tiny.css"><script src="tune.js" data-words="../words/"></script>'
        '<a href="#/now">Now</a><a href="/reference">All</a><img src="none.svg"><a href="/v1/program">P</a>'
    )
    version = WebFiles(folder).version
    page = ask(run, folder, "/console")
    assert page.text == (
        f'<link href="/{version}/tiny.css">'
        f'<script src="/{version}/console/tune.js" data-words="/{version}/words/"></script>'
        '<a href="#/now">Now</a><a href="/reference">All</a><img src="none.svg"><a href="/v1/program">P</a>'
    )
    assert page.headers["cache-control"] == "no-cache"
    for path in ("tiny.css", "console/tune.js", "words/en.js"):
        kept = ask(run, folder, f"/{version}/{path}")
        assert kept.text == (folder / path).read_text()
        assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_the_version_is_another_once_any_file_is(run: Run, folder: Path) -> None:
    first = WebFiles(folder).version
    assert WebFiles(folder).version == first
    (folder / "console/tune.js").write_text("export const tune = 2;")
    assert WebFiles(folder).version != first
    # A page that was opened before, or came from a gateway of another version, goes on with what there is.
    late = ask(run, folder, f"/{first}/console/tune.js")
    assert (late.text, late.headers["cache-control"]) == ("export const tune = 2;", "no-cache")


@pytest.mark.parametrize("path", ["/0123456789ab", "/0123456789ab/", "/0123456789ab/console", "/01/tiny.css"])
def test_nothing_but_files_is_below_a_version(run: Run, folder: Path, path: str) -> None:
    assert ask(run, folder, path).status_code == 404


@pytest.mark.parametrize("path", ["/index.html", "/console/index.html", "/none.js", "/tune.js"])
def test_there_are_no_other_addresses(run: Run, folder: Path, path: str) -> None:
    assert ask(run, folder, path).status_code == 404


def test_who_takes_gzip_gets_it_where_it_is_shorter(run: Run, folder: Path) -> None:
    answer = ask(run, folder, "/", Accept_Encoding="br, gzip")
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < 80
    assert answer.text == (folder / "index.html").read_text()
    assert answer.headers["vary"] == "Accept-Encoding"
    for path, accepted in (("/", "identity"), ("/tiny.css", "gzip")):
        assert "content-encoding" not in ask(run, folder, path, Accept_Encoding=accepted).headers


def test_what_did_not_change_is_not_sent_again(run: Run, folder: Path) -> None:
    first = ask(run, folder, "/")
    again = ask(run, folder, "/", If_None_Match=first.headers["etag"])
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    (folder / "index.html").write_text("<p>others</p>")
    changed = ask(run, folder, "/", If_None_Match=first.headers["etag"])
    assert (changed.status_code, changed.text) == (200, "<p>others</p>")


def test_a_file_is_the_same_in_every_gateway(folder: Path) -> None:
    first, second = (read_web_file(folder / "index.html") for _ in range(2))
    assert first == second
    assert gzip.decompress(first.compressed) == first.plain


def test_comments_stay_here_and_lines_keep_their_numbers(folder: Path) -> None:
    (folder / "a.js").write_text("""/*
 * Why.
 */
import { t } from "./t.js"; // stays: it ends a line of something
  // Why not.
  /** What it is. */
export const address = `//elsewhere/*`;
const product = 2 * 3 /* stays */ * 4;
""")
    assert read_web_file(folder / "a.js").plain.decode().split("\n") == [
        *("", "", ""),
        'import { t } from "./t.js"; // stays: it ends a line of something',
        *("", ""),
        "export const address = `//elsewhere/*`;",
        "const product = 2 * 3 /* stays */ * 4;",
        "",
    ]
    (folder / "a.svg").write_text("/* a text */\n")
    assert read_web_file(folder / "a.svg").plain == b"/* a text */\n"


def test_no_text_goes_over_several_lines() -> None:
    """One of them might begin as a comment does, and would be left out."""
    for path in WEB.rglob("*.js"):
        for number, line in enumerate(read_web_file(path).plain.decode().split("\n"), 1):
            assert line.count("`") % 2 == 0, f"{path.name}:{number}"


def test_every_file_of_the_pages_has_a_media_type() -> None:
    types = {path.suffix: read_web_file(path).media_type for path in WEB.rglob("*") if path.is_file()}
    assert types == {
        ".css": "text/css",
        ".html": "text/html",
        ".js": "text/javascript",
        ".svg": "image/svg+xml",
    }


def test_pages_run_scripts_and_styles_of_their_own_files_alone(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:
            for path in ("/", "/reference"):
                answer = await here.http.get(path)
                policy = answer.headers["content-security-policy"]
                assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
                assert "<style" not in answer.text
            assert (await here.http.get("/reference.css")).status_code == 200

    assert "unsafe" not in dict(SECURITY_HEADERS)["Content-Security-Policy"]
    run(body())
