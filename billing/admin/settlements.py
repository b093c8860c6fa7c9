"""For the accountant: a bank statement taken, payouts asked for, a month tied out."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from billing.admin.settlement_words import (
    asked_sentence,
    asked_title,
    difference_rows,
    figure_rows,
    file_rows,
    held_rows,
    plain,
    preview_shown,
    taken_sentence,
    title_of,
    verdict_of,
)
from billing.models import BankStatement
from billing.selectors.gateway_month import GatewayMonth, gateway_months
from billing.selectors.payouts import (
    WHY,
    last_asked,
    lines_open,
    unknown_items,
    unmatched_payouts,
    untied_payouts,
)
from billing.services.bank_statements import (
    preview_end,
    preview_keep,
    preview_kept,
    problems_csv,
    statement_add,
    statement_preview,
)
from billing.services.charging import payments_odd
from billing.services.payouts import payouts_ask
from billing.services.transfers import transfers_from_statement
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.money import Rupees
from marketing_platform.core.tables import csv_write

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
        first = _day_of(request)
        return _csv(csv_write(file_rows(_months_of(first))), f"gateways-{first:%Y-%m}")
    if table == "unmatched":
        return _csv(csv_write(unmatched_rows()), "unmatched")
    raise Http404


@require_POST
def statement_upload(request: HttpRequest) -> HttpResponse:
    """A file is read and shown; with the token of what was shown it is taken, all rows or none."""
    _may(request, "change")
    if "token" in request.POST:
        return _confirmed(request, request.POST["token"])
    form = StatementForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=422)
    file, now = form.cleaned_data["file"], clock.now()
    content = file.read()
    try:
        found = statement_preview(content=content, now=now)
    except PlatformError as error:
        form.add_error("file", sentence_of(error))
        return _page(request, form, status=422)
    if found.earlier is not None:
        messages.warning(request, _taken_before(found.earlier))
        return HttpResponseRedirect(reverse("admin:billing_settlements"))
    token = preview_keep(content=content, file_name=file.name, actor_id=request.user.pk)
    context = {
        **admin.site.each_context(request),
        "title": "Before the statement is taken",
        "name": file.name,
        "token": token,
        **preview_shown(found),
    }
    status = 422 if found.problems else 200
    return render(request, "admin/billing/statement_preview.html", context, status=status)


def _confirmed(request: HttpRequest, token: str) -> HttpResponse:
    back = HttpResponseRedirect(reverse("admin:billing_settlements"))
    by = {"actor_id": request.user.pk, "now": clock.now()}
    try:
        content, name = preview_kept(token=token, actor_id=request.user.pk)
        if request.POST.get("what") == "refused":
            found = statement_preview(content=content, now=clock.now())
            return _csv(problems_csv(found.problems), "refused-rows")
        row = statement_add(content=content, file_name=name, **by)
    except PlatformError as error:
        messages.error(request, sentence_of(error))
        return back
    # Run again for a file that was taken before it adds nothing.
    taken = transfers_from_statement(statement=row, **by)
    preview_end(token=token)
    if row.uploaded_at != by["now"]:
        messages.warning(request, _taken_before(row))
        return back
    messages.success(request, taken_sentence(row, taken))
    return back


def _taken_before(row: BankStatement) -> str:
    at = f"{timezone.localtime(row.uploaded_at):%d %b %Y, %H:%M}"
    return (
        f"This very file was taken on {at}, as {row.file_name}; {row.lines.count()} of its lines "
        "were new. Nothing was taken again."
    )


@require_POST
def payouts_now(request: HttpRequest) -> HttpResponse:
    """Have each gateway asked for what it paid out; a worker does it."""
    _may(request, "change")
    now = clock.now()
    for code in settings.BILLING_GATEWAYS:
        if payouts_ask(gateway_code=code, now=now, key=f"now:{now:%Y%m%dT%H%M%S}"):
            messages.success(request, f"{code.capitalize()} is being asked. Look again shortly.")
        else:
            messages.info(request, f"{code.capitalize()} is being asked already.")
    return HttpResponseRedirect(reverse("admin:billing_settlements"))


def unmatched_rows() -> list[tuple[str, ...]]:
    """Every kind of thing that does not meet, with why."""
    found: list[tuple[str, ...]] = [("what", "date", "id", "utr", "rupees", "why")]
    for each in unmatched_payouts():
        row = each.payout
        money = plain(row.amount_paise)
        found.append(("payout", f"{row.paid_on}", row.remote_id, row.utr, money, each.sentence))
    for bad in untied_payouts():
        row, money = bad.payout, plain(bad.difference_paise)
        why = "The payout has so much more than its items."
        found.append(("difference", f"{row.paid_on}", row.remote_id, row.utr, money, why))
    for item in unknown_items()[:MOST_OPEN]:
        row, money = item.payout, plain(item.amount_paise)
        why = f"In {row.remote_id}, and not so in our rows."
        found.append((item.kind, f"{row.paid_on}", item.remote_id, row.utr, money, why))
    # What goes out is rent and wages; a payout below zero is told by the payout itself.
    for line in lines_open().filter(amount_paise__gt=0)[:MOST_OPEN]:
        money = plain(line.amount_paise)
        found.append(("bank line", f"{line.on}", f"{line.pk}", line.utr, money, line.narration))
    for event in payments_odd()[:MOST_OPEN]:
        number, _colon, why = event.reason.partition(": ")
        on, why = clock.today(event.happened_at), f"{event.tenant.name}: {why}"
        found.append(("payment not asked for", f"{on}", number, "", "", why))
    return found


def _page(request: HttpRequest, form: StatementForm, status: int = 200) -> HttpResponse:
    first, unmatched = _day_of(request), unmatched_rows()
    asked = last_asked(settings.BILLING_GATEWAYS)
    context = {
        **admin.site.each_context(request),
        "title": "Settlements",
        "form": form,
        "first": first,
        "months": [_shown(month) for month in _months_of(first)],
        "rows": [(*row[:4], _in_words(row[4]), row[5]) for row in unmatched[1 : SHOWN + 1]],
        "count": len(unmatched) - 1,
        "asked": [(asked_title(one), asked_sentence(one)) for one in asked],
        "may_act": request.user.has_perm("billing.change_payout"),
    }
    return render(request, "admin/billing/settlements.html", context, status=status)


def _shown(month: GatewayMonth) -> dict[str, Any]:
    """What the template of one gateway shows; amounts in rupees."""
    held, differences = held_rows(month), difference_rows(month)
    return {
        "title": title_of(month),
        "ties": month.ties,
        "verdict": verdict_of(month),
        "figures": [(name, *_rupees(*paise)) for name, *paise in figure_rows(month)],
        "differences": [_shown_row(row) for row in differences[:SHOWN]],
        "held": [_shown_row(row) for row in held[:SHOWN]],
        "held_count": len(held),
        "to_come": _rupees(month.to_come_paise)[0],
        "payouts": [
            {
                "row": one.payout,
                "amount": _rupees(one.payout.amount_paise)[0],
                "line": one.bank_line,
                "why": WHY.get(one.why, ""),
            }
            for one in month.payouts[:SHOWN]
        ],
        "met": _rupees(month.met_paise)[0],
        "unmet": _rupees(month.unmet_paise)[0] if month.unmet_paise else "",
        "fees": [(row, *_rupees(row.fee_paise, fees)) for row, fees in month.told_fees],
        "rest": _rupees(month.unnamed_paise)[0] if month.unnamed_paise else "",
        "carried": _rupees(month.carried_paise)[0] if month.carried_paise else "",
    }


def _shown_row(row: tuple[str, str, int, int, bool, str]) -> dict[str, Any]:
    kind, what, first, second, is_fault, why = row
    mine, theirs = _rupees(first, second)
    return {
        "kind": kind, "what": what, "rows": mine, "other": theirs, "is_fault": is_fault, "why": why,
    }  # fmt: skip


def _rupees(*paise: int) -> tuple[str, ...]:
    return tuple(Rupees(one).format() for one in paise)


def _may(request: HttpRequest, what: str) -> None:
    if not request.user.has_perm(f"billing.{what}_payout"):
        raise PermissionDenied


def _months_of(first: date) -> list[GatewayMonth]:
    return gateway_months(first, today=clock.today(clock.now()))


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


def _in_words(plain_rupees: str) -> str:
    """-123.45 of the file as the page writes it; of what has no amount nothing."""
    return Rupees(int(plain_rupees.replace(".", ""))).format() if plain_rupees else ""
