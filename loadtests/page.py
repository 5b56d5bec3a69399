"""A result as one HTML file: the verdict first, then what it rests on.

It needs nothing but itself: no script, no font, no picture from elsewhere, so that it can be mailed, kept and
opened in ten years. All that comes from a result is escaped (``markup``).
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from markupsafe import Markup

from loadtests.diagnosis import diagnose, list_reasons, list_settings, write_command
from loadtests.distributions import plot_distribution
from loadtests.markup import (
    Cell,
    Table,
    join,
    write_document,
    write_facts,
    write_list,
    write_paragraph,
    write_section,
    write_table,
)
from loadtests.measures import Summary
from loadtests.plots import draw
from loadtests.result import Action, Check, Result, Verdict
from loadtests.timelines import plot_samples, plot_timeline
from loadtests.wording import (
    word_bytes,
    word_figure,
    word_instant,
    word_milliseconds,
    word_place,
    word_seconds,
    word_setting,
    word_share,
)

MOST_FINDINGS: Final = 20
"""How many findings of a check are shown; the JSON has all of them."""

HELD: Final = Markup('<strong class="good">held</strong>')
NOT_HELD: Final = Markup('<strong class="bad">not held</strong>')

SUMMARY_HEADINGS: Final = ("count", "mean", "p50", "p90", "p99", "p99.9", "longest")

CONTENTS: Final = (
    ("verdict", "Verdict"),
    ("counts", "Counts"),
    ("latency", "Latency"),
    ("timeline", "Over time"),
    ("client", "Client"),
    ("servers", "Servers"),
    ("circumstances", "Circumstances"),
)
"""The sections: their anchors and how they are called in the list of contents."""


def render_page(result: Result) -> str:
    """The whole page."""
    body = join(
        (
            _write_header(result),
            Markup("<main>"),
            _write_verdict(result),
            _write_counts(result),
            _write_latency(result),
            _write_timeline(result),
            _write_client(result),
            _write_servers(result),
            _write_circumstances(result),
            Markup("</main>\n"),
        )
    )
    verdict = "held" if result.held else "not held"
    return write_document(f"{result.scenario}: {verdict}, {word_instant(result.started_at)}", body)


def summarize(summary: Summary) -> list[str]:
    """A distribution's cells, under ``SUMMARY_HEADINGS``."""
    if not summary.count:
        return ["0", "", "", "", "", "", ""]
    values = (summary.mean, summary.p50, summary.p90, summary.p99, summary.p999, summary.longest)
    return [word_figure(summary.count), *map(word_milliseconds, values)]


def _write_header(result: Result) -> Markup:
    facts = (
        ("Gateway", word_place(result.url)),
        ("Started", word_instant(result.started_at)),
        ("Lasted", word_seconds(result.seconds)),
        ("Sockets", word_figure(result.sockets)),
    )
    links = join(Markup('<a href="#{}">{}</a> ').format(anchor, name) for anchor, name in CONTENTS)
    return Markup(
        '<header><p class="over">Livelot, load test</p><h1>{}</h1>{}'
        '<nav aria-label="Contents">{}</nav></header>\n'
    ).format(result.scenario, write_facts(facts), links)


def _write_verdict(result: Result) -> Markup:
    reasons = list_reasons(result)
    if result.held:
        checked = sum(check.checked for check in result.checks)
        words = f"{word_figure(checked)} cases were checked and none was wrong"
        reasons = [f"{words}; every threshold was kept." if result.verdicts else f"{words}."]
    headline = Markup('<p class="headline">{} {}</p>').format(
        Markup('<span aria-hidden="true">{}</span>').format("✓" if result.held else "✗"),
        "Held" if result.held else "Not held",
    )
    kind = "good" if result.held else "bad"
    panel = Markup('<div class="panel {}">{}{}</div>\n').format(kind, headline, write_list(reasons))
    return write_section(
        "verdict", "Verdict", panel, _write_tiles(result), _write_thresholds(result), _write_checks(result)
    )


def _write_tiles(result: Result) -> Markup:
    """The figures that everybody asks for first."""
    actions = result.actions
    due = sum(action.due for action in actions.values())
    acknowledged = sum(action.acknowledged for action in actions.values())
    wrong = sum(sum(action.refused.values()) + action.unanswered for action in actions.values())
    rate = word_figure(acknowledged / result.seconds) if result.seconds else "0"
    tiles = [("acknowledged a second", rate), ("refused or unanswered", word_share(wrong, due) or "none")]
    name, action = max(actions.items(), key=lambda item: item[1].latency.count, default=("", None))
    if action is not None and action.latency.count:
        tiles.insert(1, (f"p50 of {name}", word_milliseconds(action.latency.p50)))
        tiles.insert(2, (f"p99 of {name}", word_milliseconds(action.latency.p99)))
    if result.lateness.count:
        tiles.append(("p99 of the crowd's lateness", word_milliseconds(result.lateness.p99)))
    items = join(Markup("<div><dd>{}</dd><dt>{}</dt></div>").format(value, name) for name, value in tiles)
    return Markup('<dl class="tiles">{}</dl>\n').format(items)


def _write_thresholds(result: Result) -> Markup:
    if not result.verdicts:
        return write_paragraph("The scenario has no thresholds.", "quiet")

    def write_row(verdict: Verdict) -> list[Cell]:
        value = "unknown" if verdict.value is None else word_figure(verdict.value)
        return [verdict.name, value, word_figure(verdict.limit), HELD if verdict.held else NOT_HELD]

    return write_table(
        Table(
            caption="Thresholds",
            headings=("threshold", "came to", "limit", ""),
            rows=[write_row(verdict) for verdict in result.verdicts],
            words=frozenset({0, 3}),
        )
    )


def _write_checks(result: Result) -> Markup:
    if not result.checks:
        return Markup("")

    def write_row(check: Check) -> list[Cell]:
        findings = len(check.findings)
        return [
            check.name,
            word_figure(check.checked),
            word_figure(findings),
            NOT_HELD if findings else HELD,
        ]

    table = Table(
        caption="Checks of the results",
        headings=("promise", "cases", "broken", ""),
        rows=[write_row(check) for check in result.checks],
        words=frozenset({0, 3}),
    )
    return join([write_table(table), *(_write_findings(check) for check in result.checks if check.findings)])


def _write_findings(check: Check) -> Markup:
    more = len(check.findings) - MOST_FINDINGS
    items: list[Cell] = [Markup("<code>{}</code>").format(words) for words in check.findings[:MOST_FINDINGS]]
    if more > 0:
        items.append(f"… and {word_figure(more)} more, which the result's JSON has.")
    return Markup('<div class="findings"><h3>{}</h3>{}</div>\n').format(check.name, write_list(items))


def _write_counts(result: Result) -> Markup:
    def write_row(name: str, action: Action) -> list[Cell]:
        counts = (
            action.due,
            action.acknowledged,
            sum(action.refused.values()),
            action.unanswered,
            action.passed,
        )
        rate = action.acknowledged / result.seconds if result.seconds else 0.0
        return [name, *map(word_figure, counts), word_figure(rate)]

    rows = [write_row(name, action) for name, action in result.actions.items()]
    marked: frozenset[int] = frozenset()
    if len(result.actions) > 1:
        marked = frozenset({len(rows)})
        rows.append(write_row("all", add_up(result.actions.values())))
    table = Table(
        caption="What became of each action",
        headings=(
            "action",
            "due",
            "acknowledged",
            "refused",
            "unanswered",
            "passed",
            "acknowledged a second",
        ),
        rows=rows,
        marked=marked,
    )
    words = (
        "Passed: there was nothing that its member could do, such as no open auction that it could afford."
    )
    return write_section(
        "counts",
        "Counts",
        write_table(table),
        write_paragraph(words, "quiet"),
        _write_refusals(result),
        _write_other_counts(result),
    )


def _write_other_counts(result: Result) -> Markup:
    rows = [(words, word_figure(count)) for words, count in result.told_counts.items()]
    if not rows:
        return Markup("")
    return write_table(
        Table(caption="Beside the actions", headings=("what", "count"), rows=rows, words=frozenset({0}))
    )


def add_up(actions: Iterable[Action]) -> Action:
    """All actions as one, their latencies left out: percentiles cannot be added."""
    due = acknowledged = unanswered = passed = 0
    refused: Counter[str] = Counter()
    for action in actions:
        due += action.due
        acknowledged += action.acknowledged
        unanswered += action.unanswered
        passed += action.passed
        refused.update(action.refused)
    return Action(
        due=due, acknowledged=acknowledged, refused=dict(refused), unanswered=unanswered, passed=passed
    )


def _write_refusals(result: Result) -> Markup:
    rows = [
        (code, name, word_figure(count), word_share(count, action.due))
        for name, action in result.actions.items()
        for code, count in sorted(action.refused.items(), key=lambda item: -item[1])
        if count
    ]
    if not rows:
        return write_paragraph("Nothing was refused.", "quiet")
    return write_table(
        Table(
            caption="Refusals by code",
            headings=("code", "action", "count", "share of the action"),
            rows=rows,
            words=frozenset({0, 1}),
        )
    )


def _write_latency(result: Result) -> Markup:
    table = Table(
        caption="Latency by action, from when each was due to its answer",
        headings=("action", *SUMMARY_HEADINGS),
        rows=[(name, *summarize(action.latency)) for name, action in result.actions.items()],
    )
    plot = plot_distribution(result)
    drawing = write_paragraph("No histogram was kept.", "quiet") if plot is None else draw(plot)
    return write_section("latency", "Latency", write_table(table), drawing)


def _write_timeline(result: Result) -> Markup:
    plots = plot_timeline(result)
    if not plots:
        return write_section("timeline", "Over time", write_paragraph("No second was recorded.", "quiet"))
    return write_section("timeline", "Over time", *map(draw, plots))


def _write_client(result: Result) -> Markup:
    diagnosis = diagnose(result)
    kind = "warn" if diagnosis.client else "plain"
    table = Table(
        caption="By how much the crowd was behind its schedule",
        headings=("", *SUMMARY_HEADINGS),
        rows=[("lateness", *summarize(result.lateness))],
    )
    panel = Markup('<div class="panel {}">{}</div>\n').format(
        kind, join(map(write_paragraph, diagnosis.sentences))
    )
    return write_section("client", "Was the client the bottleneck?", panel, write_table(table))


def _write_servers(result: Result) -> Markup:
    plots = plot_samples(result)
    if not plots:
        words = "No process was sampled, and no gateway told of itself: what the load cost is not known."
        return write_section("servers", "Servers", write_paragraph(words, "quiet"))
    return write_section(
        "servers", "Servers", Markup('<div class="plots">{}</div>').format(join(map(draw, plots)))
    )


def _write_circumstances(result: Result) -> Markup:
    machine = result.machine
    facts = (
        ("System", machine.system),
        ("Processor", machine.processor),
        ("Cores", word_figure(machine.cores)),
        ("Memory", word_bytes(machine.memory)),
    )
    settings = [(name, word_setting(name, value)) for name, value in list_settings(result).items()]
    return write_section(
        "circumstances",
        "Circumstances",
        Markup("<h3>The machine that the load came from</h3>\n"),
        write_facts(facts),
        Markup("<h3>Versions</h3>\n"),
        write_facts(machine.versions.items()),
        Markup("<h3>Settings</h3>\n"),
        write_facts(settings) if settings else write_paragraph("There were none.", "quiet"),
        Markup("<h3>To run it again</h3>\n"),
        Markup('<pre tabindex="0"><code>{}</code></pre>\n').format(write_command(result)),
        write_paragraph("Secrets are not in this file: give --token-secret, as before.", "quiet"),
    )
