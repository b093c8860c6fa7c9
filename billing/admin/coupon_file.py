"""Many coupons from one file: read and shown first, then made, all of them or none."""

import json
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from billing.admin.base import REASON
from billing.admin.once import act_begin
from billing.admin.shown import styled
from billing.models import Coupon
from billing.services.bank_statements import PreviewIsOver, preview_keep, preview_kept
from marketing_platform.api.problems import sentence_of
from marketing_platform.core.tables import TableUnreadable, csv_write, table_read

MOST_COUPONS = 500
# Column in the file → field of the form.
COLUMNS = {
    "code": "code",
    "tier": "tier",
    "percent": "percent_basis_points",
    "rupees": "amount_paise",
    "duration": "duration",
    "months": "months",
    "valid from": "valid_from",
    "valid until": "valid_until",
    "most uses": "most_uses",
}
NEEDED = ("code", "valid from")
EXAMPLE = ["DIWALI26", "local", "20", "", "once", "", "2026-11-01", "2026-11-20 23:59", "200"]
DAYS = ["%Y-%m-%d %H:%M", "%Y-%m-%d", "%d/%m/%Y %H:%M", "%d/%m/%Y"]
Cells = dict[str, str]


class FileForm(forms.Form):
    file = forms.FileField(label="Coupons (CSV or XLSX)", max_length=200)
    reason = forms.CharField(label="Reason (kept in the history)", **REASON)


@dataclass(frozen=True)
class Problem:
    """A cell that cannot be taken. `line` as a spreadsheet shows it."""

    line: int
    column: str
    sentence: str


def coupons_read(content: bytes) -> list[tuple[int, Cells]]:
    """The file's lines by column. Raises TableUnreadable, which says what to mend."""
    header, *rows = table_read(content, most_rows=MOST_COUPONS).rows
    names = [cell.strip().lower().replace("_", " ") for cell in header.cells]
    foreign = [name for name in names if name and name not in COLUMNS]
    missing = [name for name in NEEDED if name not in names]
    if foreign or missing or len(set(names)) != len(names):
        raise TableUnreadable(f"The first row names the columns: {', '.join(COLUMNS)}.")
    if not rows:
        raise TableUnreadable("There is no coupon under the first row.")
    return [(row.line, dict(zip(names, row.cells, strict=False))) for row in rows]


def coupons_checked(lines: list[tuple[int, Cells]]) -> tuple[list[Coupon], list[Problem]]:
    """What the file would make, and every cell that stands in its way; nothing is written."""
    made: list[Coupon] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for line, cells in lines:
        form = _form(cells)
        problems += _problems(line, form)
        code = cells.get("code", "").strip().upper()
        if code in seen:
            problems.append(Problem(line, "code", f"The same code is in line {seen[code]}."))
        seen.setdefault(code, line)
        if form.is_valid():
            made.append(form.save(commit=False))
    return made, problems


@require_safe
def coupons_example(request: HttpRequest) -> HttpResponse:
    _may_add(request)
    answer = HttpResponse(csv_write([list(COLUMNS), EXAMPLE]), content_type="text/csv")
    answer["Content-Disposition"] = 'attachment; filename="coupons.csv"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def coupons_bring_in(request: HttpRequest) -> HttpResponse:
    _may_add(request)
    if "kept" in request.POST:
        return _make(request)
    form = FileForm(request.POST or None, request.FILES or None)
    if not form.is_valid():
        return _page(request, form, status=422 if form.is_bound else 200)
    try:
        lines = coupons_read(form.cleaned_data["file"].read())
    except TableUnreadable as error:
        form.add_error("file", sentence_of(error))
        return _page(request, form, status=422)
    made, problems = coupons_checked(lines)
    if problems:
        return _page(request, form, status=422, problems=problems)
    shown = {"lines": lines, "reason": form.cleaned_data["reason"]}
    name, content = form.cleaned_data["file"].name, json.dumps(shown).encode()
    kept = preview_keep(content=content, file_name=name, actor_id=request.user.pk)
    return _page(request, form, coupons=made, kept=kept)


def _make(request: HttpRequest) -> HttpResponse:
    """What was shown is checked again: a code may have been taken since."""
    try:
        content, _name = preview_kept(token=request.POST["kept"], actor_id=request.user.pk)
    except PreviewIsOver as error:
        messages.error(request, sentence_of(error))
        return redirect("admin:billing_coupons_bring_in")
    kept = json.loads(content)
    with transaction.atomic():
        made, problems = coupons_checked([(line, cells) for line, cells in kept["lines"]])
        if problems:
            return _page(request, FileForm(), status=422, problems=problems)
        for coupon in made:
            coupon.save()
            title = "Brought in from a file"
            facts = {"reason": kept["reason"], "act_id": None, "flag": ADDITION}
            act_begin(user=request.user, row=coupon, title=title, **facts).end("done")
    messages.success(request, f"{len(made)} coupons are there now.")
    return redirect("admin:billing_coupon_changelist")


def _page(request: HttpRequest, form: FileForm, status: int = 200, **found: Any) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": "Bring in coupons",
        "form": styled(form),
        "columns": ", ".join(COLUMNS),
        "example": reverse("admin:billing_coupons_example"),
        "opts": Coupon._meta,
        **found,
    }
    return render(request, "admin/billing/coupons_bring_in.html", context, status=status)


def _form(cells: Cells) -> Any:
    from billing.admin.offers import CouponForm

    given = {COLUMNS[name]: text.strip() for name, text in cells.items() if name in COLUMNS}
    given |= {"duration": given.get("duration", "").lower() or "once", "is_on": "on"}
    given |= {"months": given.get("months") or "0", "tier": given.get("tier", "").lower()}
    form = CouponForm(given)
    for name in ("valid_from", "valid_until"):
        form.fields[name] = forms.DateTimeField(
            input_formats=DAYS, required=form.fields[name].required
        )
    return form


def _problems(line: int, form: Any) -> list[Problem]:
    columns = {field: column for column, field in COLUMNS.items()}
    return [
        Problem(line, columns.get(field, ""), " ".join(sentences))
        for field, sentences in form.errors.items()
    ]


def _may_add(request: HttpRequest) -> None:
    if not request.user.has_perm("billing.add_coupon"):
        raise PermissionDenied
