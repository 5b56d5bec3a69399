"""What a terminal shows of a plan, of what came of it, and of a preview; elsewhere it is plain text."""

import re
from datetime import datetime
from typing import Any, Final

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gateway.blueprint.blueprint import AUCTION, CAMPAIGN, EXPERIENCE, RAFFLE, SETTINGS
from gateway.blueprint.carrying_out import RULE_NOUNS, Outcome
from gateway.blueprint.difference import Change, FieldChange, Plan
from gateway.blueprint.quantities import from_milliseconds
from gateway.blueprint.reading import fields_of, unwrap, variants_of
from gateway.blueprint.writing import express
from gateway.shapes import object_shape
from rules.rule import PriceRule

NOTHING: Final = "Nothing to change."

PLAIN_WIDTH: Final = 110
"""Characters of a line of a table where no terminal says how many there are."""

LONGEST: Final = 70
"""Characters of a value in a plan; of a longer one the beginning is shown."""

_SIGNS: Final = {
    "add": ("+", "green"),
    "change": ("~", "yellow"),
    "schedule": ("~", "yellow"),
    "remove": ("-", "red"),
    "end": ("-", "red"),
}

_SHAPES: Final = {
    "settings": SETTINGS,
    "experience": EXPERIENCE,
    "campaign": CAMPAIGN,
    "rule": object_shape(PriceRule),
    "auction": AUCTION,
    "raffle": RAFFLE,
}

_PRUNED: Final = {"experience": "remove", "campaign": "end"}

_STATUS_SIGNS: Final = {"done": ("✓", "green"), "refused": ("✗", "red"), "skipped": ("·", "dim")}


def make_console() -> Console:
    """Where it is shown: standard output."""
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    return console


def show_plan(console: Console, plan: Plan) -> None:
    """All changes with the fields that differ, what is left alone, what the file does not have, and a sum."""
    for change in plan.changes:
        sign, style = _SIGNS[change.verb]
        console.print(Text(f"{sign} {change.name}{_what_more(change)}", style=style))
        for field in change.fields:
            console.print(f"    {_describe(change.noun, field)}")
    for note in plan.notes:
        console.print(Text(f"= {note.name}: {note.words}.", style="dim"))
    for noun, ids in plan.unlisted.items():
        some = ", ".join(ids[:5]) + (", …" if len(ids) > 5 else "")
        hint = f"; --prune would {_PRUNED[noun]} them" if noun in _PRUNED else ""
        words = f"Not in the file, and kept: {len(ids)} {noun}{'s' if len(ids) > 1 else ''} ({some}){hint}"
        console.print(Text(f"{words}.", style="dim"))
    console.print(_sum_up(plan) if plan.changes else NOTHING)


def show_outcome(console: Console, outcome: Outcome) -> None:
    """One line."""
    sign, style = _STATUS_SIGNS[outcome.status]
    words = outcome.words.rstrip(".")
    if outcome.status == "refused":
        words = f"refused, {outcome.code}: {words}"
    elif outcome.status == "skipped":
        words = f"not done: {words}"
    console.print(Text(f"{sign} {outcome.name}: {words}.", style=style))


def show_preview(console: Console, preview: dict[str, Any]) -> None:
    """What a draft of price rules would change."""
    console.print(
        f"{preview['changed']:,} of {preview['prices']:,} prices would change: {preview['dearer']:,} dearer, "
        f"{preview['cheaper']:,} cheaper."
    )
    _show_looks(console, preview.get("looks", []), preview.get("unseen", []))
    if not preview["changed"]:
        return
    for title, rows in (
        ("The largest rises", preview["largest_up"]),
        ("The largest cuts", preview["largest_down"]),
    ):
        if rows:
            console.print(_tabulate_changes(title, rows))
    console.print(_tabulate_bands(preview["distribution"]))


def _show_looks(console: Console, looks: list[dict[str, Any]], unseen: list[str]) -> None:
    """As of when prices were looked at, and the rules of which nothing was seen."""
    for look in looks:
        campaigns = ", ".join(look["campaigns"]) or "no campaign that rules name"
        at = from_milliseconds(look["at"], "instant")
        console.print(
            Text(
                f"As of {at}, with {campaigns} in force: {look['changed']:,} of {look['prices']:,}.",
                style="dim",
            )
        )
    if unseen:
        some = ", ".join(unseen[:5]) + (", …" if len(unseen) > 5 else "")
        words = "no campaign of theirs is scheduled for a time that was looked at, or no window is open then"
        console.print(Text(f"Not seen, what these rules change: {some} ({words}).", style="yellow"))


def _tabulate_changes(title: str, rows: list[dict[str, Any]]) -> Table:
    """Columns that are empty in all rows are left out. Cash is in minor units of the market's currency."""
    among = [name for name in ("segment", "channel") if any(row.get(name) for row in rows)]
    times = len({row.get("at", 0) for row in rows}) > 1
    cash = any(row["cash_before"] or row["cash_after"] for row in rows)
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for name in ("experience", "tier", "market", *among, *(("as of",) if times else ())):
        table.add_column(name, no_wrap=True)
    for name in ("before", "after", "change", *(("cash before", "cash after") if cash else ())):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        by = (row["after"] - row["before"]) / row["before"] if row["before"] else None
        where = [row["experience"], row["tier"], row["market"], *(row.get(name, "") for name in among)]
        where += [str(from_milliseconds(row.get("at", 0), "instant"))] if times else []
        amounts = [f"{row['before']:,}", f"{row['after']:,}", "new" if by is None else f"{by:+.1%}"]
        amounts += [f"{row['cash_before']:,}", f"{row['cash_after']:,}"] if cash else []
        table.add_row(*where, *amounts)
    return table


def _tabulate_bands(bands: list[dict[str, Any]]) -> Table:
    """How many prices change by how much, with a bar for each band."""
    table = Table(title="How much prices change", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("by")
    table.add_column("prices", justify="right")
    table.add_column("")
    most = max(band["prices"] for band in bands)
    for band in bands:
        length = -(-band["prices"] * 30 // most) if most else 0
        table.add_row(_name_band(band["least"], band["below"]), f"{band['prices']:,}", "█" * length)
    return table


def _name_band(least: int | None, below: int | None) -> str:
    """
    >>> _name_band(None, -5_000), _name_band(500, 1_000), _name_band(5_000, None)
    ('below -50%', '+5% to +10%', '+50% and more')
    """
    if least is None:
        return f"below {_percent(below or 0)}"
    return f"{_percent(least)} and more" if below is None else f"{_percent(least)} to {_percent(below)}"


def _percent(basis_points: int) -> str:
    return f"{basis_points / 100:+g}%" if basis_points else "0%"


def _what_more(change: Change) -> str:
    operations = [operation for operation, _ in change.actions]
    if change.verb in ("schedule", "end"):
        return f": {change.verb} it"
    if any(operation.endswith(".schedule") for operation in operations):
        return ", and schedule it"
    if change.noun in ("campaign", "auction", "raffle") and change.verb == "add":
        return ", as a draft"
    return ""


def _describe(noun: str, field: FieldChange) -> str:
    annotation = type_at(_SHAPES.get(noun), field.path)
    before, after = (_write(value, annotation) for value in (field.before, field.after))
    return f"{field.path}: {before} → {after}"


def _write(value: Any, annotation: Any) -> str:
    if value is None:
        return "nothing"
    if annotation is not None:
        value = express(value, annotation)
    text = str(value) if isinstance(value, str | datetime) else msgspec.json.encode(value).decode()
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def type_at(shape: Any, path: str) -> Any:
    """The type of what stands at ``path`` in a struct; None where the path leads nowhere."""
    for name in re.findall(r"[^.\[\]]+", path):
        kinds = variants_of(shape)
        if kinds:
            shape = next(
                (fields_of(kind)[name].type for kind in kinds.values() if name in fields_of(kind)), None
            )
            continue
        kind, parts = unwrap(shape)
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            field = fields_of(kind).get(name)
            shape = field.type if field is not None else None
        elif len(parts) == 2:
            shape = parts[0] if parts[1] is Ellipsis else parts[1]
        else:
            return None
    return shape


def _sum_up(plan: Plan) -> str:
    counts = {
        "to add": ("add",),
        "to change": ("change", "schedule"),
        "to remove": ("remove", "end"),
    }
    parts = [
        f"{count} {words}"
        for words, verbs in counts.items()
        if (count := sum(change.verb in verbs for change in plan.changes))
    ]
    rules = any(change.noun in RULE_NOUNS for change in plan.changes)
    return f"{', '.join(parts)}{'; price rules change together, as one revision' if rules else ''}."
