"""The whole report."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from enterprise.data_sources.engine.quality.common import table_of
from enterprise.data_sources.engine.quality.contracts import (
    Column,
    QualityInput,
    QualityReport,
    RecordFact,
    Severity,
    Table,
)
from enterprise.data_sources.engine.quality.grades import grades_of, overlap_issues
from enterprise.data_sources.engine.quality.outcomes import outcome_issues
from enterprise.data_sources.engine.quality.records import record_issues
from enterprise.data_sources.engine.quality.spend import spend_issues

ORDER = {Severity.HIGH: 0, Severity.MEDIUM: 1, Severity.LOW: 2}


def report_of(given: QualityInput, rows_hash: str = "") -> QualityReport:
    """Judge every table. No row is changed; the same input gives the same report.

    Robust scores use the median and the median absolute deviation (Hampel 1974); collinearity is
    judged by Pearson correlation (0.9) and variance inflation (10) of weekly spend.
    """
    issues = [
        *spend_issues(given),
        *outcome_issues(given),
        *record_issues(given),
        *overlap_issues(given),
    ]
    issues.sort(key=lambda issue: (ORDER[issue.severity], issue.table, issue.code, issue.subject))
    counts = Counter(issue.severity.value for issue in issues)
    return QualityReport(
        today=given.today,
        tables=tuple(table for table in _tables(given) if table.rows),
        issues=tuple(issues),
        grades=grades_of(given, issues),
        rows_hash=rows_hash,
        counts={severity.value: counts[severity.value] for severity in Severity},
    )


def _tables(given: QualityInput) -> tuple[Table, ...]:
    spend, total = given.spend, len(given.spend)
    filled = (
        Column("campaign", sum(1 for row in spend if row.campaign), total),
        Column("impressions", sum(1 for row in spend if row.impressions is not None), total),
        Column("clicks", sum(1 for row in spend if row.clicks is not None), total),
    )
    outcomes = given.outcomes
    regions = Column("region", sum(1 for row in outcomes if row.region), len(outcomes))
    counts = given.lead_counts
    channels = Column("source", sum(1 for row in counts if row.channel), len(counts))
    return (
        replace(table_of("spend", [row.date for row in spend]), columns=filled),
        replace(table_of("outcomes", [row.date for row in outcomes]), columns=(regions,)),
        replace(table_of("lead_counts", [row.date for row in counts]), columns=(channels,)),
        _records("leads", given.leads, given.staged_leads),
        _records("deals", given.deals, given.staged_deals),
    )


def _records(name: str, rows: Sequence[RecordFact], staged: frozenset[int]) -> Table:
    total = len(rows)
    columns = [
        Column("stage", sum(1 for row in rows if row.stage), total),
        Column("source", sum(1 for row in rows if row.came_from), total),
        Column("history", sum(1 for row in rows if row.id in staged), total),
    ]
    if name == "deals":
        closed = [row for row in rows if row.is_won is not None]
        columns += [
            Column("amount", sum(1 for row in rows if row.paise is not None), total),
            Column("account", sum(1 for row in rows if row.account), total),
            Column("closed", sum(1 for row in closed if row.closed_on), len(closed)),
        ]
    else:
        columns.append(Column("email", sum(1 for row in rows if row.email_hash), total))
    return replace(table_of(name, [row.created_on for row in rows]), columns=tuple(columns))
