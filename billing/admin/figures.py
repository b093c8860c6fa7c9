"""Recurring revenue, churn, average, dunning and failed webhooks, as charts and as CSV."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.http import require_http_methods, require_safe

from billing.admin.base import ReasonForm
from billing.admin.once import DONE_BEFORE, act_begin
from billing.admin.shown import GATEWAYS, styled
from billing.engine.figures import Month
from billing.services.staff_acts import event_again, event_words
from billing.staff_selectors import (
    FunnelStep,
    customer_of_event,
    dunning_funnel,
    failed_webhooks,
    recurring_months,
)
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.money import Rupees
from marketing_platform.core.tables import csv_write
from marketing_platform.inbox.models import InboundEvent, InboundState

WIDTH, HEIGHT, FOOT, HEAD = 320, 150, 20, 18
# Half of the longest value over a bar.
ROOM = 24
SHOWN_EVENTS = 50
MOST_EVENTS = 5_000
AGAIN = "Apply the event again"


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
    short: str = ""

    @property
    def anchor(self) -> str:
        """The words of the last bar end where the picture ends."""
        return "end" if self.middle > WIDTH - ROOM else "middle"

    @property
    def value_x(self) -> float:
        return WIDTH if self.anchor == "end" else self.middle

    @property
    def above(self) -> float:
        return self.y - 4


@dataclass(frozen=True)
class Chart:
    """`sentence` says what it shows; the table beside it says the same without a picture."""

    code: str
    title: str
    sentence: str
    bars: tuple[Bar, ...]
    width: int = WIDTH
    height: int = HEIGHT
    foot: int = HEIGHT - 6
    font: int = 12


def bars_of(values: Sequence[tuple[str, int | None, str]]) -> tuple[Bar, ...]:
    """Of (label, size, words): the tallest fills the height; nothing known is no bar. The tallest
    and the last say their value, the table says all."""
    most = max([size or 0 for _label, size, _words in values] or [0]) or 1
    step = WIDTH / max(len(values), 1)
    room = HEIGHT - FOOT - HEAD
    found, last = [], len(values) - 1
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
                short=_short(words) if size and (size == most or place == last) else "",
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


@require_http_methods(["GET", "HEAD", "POST"])
def event_apply_again(request: HttpRequest, event_id: int) -> HttpResponse:
    """One failed webhook, once more: first what it is and why it failed, then with a reason."""
    if not request.user.has_perm("billing.change_subscription"):
        raise PermissionDenied
    event = get_object_or_404(InboundEvent, pk=event_id, provider__in=settings.BILLING_GATEWAYS)
    is_sent = request.method == "POST"
    form = ReasonForm(request.POST if is_sent else None, initial={"act_id": uuid.uuid4()})
    if not is_sent or not form.is_valid():
        return _ask_again(request, event, form)
    _apply_again(request, event, form.cleaned_data)
    return HttpResponseRedirect(reverse("admin:billing_figures"))


def _ask_again(request: HttpRequest, event: InboundEvent, form: ReasonForm) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": AGAIN,
        "text": "The event is read once more, and what it says is done: a payment with its invoice,"
        " a new state, or nothing. What was applied before is not applied twice.",
        "form": styled(form),
        "rows": [(event, event_facts(event))],
        "back": "Figures",
        "back_url": reverse("admin:billing_figures"),
    }
    return render(request, "admin/billing_act.html", context)


def event_facts(event: InboundEvent) -> list[tuple[str, Any]]:
    return [
        ("Gateway", GATEWAYS.get(event.provider, event.provider)),
        ("Kind", event.kind or "–"),
        ("Number", event.event_id),
        ("Received", f"{localtime(event.received_at):%d-%m-%Y %H:%M} IST"),
        ("Status", event.get_state_display()),
        ("Why", event.outcome or "–"),
        ("Customer", customer_of_event(event) or "not known yet"),
    ]


def _apply_again(request: HttpRequest, event: InboundEvent, data: dict[str, Any]) -> None:
    written = act_begin(user=request.user, row=event, title=AGAIN, **data)
    if not written.is_new:
        messages.warning(request, f"{DONE_BEFORE} {written.entry.change_message}")
        return
    by = {"actor_id": request.user.pk, "now": clock.now()}
    try:
        event = event_again(event_id=event.pk, reason=data["reason"], **by)
    except PlatformError as error:
        written.end(f"refused. {sentence_of(error)}")
        messages.error(request, f"{event}: refused. {sentence_of(error)}")
        return
    said = event_words(event)
    written.end(said)
    say = messages.error if event.state == InboundState.FAILED else messages.success
    say(request, f"{event}: {said}")


def _may_see(request: HttpRequest) -> None:
    if not request.user.has_perm("billing.view_subscription"):
        raise PermissionDenied


def _month(month: Month) -> str:
    """ "Nov" of "2026-11": of twelve months no two have the same name."""
    return f"{date.fromisoformat(f'{month.month}-01'):%b}"


def _short(words: str) -> str:
    """Above a bar there is room for "₹2.1 L" and no more; the table says it in full."""
    if not words.startswith("₹"):
        return words
    rupees = int(words[1:].replace(",", "").partition(".")[0] or 0)
    for size, name in ((10_000_000, "Cr"), (100_000, "L"), (1_000, "k")):
        if rupees >= size:
            return f"₹{rupees / size:.1f}".removesuffix(".0") + f" {name}"
    return words


def _money(paise: int | None) -> str:
    return "–" if paise is None else Rupees(paise // 100 * 100).format()


def _percent(basis_points: int | None) -> str:
    return "–" if basis_points is None else f"{basis_points / 100:.1f} %"


def _month_charts(months: Sequence[Month]) -> list[Chart]:
    last = months[-1]
    recurring = [(_month(m), m.recurring_paise, _money(m.recurring_paise)) for m in months]
    churn = [(_month(m), m.churn_basis_points, _percent(m.churn_basis_points)) for m in months]
    average = [(_month(m), m.average_paise, _money(m.average_paise)) for m in months]
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
    values = [(_step(row), row.count, str(row.count)) for row in funnel]
    return Chart("funnel", "Dunning, 90 days", sentence, bars_of(values), font=9)


def _step(row: FunnelStep) -> str:
    return row.step.replace("_", " ").capitalize()


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
        *[[_step(row), str(row.count), _plain(row.share)] for row in rows],
    ]


def _webhook_rows() -> list[list[str]]:
    rows: list[Any] = list(failed_webhooks(now=clock.now())[:MOST_EVENTS])
    return [
        ["received_at", "provider", "kind", "event_id", "outcome"],
        *[
            [
                localtime(row.received_at).isoformat(),
                row.provider,
                row.kind,
                row.event_id,
                row.outcome,
            ]
            for row in rows
        ],
    ]
