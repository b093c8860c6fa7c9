"""For the accountant: a bank statement taken, payouts asked for, a month tied out."""

from datetime import date, timedelta

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from billing.errors import StatementUnreadable
from billing.selectors.gateway_month import GatewayMonth, gateway_month
from billing.selectors.payouts import lines_open, unknown_items, unmatched_payouts, untied_payouts
from billing.services.bank_statements import problems_csv, statement_add
from billing.services.payouts import payouts_import
from billing.services.transfers import transfers_from_statement
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.money import Rupees
from marketing_platform.core.tables import csv_write

LOOK_BACK = timedelta(days=14)
MOST_BYTES = 10_000_000
SHOWN = 100
MOST_OPEN = 20_000
EARLIEST, LATEST = 2020, 2100


class StatementForm(forms.Form):
    file = forms.FileField(
        label="Bank statement (CSV or XLSX, as the bank exports it)", max_length=200
    )

    def clean_file(self) -> object:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError("The file is larger than 10 MB. Export a shorter period.")
        return file


@require_safe
def settlements(request: HttpRequest) -> HttpResponse:
    """A month at the gateways, and what does not meet."""
    _may(request, "view")
    return _page(request, StatementForm())


@require_safe
def settlements_csv(request: HttpRequest, table: str) -> HttpResponse:
    """month or unmatched."""
    _may(request, "view")
    if table == "month":
        return _csv(csv_write(month_rows(_month_of(request))), "gateways-month")
    if table == "unmatched":
        return _csv(csv_write(unmatched_rows()), "unmatched")
    raise Http404


@require_POST
def statement_upload(request: HttpRequest) -> HttpResponse:
    """All rows or none: of a file with bad rows the answer is the list of them."""
    _may(request, "change")
    form = StatementForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=422)
    file, now = form.cleaned_data["file"], clock.now()
    facts = {"content": file.read(), "file_name": file.name, "actor_id": request.user.pk}
    try:
        row = statement_add(**facts, now=now)
    except StatementUnreadable as error:
        return _csv(problems_csv(error.problems), "refused-rows", status=422)
    except PlatformError as error:
        form.add_error("file", sentence_of(error))
        return _page(request, form, status=422)
    # Run again for a file that was taken before it adds nothing.
    taken = transfers_from_statement(statement=row, now=now, actor_id=request.user.pk)
    if taken:
        messages.info(request, f"{len(taken)} customers' transfers were taken over.")
    said = f"{row.lines.count()} lines" if row.uploaded_at == now else "was taken before"
    messages.success(request, f"{row}: {said}.")
    return HttpResponseRedirect(reverse("admin:billing_settlements"))


@require_POST
def payouts_now(request: HttpRequest) -> HttpResponse:
    """Ask each gateway for what it paid out; nothing is taken twice."""
    _may(request, "change")
    now = clock.now()
    for code in settings.BILLING_GATEWAYS:
        try:
            report = payouts_import(gateway_code=code, since=now - LOOK_BACK, now=now)
        except PlatformError as error:
            messages.error(request, f"{code}: {sentence_of(error)}")
            continue
        messages.success(request, f"{code}: {report.seen} seen, {len(report.posted)} posted.")
        for remote_id in [*report.untied, *report.odd, *report.reversed]:
            messages.warning(request, f"{code}: look at {remote_id}.")
    return HttpResponseRedirect(reverse("admin:billing_settlements"))


def month_rows(month: GatewayMonth) -> list[tuple[str, str]]:
    return [
        ("month", f"{month.first:%Y-%m}"),
        ("opening with the gateways", _plain(month.opening_paise)),
        ("+ captured", _plain(month.captured_paise)),
        ("− refunds", _plain(month.refunds_paise)),
        ("− disputes lost", _plain(month.disputes_paise)),
        ("− fees", _plain(month.fees_paise)),
        ("− GST on fees", _plain(month.fee_tax_paise)),
        ("− adjustments", _plain(month.adjustments_paise)),
        ("+ other entries", _plain(month.other_paise)),
        ("= to be accounted for", _plain(month.expected_paise)),
        ("paid out", _plain(month.paid_out_paise)),
        ("still with the gateways", _plain(month.closing_paise)),
        ("difference", _plain(month.difference_paise)),
    ]


def unmatched_rows() -> list[tuple[str, ...]]:
    """Every kind of thing that does not meet, with why."""
    found: list[tuple[str, ...]] = [("what", "date", "id", "utr", "rupees", "why")]
    for each in unmatched_payouts():
        row = each.payout
        money = _plain(row.amount_paise)
        found.append(("payout", f"{row.paid_on}", row.remote_id, row.utr, money, each.sentence))
    for bad in untied_payouts():
        row, money = bad.payout, _plain(bad.difference_paise)
        why = "The payout has so much more than its items."
        found.append(("difference", f"{row.paid_on}", row.remote_id, row.utr, money, why))
    for item in unknown_items()[:MOST_OPEN]:
        row, money = item.payout, _plain(item.amount_paise)
        why = f"In {row.remote_id}, and not so in our rows."
        found.append((item.kind, f"{row.paid_on}", item.remote_id, row.utr, money, why))
    for line in lines_open()[:MOST_OPEN]:
        money = _plain(line.amount_paise)
        found.append(("bank line", f"{line.on}", f"{line.pk}", line.utr, money, line.narration))
    return found


def _page(request: HttpRequest, form: StatementForm, status: int = 200) -> HttpResponse:
    month, unmatched = _month_of(request), unmatched_rows()
    context = {
        **admin.site.each_context(request),
        "title": "Settlements",
        "form": form,
        "month": month,
        "figures": [
            (name, value if name == "month" else Rupees(_paise(value)).format())
            for name, value in month_rows(month)
        ],
        "head": unmatched[0],
        "rows": unmatched[1 : SHOWN + 1],
        "count": len(unmatched) - 1,
        "may_act": request.user.has_perm("billing.change_payout"),
    }
    return render(request, "admin/billing/settlements.html", context, status=status)


def _may(request: HttpRequest, what: str) -> None:
    if not request.user.has_perm(f"billing.{what}_payout"):
        raise PermissionDenied


def _month_of(request: HttpRequest) -> GatewayMonth:
    return gateway_month(_day_of(request))


def _day_of(request: HttpRequest) -> date:
    """?month=2026-11, else this month."""
    words = request.GET.get("month", "").split("-")
    if len(words) == 2 and all(word.isascii() and word.isdigit() for word in words):
        year, month = (int(word[:6]) for word in words)
        if EARLIEST <= year <= LATEST and 1 <= month <= 12:
            return date(year, month, 1)
    return clock.today(clock.now()).replace(day=1)


def _csv(content: bytes, name: str, status: int = 200) -> HttpResponse:
    response = HttpResponse(content, content_type="text/csv; charset=utf-8", status=status)
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _plain(paise: int) -> str:
    """-12345 → "-123.45": a number that every spreadsheet reads."""
    return f"{'-' if paise < 0 else ''}{abs(paise) // 100}.{abs(paise) % 100:02d}"


def _paise(plain: str) -> int:
    return int(plain.replace(".", ""))
