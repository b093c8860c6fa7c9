"""Recurring revenue, churn, average, dunning and failed webhooks, as charts and as CSV."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from billing.engine.figures import Month
from billing.services.staff_acts import event_again
from billing.staff_selectors import (
    FunnelStep,
    dunning_funnel,
    failed_webhooks,
    recurring_months,
)
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.money import Rupees
from marketing_platform.core.tables import csv_write

WIDTH, HEIGHT, FOOT, HEAD = 640, 180, 22, 20
SHOWN_EVENTS = 50
MOST_EVENTS = 5_000


@dataclass(frozen=True)
class Bar:
    """In the units of the chart's view box."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    label: str
    value: str


@dataclass(frozen=True)
class Chart:
    """`sentence` says what it shows; the table beside it says the same without a picture."""

    code: str
    title: str
    sentence: str
    bars: tuple[Bar, ...]
    width: int = WIDTH
    height: int = HEIGHT


def bars_of(values: Sequence[tuple[str, int | None, str]]) -> tuple[Bar, ...]:
    """Of (label, size, words): the tallest fills the height; nothing known is no bar."""
    most = max([size or 0 for _label, size, _words in values] or [0]) or 1
    step = WIDTH / max(len(values), 1)
    room = HEIGHT - FOOT - HEAD
    found = []
    for place, (label, size, words) in enumerate(values):
        height = round(room * (size or 0) / most, 1)
        found.append(
            Bar(
                x=round(place * step + step * 0.14, 1),
                y=round(HEAD + room - height, 1),
                width=round(step * 0.72, 1),
                height=height,
                middle=round(place * step + step / 2, 1),
                label=label,
                value=words,
            )
        )
    return tuple(found)


@require_safe
def figures_page(request: HttpRequest) -> HttpResponse:
    _may_see(request)
    now = clock.now()
    months, funnel = recurring_months(now=now), dunning_funnel(now=now)
    context = {
        **admin.site.each_context(request),
        "title": "Figures",
        "charts": [*_month_charts(months), _funnel_chart(funnel)],
        "events": failed_webhooks(now=now)[:SHOWN_EVENTS],
        "failed": failed_webhooks(now=now).count(),
    }
    return render(request, "admin/billing_figures.html", context)


@require_safe
def figures_csv(request: HttpRequest, table: str) -> HttpResponse:
    """months, funnel or webhooks."""
    _may_see(request)
    tables = {"months": _months_rows, "funnel": _funnel_rows, "webhooks": _webhook_rows}
    if table not in tables:
        raise Http404
    response = HttpResponse(csv_write(tables[table]()), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="billing-{table}.csv"'
    return response


@require_POST
def event_apply_again(request: HttpRequest, event_id: int) -> HttpResponse:
    """One failed webhook, once more."""
    if not request.user.has_perm("billing.change_subscription"):
        raise PermissionDenied
    try:
        event = event_again(event_id=event_id, now=clock.now())
        messages.success(request, f"{event}: {event.state}, {event.outcome[:120]}")
    except PlatformError as error:
        messages.error(request, sentence_of(error))
    return HttpResponseRedirect(reverse("admin:billing_figures"))


def _may_see(request: HttpRequest) -> None:
    if not request.user.has_perm("billing.view_subscription"):
        raise PermissionDenied


def _money(paise: int | None) -> str:
    return "–" if paise is None else Rupees(paise // 100 * 100).format()


def _percent(basis_points: int | None) -> str:
    return "–" if basis_points is None else f"{basis_points / 100:.1f} %"


def _month_charts(months: Sequence[Month]) -> list[Chart]:
    last = months[-1]
    recurring = [(m.month[5:], m.recurring_paise, _money(m.recurring_paise)) for m in months]
    churn = [(m.month[5:], m.churn_basis_points, _percent(m.churn_basis_points)) for m in months]
    average = [(m.month[5:], m.average_paise, _money(m.average_paise)) for m in months]
    return [
        Chart(
            "months",
            "Monthly recurring revenue, before GST",
            f"{_money(last.recurring_paise)} from {last.customers} paying workspaces today.",
            bars_of(recurring),
        ),
        Chart(
            "months",
            "Churn: lost of those at the last month's end",
            f"{last.lost} lost and {last.new} new this month.",
            bars_of(churn),
        ),
        Chart(
            "months",
            "Average revenue a paying workspace, before GST",
            f"{_money(last.average_paise)} a month today.",
            bars_of(average),
        ),
    ]


def _funnel_chart(funnel: Sequence[FunnelStep]) -> Chart:
    counts = {row.step: row.count for row in funnel}
    sentence = (
        f"Of the failed payments of 90 days {counts.get('recovered', 0)} came back, "
        f"{counts.get('suspended', 0)} ended read-only."
    )
    values = [(row.step.replace("_", " "), row.count, str(row.count)) for row in funnel]
    return Chart("funnel", "Dunning, 90 days", sentence, bars_of(values))


def _months_rows() -> list[list[str]]:
    head = ["month", "recurring_rupees", "customers", "new", "lost", "churn_percent", "average"]
    return [head, *[_month_row(month) for month in recurring_months(now=clock.now())]]


def _month_row(month: Month) -> list[str]:
    churn, average = month.churn_basis_points, month.average_paise
    return [
        month.month,
        _plain(month.recurring_paise),
        str(month.customers),
        str(month.new),
        str(month.lost),
        "" if churn is None else _plain(churn),
        "" if average is None else _plain(average),
    ]


def _plain(hundredths: int) -> str:
    """12345 -> "123.45": a number that every spreadsheet reads."""
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _funnel_rows() -> list[list[str]]:
    rows = dunning_funnel(now=clock.now())
    return [
        ["step", "episodes", "percent"],
        *[[row.step, str(row.count), _plain(row.share)] for row in rows],
    ]


def _webhook_rows() -> list[list[str]]:
    rows: list[Any] = list(failed_webhooks(now=clock.now())[:MOST_EVENTS])
    return [
        ["received_at", "provider", "kind", "event_id", "outcome"],
        *[
            [row.received_at.isoformat(), row.provider, row.kind, row.event_id, row.outcome]
            for row in rows
        ],
    ]
