"""The quality report of the acting workspace, and what was decided about it."""

from datetime import date
from decimal import Decimal, InvalidOperation

from django.db.models import QuerySet

from enterprise.data_sources.engine.quality.contracts import (
    Issue,
    LeadCountFact,
    OutcomeRowFact,
    QualityInput,
    QualityReport,
    RateFact,
    RecordFact,
    SpendRowFact,
)
from enterprise.data_sources.engine.quality.report import report_of
from enterprise.data_sources.errors import FixUnknown
from enterprise.data_sources.models import (
    Deal,
    ImportBatch,
    Lead,
    LeadCount,
    MetricPoint,
    QualityFix,
    SpendRow,
    StageChange,
)
from enterprise.data_sources.selectors.tables import (
    live_records,
    live_rows,
    merged_names,
    rows_hash,
)
from marketing_platform.core import clock

ISSUE_TABLES = {
    "spend": SpendRow,
    "outcomes": MetricPoint,
    "lead_counts": LeadCount,
    "leads": Lead,
    "deals": Deal,
}


def quality_of_workspace(today: date | None = None) -> QualityReport:
    """Everything that is wrong with the live data, and what each engine can do with it.

    Computed from the rows as they are; ``today`` in India when it is not given.
    """
    return report_of(quality_input(today or clock.today()), rows_hash())


def quality_input(today: date) -> QualityInput:
    """Every live row as the checks read it, channel names merged."""
    names = merged_names()
    spend = live_rows(SpendRow).values_list(
        "id", "date", "channel", "campaign", "source__name", "batch__grain", "cost", "impressions",
        "clicks",
    )  # fmt: skip
    outcomes = live_rows(MetricPoint).values_list(
        "id", "date", "series", "region", "source__name", "batch__grain", "unit", "value"
    )
    counts = live_rows(LeadCount).values_list(
        "id", "date", "channel", "source__name", "batch__grain", "count"
    )
    return QualityInput(
        today=today,
        spend=tuple(
            SpendRowFact(pk, day, names.get(channel, channel), *rest)
            for pk, day, channel, *rest in spend.order_by("id")
        ),
        outcomes=tuple(
            OutcomeRowFact(*rest, float(value)) for *rest, value in outcomes.order_by("id")
        ),
        lead_counts=tuple(LeadCountFact(*values) for values in counts.order_by("id")),
        deals=_records(live_records(Deal)),
        leads=_records(live_records(Lead)),
        rates=_rates(),
        staged_deals=_staged("deal_id"),
        staged_leads=_staged("lead_id"),
    )


def fixes() -> QuerySet[QualityFix]:
    return QualityFix.objects.order_by("-created_at", "-id")


def fix_of(fix_id: int) -> QualityFix:
    """Raises FixUnknown."""
    fix = QualityFix.objects.filter(pk=fix_id).first()
    if fix is None:
        raise FixUnknown
    return fix


def issue_rows(issue: Issue) -> QuerySet:
    """The live rows that an issue's button would leave out."""
    rows = ISSUE_TABLES[issue.table].objects.filter(left_out_by__isnull=True)
    return rows.filter(pk__in=issue.action.row_ids if issue.action else ())


def _records(rows: QuerySet) -> tuple[RecordFact, ...]:
    common = ("id", "external_id", "created_on")
    if rows.model is Deal:
        fields = (
            *common, "closed_on", "is_won", "amount", "stage", "came_from", "account",
            "source__name",
        )  # fmt: skip
        return tuple(
            RecordFact(*values, email_hash="", system=system)
            for *values, system in rows.order_by("id").values_list(*fields)
        )
    fields = (*common, "stage", "came_from", "email_hash", "source__name")
    return tuple(
        RecordFact(pk, external_id, made, None, None, None, stage, came, "", email, system)
        for pk, external_id, made, stage, came, email, system in rows.order_by("id").values_list(
            *fields
        )
    )


def _staged(owner: str) -> frozenset[int]:
    rows = StageChange.objects.filter(**{f"{owner}__isnull": False}).order_by()
    return frozenset(rows.values_list(owner, flat=True).distinct())


def _rates() -> tuple[RateFact, ...]:
    found = []
    rows = ImportBatch.objects.filter(state=ImportBatch.State.IMPORTED).order_by("id")
    for name, mapping in rows.values_list("file_name", "mapping"):
        for currency, rate in sorted((mapping or {}).get("rates", {}).items()):
            try:
                found.append(RateFact(name, currency, Decimal(rate)))
            except InvalidOperation:
                continue
    return tuple(found)
