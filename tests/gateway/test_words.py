"""The words of the pages: every language has the same ones, with the same places, in its own plural forms;
and what ``words.js`` makes of them, and of numbers and times, in a real Chromium."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from engine.auction import state as auctions
from engine.raffles import state as raffles
from engine.rewards import state as rewards
from engine.views import FATES
from gateway.operations import OPERATIONS
from gateway.web_files import WEB
from rules.scope import DIMENSIONS
from tests.gateway.browsing import demo_world, open_tab, with_browser
from tests.gateway.harness import OpenWorld, Run

PLURALS: Final = {
    "en": {"one", "other"},
    "fr": {"one", "many", "other"},
    "es": {"one", "many", "other"},
    "ar": {"zero", "one", "two", "few", "many", "other"},
}
"""The plural forms of each language (Unicode CLDR 46, plurals.xml: cardinals)."""

COUNTLESS: Final = {"zero", "one", "two"}
"""The forms that stand for one number, so that they may leave it out."""

FOLDERS: Final = sorted({path.parent for path in WEB.rglob("words/**/en.js")})

Word = str | dict[str, str]


def read_words(path: Path) -> dict[str, Word]:
    """What a file of words exports: ``export default { … };``, a string or an object of strings a key."""
    written = path.read_text()
    body = written[written.index("export default") + len("export default") :].strip().removesuffix(";")
    body = re.sub(r"(?<=[{ ])(zero|one|two|few|many|other):", r'"\1":', body)
    pairs = json.loads(re.sub(r",(\s*})", r"\1", body), object_pairs_hook=_once)
    assert isinstance(pairs, dict)
    return pairs


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    assert len(set(names)) == len(names), (
        f"twice: {sorted({name for name in names if names.count(name) > 1})}"
    )
    return dict(pairs)


def places_of(word: Word) -> set[str]:
    text = word if isinstance(word, str) else word["other"]
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(WEB)))
@pytest.mark.parametrize("language", PLURALS)
def test_every_language_has_the_same_words_places_and_its_own_plurals(folder: Path, language: str) -> None:
    english, own = read_words(folder / "en.js"), read_words(folder / f"{language}.js")
    assert english.keys() - own.keys() == set(), "missing"
    assert own.keys() - english.keys() == set(), "not in English"
    for key, word in own.items():
        wanted = places_of(english[key])
        assert isinstance(word, dict) == isinstance(english[key], dict), (
            f"{key}: a plural in one language only"
        )
        if isinstance(word, str):
            assert places_of(word) == wanted, key
            continue
        assert set(word) == PLURALS[language], f"{key}: its forms are {sorted(PLURALS[language])}"
        for form, text in word.items():
            missing = wanted - places_of(text)
            assert not places_of(text) - wanted, (key, form)
            assert missing <= ({"count"} if form in COUNTLESS else set()), (key, form)


CASES: Final[dict[str, list[tuple[str, str | float]]]] = {
    "en": [
        ("w.t('count.points', { count: 1 })", "1 point"),
        ("w.t('count.points', { count: 12345 })", "12,345 points"),
        ("w.formatLeft(3_900_000)", "1 h 05 min"),
        ("w.formatLeft(245_000)", "4:05"),
        ("w.formatLeft(9_340)", "0:09.3"),
        ("w.formatLength(20_000)", "20 seconds"),
        ("w.formatAgo(130_000)", "2 min. ago"),
        ("w.formatMoney(1250, 'EUR', 2)", "€12.50"),
        ("w.formatShare(9500)", "95%"),
        ("w.formatList(['Gold', 'Silver'], 'disjunction')", "Gold or Silver"),
        ("w.parseNumber('1,000 000')", 1_000_000),
        ("String(w.parseNumber('much'))", "NaN"),
        ("w.isolate('سيارة')", "\u2068سيارة\u2069"),
        ("w.isolate('Opera')", "Opera"),
    ],
    "fr-CH,en": [
        ("w.t('count.points', { count: 0 })", "0 point"),
    ],
    "fr": [
        ("w.t('count.points', { count: 2000000 })", "2 000 000 de points"),
        ("w.formatLength(60_000)", "1 minute"),
        ("w.formatMoney(1250, 'JPY', 0)", "1 250 JPY"),
    ],
    "es": [
        ("w.t('count.points', { count: 12345 })", "12.345 puntos"),
    ],
    "ar-EG": [
        ("w.t('count.points', { count: 5 })", "٥ نقاط"),
        ("w.t('count.points', { count: 2 })", "نقطتين"),
        ("w.t('count.points', { count: 12 })", "١٢ نقطة"),
        ("w.formatLeft(245_000)", "٤:٠٥"),
    ],
    "de,ar-AE": [
        ("[w.language, w.direction, w.formatNumber(1234)].join()", "ar,rtl,1,234"),
    ],
    "de,pt": [
        ("[w.language, w.direction, document.documentElement.dir].join()", "en,ltr,ltr"),
    ],
    "ar": [
        ("w.formatLength(120_000)", "دقيقتان"),
        ("w.parseNumber('١٢٬٣٤٥')", 12_345),
        ("w.isolate('Opera')", "\u2068Opera\u2069"),
    ],
    "en-GB": [
        ("w.formatDay(0)", "1 Jan 1970"),
    ],
}
"""What an expression comes to for a reader of these languages; ``w`` is ``words.js``."""


@with_browser
@pytest.mark.parametrize("languages", CASES)
def test_words_numbers_and_times_are_the_readers(
    run: Run, world: OpenWorld, browser: str, languages: str
) -> None:
    async def body() -> None:
        async with demo_world(world) as here, open_tab(here, browser, languages=languages) as page:
            await page.until("document.readyState === 'complete'")
            await page.run("""import(own("words.js")).then(async (w) => {
                await w.addWords(new URL(own("words/")));
                window.w = w;
            })""")
            for script, expected in CASES[languages]:
                found = await page.run(script)
                # The kinds of spaces between figures are the reader's too.
                assert (" ".join(found.split()) if isinstance(found, str) else found) == expected, script

    run(body())


def test_every_word_that_a_module_asks_for_is_there_and_no_other() -> None:
    words = {
        key
        for folder in FOLDERS
        if folder.is_relative_to(WEB / "words")
        for key in read_words(folder / "en.js")
    }
    sources = [path.read_text() for path in [*WEB.glob("*.js"), WEB / "index.html"]]
    named = {key for text in sources for key in re.findall(r'"([a-z_]+\.[a-z_]+)"', text)}
    operations = {operation.name for operation in OPERATIONS}
    operations |= {name for name in named if name.startswith("me.")}
    missing = named - words - operations - {name for name in named if (WEB / name).exists()}
    assert missing == {"livelot.v1"} & named, "asked for, and in no file of words"
    asked = {key for key in words if any(re.fullmatch(pattern, key) for pattern in _patterns(sources))}
    assert words - named - asked == set(), "in the files of words, and asked for by nothing"


CONSOLE: Final = WEB / "console"

AUCTION_STATUSES: Final = {
    *(auctions.DRAFT, auctions.SCHEDULED, auctions.OPEN, auctions.PAUSED, auctions.CLOSING),
    *(auctions.SETTLED, auctions.UNSOLD, auctions.CANCELLED),
}

SAID: Final[dict[tuple[str, str], set[str]]] = {
    ("auctions", "auction.status_"): AUCTION_STATUSES,
    ("auctions", "auction.fate_"): {*FATES} - {"standing"},
    ("raffles", "raffle.status_"): {
        *(raffles.DRAFT, raffles.SCHEDULED, raffles.OPEN, raffles.LOCKED),
        *(raffles.DRAWN, raffles.SETTLED, raffles.VOID),
    },
    ("raffles", "raffle.fate_"): {
        *(raffles.OFFERED, raffles.RESERVE, raffles.CLAIMED, raffles.DECLINED),
        *(raffles.FORFEITED, raffles.LAPSED, raffles.WITHDRAWN),
    },
    ("members", "member.auction_"): AUCTION_STATUSES,
    ("members", "member.redemption_"): {
        *(rewards.AWAITING_PAYMENT, rewards.PENDING, rewards.CONFIRMED),
        *(rewards.CANCELLED, rewards.LAPSED, rewards.REFUNDED),
    },
    ("members", "member.not_"): {
        *(dimension.field for dimension in DIMENSIONS),
        *("schedule", "limit", "budget", "group"),
    },
}
"""What the engine may say, by the console's view and the beginning of the keys of its words."""


@pytest.mark.parametrize(("view", "beginning"), SAID)
def test_the_console_has_words_for_whatever_the_engine_may_say(view: str, beginning: str) -> None:
    words = read_words(CONSOLE / "words" / view / "en.js")
    assert {beginning + said for said in SAID[view, beginning]} - words.keys() == set()


def test_every_word_that_the_console_asks_for_is_there_and_no_other() -> None:
    own = {
        key for folder in FOLDERS if folder.is_relative_to(CONSOLE) for key in read_words(folder / "en.js")
    }
    lent = {key for name in ("words", "words/draw") for key in read_words(WEB / name / "en.js")}
    sources = [path.read_text() for path in CONSOLE.glob("*.js")]
    named = {key for text in sources for key in re.findall(r'\bt\("([a-z_]+\.[a-z_]+)"', text)}
    assert named - own - lent == set(), "asked for, and in no file of words"
    asked = {key for key in own if any(re.fullmatch(pattern, key) for pattern in _patterns(sources))}
    quoted = {key for text in sources for key in re.findall(r'"([a-z_]+\.[a-z_]+)"', text)}
    assert own - quoted - asked == set(), "in the files of words, and asked for by nothing"


def _patterns(sources: list[str]) -> list[str]:
    """What the keys look like that are put together from pieces."""
    return [
        re.sub(r"\\\$\\\{.*?\\\}", r"\\w*", re.escape(template))
        for text in sources
        for template in re.findall(r"`([a-z_]+\.[^`\s]*\$\{[^`]*)`", text)
    ]


def test_no_module_has_words_of_its_own() -> None:
    sentence = re.compile(r"""["'`][A-Z][a-z’]+(?: [\w’$]+)+[^"'`]*["'`]""")
    for path in sorted(WEB.glob("*.js")):
        code = re.sub(r"/\*.*?\*/|^\s*//[^\n]*", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)
        for line in code.splitlines():
            # What goes wrong inside is told to whoever reads the console, in English.
            if not re.search(r"Lost\(|Error\(|reason: |console\.|Bearer", line):
                assert not sentence.search(line), f"{path.name}: {line.strip()}"
