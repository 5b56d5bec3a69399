"""What a file would change, asked of a gateway and shown before it is done."""

import typer
from rich.console import Console

from engine.errors import Rejection
from gateway.blueprint import report, rule_drafts
from gateway.blueprint.blueprint import Blueprint, Call
from gateway.blueprint.difference import Plan, compare
from gateway.blueprint.faults import BlueprintError
from gateway.blueprint.rehearsal import rehearse
from gateway.blueprint.running import read_running
from gateway.clock import now


async def draw_plan(call: Call, wanted: Blueprint, prune: bool) -> Plan:
    """What ``wanted`` would change; says what the engine would warn of. Raises ``BlueprintError`` for what it
    would refuse."""
    running = await read_running(call, wanted)
    found = compare(wanted, running, now(), prune=prune)
    findings = rehearse(wanted, running, found, now())
    for warning in findings.warnings:
        typer.echo(f"{wanted.name}: warning: {warning}", err=True)
    if findings.faults:
        raise BlueprintError(wanted.name, findings.faults)
    return found


async def show_preview(call: Call, edition: rule_drafts.Edition, console: Console) -> None:
    """Shows which prices changed rules would change. Rules that name what is not there yet are not taken, not
    even as a draft."""
    try:
        report.show_preview(console, await rule_drafts.preview(call, edition))
    except (Rejection, rule_drafts.Faulty) as refusal:
        console.print(f"No preview: {refusal}")
