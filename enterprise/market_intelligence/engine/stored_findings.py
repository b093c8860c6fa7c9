"""Findings as plain JSON and back."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from enterprise.market_intelligence.engine.contracts import Kind
from enterprise.market_intelligence.engine.evidence import (
    ChartData,
    Effect,
    Finding,
    Grade,
    Refusal,
    Report,
    Shape,
)
from enterprise.market_intelligence.engine.stored import plain, sentence_from

DATES = ("first_on", "last_on", "happened_on", "as_of")
SENTENCES = ("heading", "wording", "limits", "action")


def report_to_json(report: Report) -> dict[str, Any]:
    stored: dict[str, Any] = plain(asdict(report))
    return stored


def report_from_json(stored: Mapping[str, Any], *, run_hash: str, as_of: date) -> Report:
    """``run_hash`` and ``as_of`` are the run's, so they are not kept with each finding."""
    findings = (finding_from(row) for row in stored["findings"])
    return Report(
        findings=tuple(replace(each, run_hash=run_hash, as_of=as_of) for each in findings),
        refusals=tuple(
            Refusal(row["about"], sentence_from(row["wording"])) for row in stored["refusals"]
        ),
        facts=stored["facts"],
    )


def finding_from(row: Mapping[str, Any]) -> Finding:
    values = dict(row)
    values |= {name: date.fromisoformat(row[name]) for name in DATES}
    values |= {name: sentence_from(row[name]) for name in SENTENCES}
    values["kind"], values["grade"] = Kind(row["kind"]), Grade(row["grade"])
    values["context"] = tuple(map(sentence_from, row["context"]))
    chart = row["chart"]
    values["chart"] = ChartData(
        shape=Shape(chart["shape"]),
        unit=chart["unit"],
        of=chart["of"],
        columns=tuple(chart["columns"]),
        rows=tuple(map(tuple, chart["rows"])),
    )
    if row["effect"]:
        effect = row["effect"]
        values["effect"] = Effect(**{**effect, "wording": sentence_from(effect["wording"])})
    return Finding(**values)
