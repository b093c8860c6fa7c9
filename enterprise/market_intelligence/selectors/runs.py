"""Runs as they were answered: the evidence of a hash, and the findings of the day."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from uuid import UUID

from enterprise.data_sources.selectors import data_as_of, has_own_data
from enterprise.market_intelligence.engine.contracts import ENGINE_VERSION, Analysis
from enterprise.market_intelligence.engine.evidence import (
    Analysed,
    Evidence,
    Finding,
    Refusal,
    Report,
)
from enterprise.market_intelligence.engine.feed import in_order
from enterprise.market_intelligence.engine.series_report import series_report
from enterprise.market_intelligence.engine.stored import from_json
from enterprise.market_intelligence.engine.stored_findings import report_from_json
from enterprise.market_intelligence.errors import RunMissing
from enterprise.market_intelligence.models import FindingCare, InsightRun
from marketing_platform.core import clock

HASH = re.compile(r"[0-9a-f]{64}")


def stored_analysis(run_hash: str, origin: str) -> Analysis | None:
    run = InsightRun.objects.filter(run_hash=run_hash, origin=origin).first()
    return from_json(run.result) if run else None


def current_origin() -> str:
    """Whether what is shown are the workspace's own figures or the sample company's."""
    return InsightRun.Origin.WORKSPACE if has_own_data() else InsightRun.Origin.SAMPLE


def figures_version() -> str:
    """Changes whenever the figures or the engine do; cheap to ask. '' before any figures."""
    moment = data_as_of()
    if moment is None:
        return ""
    return f"{current_origin()} {moment.isoformat()} {ENGINE_VERSION}"


def latest_feed(*, is_whole: bool = False) -> InsightRun | None:
    """The feed of the figures as they are, else the newest of what is shown; ``is_whole``: of
    those with segments and forecast."""
    feeds = InsightRun.objects.filter(analysed=Analysed.FEED, origin=current_origin())
    if is_whole:
        feeds = feeds.filter(parameters__is_whole=True)
    # Figures may return to an earlier state, whose feed is then older than others.
    return feeds.filter(parameters__version=figures_version()).first() or feeds.first()


def latest_findings(
    *, kinds: Iterable[str] = (), today: date | None = None, with_snoozed: bool = False
) -> tuple[Finding, ...]:
    """The findings of the workspace's figures as last computed, the most telling first.

    Ranked by rupees × certainty × recency on ``today``; without those that somebody snoozed.
    Empty when nothing has been computed.
    """
    feed = latest_feed()
    if feed is None:
        return ()
    today = today or clock.today()
    findings = in_order(_reports(feed)[0], today)
    wanted = set(kinds)
    away = set() if with_snoozed else snoozed_keys(today)
    return tuple(
        each for each in findings if (not wanted or each.kind in wanted) and each.key not in away
    )


def latest_refusals() -> tuple[Refusal, ...]:
    """What could not be answered, and what it needs."""
    feed = latest_feed()
    return _reports(feed)[1] if feed else ()


def snoozed_keys(today: date) -> set[str]:
    away = FindingCare.objects.filter(snoozed_until__gt=today)
    return set(away.values_list("finding_key", flat=True))


def evidence_of(run_hash: str) -> Evidence:
    """What stands behind a hash. Raises RunMissing."""
    run = None
    if HASH.fullmatch(run_hash):
        run = InsightRun.objects.filter(run_hash=run_hash).order_by("-origin").first()
    if run is None:
        raise RunMissing
    report = _report(run) if run.analysed != Analysed.FEED else Report((), ())
    return Evidence(
        run_hash=run.run_hash,
        analysed=Analysed(run.analysed),
        engine_version=run.engine_version,
        rows_hash=run.rows_hash,
        rows_used=run.rows_used,
        parameters=run.parameters,
        as_of=run.as_of,
        findings=report.findings,
        refusals=report.refusals,
        facts=report.facts,
    )


def analysis_of(run_hash: str) -> Analysis | None:
    run = InsightRun.objects.filter(run_hash=run_hash, analysed=Analysed.SERIES).first()
    return from_json(run.result) if run else None


def keys_of(feed: InsightRun) -> set[str]:
    """The findings of a feed."""
    return {finding.key for finding in _reports(feed)[0]}


def _reports(feed: InsightRun) -> tuple[list[Finding], tuple[Refusal, ...]]:
    runs = InsightRun.objects.filter(run_hash__in=feed.result["runs"], origin=feed.origin)
    reports = [_report(run) for run in sorted(runs, key=lambda run: run.analysed)]
    findings = [finding for report in reports for finding in report.findings]
    return findings, tuple(refusal for report in reports for refusal in report.refusals)


def _report(run: InsightRun) -> Report:
    as_of = run.as_of or run.created_at.astimezone(clock.IST).date()
    if "findings" in run.result:
        return report_from_json(run.result, run_hash=run.run_hash, as_of=as_of)
    report = series_report(from_json(run.result), {})
    findings = (replace(each, run_hash=run.run_hash, as_of=as_of) for each in report.findings)
    return Report(tuple(findings), report.refusals)


def care_by_key(keys: Iterable[str]) -> dict[str, FindingCare]:
    return {
        care.finding_key: care for care in FindingCare.objects.filter(finding_key__in=list(keys))
    }


def assigned_to(actor_id: UUID) -> set[str]:
    mine = FindingCare.objects.filter(assignee_id=actor_id)
    return set(mine.values_list("finding_key", flat=True))
