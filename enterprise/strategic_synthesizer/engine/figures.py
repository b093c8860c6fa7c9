"""The evidence that a brief's parts share, kept once each."""

import string
from dataclasses import dataclass, field
from typing import Any

from enterprise.strategic_synthesizer.engine.contracts import (
    BriefInputs,
    BudgetIn,
    CampaignIn,
    ChannelIn,
    Evidence,
    FindingIn,
    Phrase,
    QualityIn,
)
from marketing_platform.core.text import mark as _

# Figures of the budget are measured at this level.
BUDGET_LEVEL = 0.90
# Findings that have a day; the others hold for the whole time.
HAPPENED = {"level_shift", "anomaly"}
BEFORE, AFTER = _("%(name)s: spend a week before"), _("%(name)s: spend a week after")
MODEL, OPTIMISER = _("budget model"), _("budget optimiser")


@dataclass
class Book:
    """Collects evidence while the brief is written. Ids are letters: they are no numbers."""

    evidence: list[Evidence] = field(default_factory=list)

    def add(self, **facts: Any) -> str:
        """The id of this evidence; the same facts are kept once."""
        for each in self.evidence:
            if all(getattr(each, name) == value for name, value in facts.items()):
                return each.id
        evidence_id = letters(len(self.evidence))
        self.evidence.append(Evidence(id=evidence_id, **facts))
        return evidence_id


def letters(place: int) -> str:
    """0 → a, 25 → z, 26 → aa."""
    text = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = string.ascii_lowercase[rest] + text
    return text


def gain_of(budget: BudgetIn, book: Book) -> str:
    return book.add(
        metric=_("gain a week in %(name)s"),
        about=budget.outcome_name,
        value=budget.gain,
        unit=budget.outcome_unit,
        low=budget.gain_low,
        high=budget.gain_high,
        level=BUDGET_LEVEL,
        run_hash=budget.allocation_run_hash,
        source=OPTIMISER,
        **_rows_of(budget),
    )


def spend_of(channel: ChannelIn, budget: BudgetIn, book: Book, *, is_after: bool) -> str:
    paise = channel.after_paise if is_after else channel.before_paise
    return book.add(
        metric=AFTER if is_after else BEFORE,
        about=channel.name,
        value=paise / 100,
        unit="inr",
        run_hash=budget.allocation_run_hash,
        source=OPTIMISER,
        **_rows_of(budget),
    )


def roas_of(channel: ChannelIn, budget: BudgetIn, book: Book) -> str:
    return book.add(
        metric=_("%(name)s: return per rupee"),
        about=channel.name,
        value=channel.roas,
        unit="ratio",
        low=channel.roas_low,
        high=channel.roas_high,
        level=BUDGET_LEVEL,
        run_hash=budget.fit_run_hash,
        source=MODEL,
        **_rows_of(budget),
    )


def fitted_weeks(budget: BudgetIn, book: Book) -> str:
    return book.add(
        metric=_("weeks the model was fitted on"),
        value=budget.weeks,
        unit="weeks",
        run_hash=budget.fit_run_hash,
        source=MODEL,
        **_rows_of(budget),
    )


def weeks_of_data(inputs: BriefInputs, book: Book, *, is_need: bool) -> str:
    return book.add(
        metric=_("weeks the budget model needs") if is_need else _("weeks with spend and outcome"),
        value=inputs.weeks_needed if is_need else inputs.weeks_of_data,
        unit="weeks",
        run_hash=inputs.data_hash,
        rows=inputs.weeks_of_data,
        rows_hash=inputs.data_hash,
        as_of=inputs.data_as_of or inputs.today,
        source=_("a rule of the budget model") if is_need else _("data"),
    )


def finding_of(found: FindingIn, book: Book) -> str:
    return book.add(
        metric=found.heading.message if found.heading else _("%(name)s"),
        about=_about(found),
        group=found.group,
        happened_on=found.happened_on if found.kind in HAPPENED else None,
        value=found.value,
        unit=found.unit,
        low=found.low,
        high=found.high,
        level=found.level,
        run_hash=found.run_hash,
        rows=found.n,
        as_of=found.as_of,
        source=_("market intelligence"),
        method=found.method,
    )


def _about(found: FindingIn) -> str:
    if found.heading is None:
        return found.subject
    return found.heading.names[0][1] if found.heading.names else ""


def problem_of(problem: QualityIn, value: float, book: Book) -> str:
    return book.add(
        metric=_("problem in the data: %(name)s"),
        about=problem.about,
        group=() if problem.about else (Phrase(problem.table),),
        value=value,
        unit="count",
        run_hash=problem.rows_hash,
        rows=problem.of_rows,
        rows_hash=problem.rows_hash,
        as_of=problem.as_of,
        source=_("data quality"),
    )


def campaign_budget(campaign: CampaignIn, book: Book) -> str:
    return book.add(
        metric=_("budget of %(name)s"),
        about=campaign.name,
        value=campaign.budget_paise / 100,
        unit="inr",
        **_document(campaign),
    )


def campaign_weeks(campaign: CampaignIn, book: Book) -> str:
    return book.add(
        metric=_("weeks the test of %(name)s needs"),
        about=campaign.name,
        value=campaign.test_weeks,
        unit="weeks",
        **_document(campaign),
    )


def _rows_of(budget: BudgetIn) -> dict[str, Any]:
    return {"rows": budget.weeks, "rows_hash": budget.rows_hash, "as_of": budget.as_of}


def _document(campaign: CampaignIn) -> dict[str, Any]:
    return {
        "run_hash": campaign.content_hash,
        "rows": 1,
        "rows_hash": campaign.content_hash,
        "as_of": campaign.as_of,
        "source": _("campaigns"),
    }
