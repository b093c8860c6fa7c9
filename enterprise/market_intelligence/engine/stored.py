"""An analysis as plain JSON and back, so that a run can be kept."""

from dataclasses import asdict
from datetime import date
from typing import Any

from enterprise.market_intelligence.engine.contracts import (
    Analysis,
    CrossCheck,
    Details,
    FittedSeries,
    Grain,
    Insight,
    Kind,
    Moved,
    NotEnough,
    ProfilePoint,
    Sentence,
)


def to_json(analysis: Analysis) -> dict[str, Any]:
    return plain(asdict(analysis))


def from_json(stored: dict[str, Any]) -> Analysis:
    return Analysis(
        insights=tuple(_insight(row) for row in stored["insights"]),
        not_enough=tuple(_not_enough(row) for row in stored["not_enough"]),
        fitted=tuple(_fitted(row) for row in stored["fitted"]),
        run_hash=stored["run_hash"],
        checks=tuple(_check(row) for row in stored.get("checks", ())),
    )


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [plain(inner) for inner in value]
    if isinstance(value, date):
        return value.isoformat()
    return value


def sentence_from(row: dict[str, Any]) -> Sentence:
    return Sentence(
        row["message"],
        tuple((name, value) for name, value in row["values"]),
        tuple(sentence_from(part) for part in row.get("parts", ())),
    )


def _insight(row: dict[str, Any]) -> Insight:
    details = row["details"]
    return Insight(
        **{key: row[key] for key in ("series", "value", "low", "high", "level", "n", "method")},
        sentence=row["sentence"],
        kind=Kind(row["kind"]),
        wording=sentence_from(row["wording"]),
        details=Details(
            dates=tuple(map(date.fromisoformat, details["dates"])),
            profile=tuple(ProfilePoint(**point) for point in details["profile"]),
            relative=details["relative"],
        ),
    )


def _check(row: dict[str, Any]) -> CrossCheck:
    return CrossCheck(
        series=row["series"],
        happened_on=date.fromisoformat(row["happened_on"]),
        moved=tuple(Moved(**moved) for moved in row["moved"]),
        compared=row["compared"],
    )


def _not_enough(row: dict[str, Any]) -> NotEnough:
    return NotEnough(row["series"], row["needs"], sentence_from(row["wording"]))


def _fitted(row: dict[str, Any]) -> FittedSeries:
    numbers = ("values", "is_filled", "expected", "low", "high")
    return FittedSeries(
        series=row["series"],
        unit=row["unit"],
        grain=Grain(row["grain"]),
        dates=tuple(map(date.fromisoformat, row["dates"])),
        **{name: tuple(row[name]) for name in numbers},
    )
