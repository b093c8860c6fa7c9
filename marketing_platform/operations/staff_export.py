"""Any list of the staff admin as a file: every row that its search and filters find, with why.

Needs the permission "Can take lists out of the staff admin as files" and a recent sign-in, and is
kept in the log of what staff did.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from html import unescape
from itertools import islice
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from marketing_platform.core import clock
from marketing_platform.core.tables import csv_write, xlsx_write
from marketing_platform.users.recent import recent_sign_in_required

MOST_ROWS = 50_000
AT_ONCE = 500
KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


class ExportForm(forms.Form):
    file_format = forms.ChoiceField(
        label=_("File"),
        choices=[("xlsx", _("Excel (.xlsx)")), ("csv", _("CSV"))],
        widget=UnfoldAdminSelectWidget,
    )
    reason = forms.CharField(
        label=_("Reason (kept in the history)"),
        min_length=5,
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@recent_sign_in_required
def export_list(request: HttpRequest, app: str, model: str) -> HttpResponse:
    """GET asks why and tells how many; POST answers with the file. The query is the list's own."""
    pages = _pages(request, app, model)
    back = reverse(f"admin:{app}_{model}_changelist")
    try:
        page = pages.get_changelist_instance(request)
    except IncorrectLookupParameters:
        messages.error(
            request, gettext("This filter is not known. Filter the list, then try again.")
        )
        return redirect(back)
    found = page.queryset
    count = found.count()
    form = ExportForm(request.POST if request.method == "POST" else None)
    if count > MOST_ROWS or request.method != "POST" or not form.is_valid():
        return _ask(request, pages, form, count, back)
    rows = list(table(request, pages, page.list_display, found))
    kind = form.cleaned_data["file_format"]
    title = str(pages.opts.verbose_name_plural)
    body = xlsx_write(rows, title=title) if kind == "xlsx" else csv_write(rows)
    _keep(request, pages.model, count, kind, form.cleaned_data["reason"])
    answer = HttpResponse(body, content_type=KINDS[kind])
    name = f"{model}-{clock.today().isoformat()}.{kind}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def table(
    request: HttpRequest, pages: Any, columns: Sequence[str], found: QuerySet[Any]
) -> Iterator[list[str]]:
    """The list's own columns and words, heading first; as many queries for each 500 rows."""
    names = [name for name in columns if name != "action_checkbox"]
    yield [str(label_for_field(name, pages.model, pages)).capitalize() for name in names]
    prepare = getattr(pages, "lines_prepare", None)
    rows = found.iterator(chunk_size=AT_ONCE)
    while some := list(islice(rows, AT_ONCE)):
        if prepare is not None:
            prepare(some)
        for row in some:
            yield [_cell(name, row, pages) for name in names]


def _pages(request: HttpRequest, app: str, model: str) -> Any:
    """Raises Http404 for what is no list, PermissionDenied for who may not take it out."""
    try:
        pages = admin.site._registry[apps.get_model(app, model)]
    except LookupError as error:
        raise Http404 from error
    may = admin.site.has_permission(request) and request.user.has_perm("tenants.export_lists")
    if not may or not pages.has_view_permission(request):
        raise PermissionDenied
    return pages


def _ask(request: HttpRequest, pages: Any, form: ExportForm, count: int, back: str) -> HttpResponse:
    text = ngettext(
        "%(count)s row, as the list is searched and filtered now. What it holds about people leaves"
        " our safe: keep the file no longer than you need it.",
        "%(count)s rows, as the list is searched and filtered now. What they hold about people"
        " leaves our safe: keep the file no longer than you need it.",
        count,
    ) % {"count": count}
    if count > MOST_ROWS:
        text = gettext("%(count)s rows are more than the %(most)s of one file. Filter first.") % {
            "count": count,
            "most": MOST_ROWS,
        }
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    context = {
        **admin.site.each_context(request),
        "title": gettext("Take out: %(list)s") % {"list": pages.opts.verbose_name_plural},
        "text": text,
        "form": form,
        "back": back + query,
        "is_over": count > MOST_ROWS,
    }
    status = 400 if form.is_bound and not form.is_valid() else 200
    return render(request, "admin/act_form.html", context, status=status)


def _keep(request: HttpRequest, model: type[Model], count: int, kind: str, reason: str) -> None:
    LogEntry.objects.create(
        user_id=request.user.pk,
        content_type=ContentType.objects.get_for_model(model),
        object_id="",
        object_repr=f"{model._meta.verbose_name_plural}: {count}",
        action_flag=CHANGE,
        change_message=f"export_list {kind} [{request.GET.urlencode()[:500]}]: {reason}",
    )


def _cell(name: str, row: Any, pages: Any) -> str:
    """As the list shows it, without markup; times as 2026-11-23 19:30 in the office's zone."""
    try:
        field, _attribute, value = lookup_field(name, row, pages)
    except ObjectDoesNotExist:
        return ""
    if field is not None and getattr(field, "flatchoices", None):
        value = dict(field.flatchoices).get(value, value)
    elif field is not None and field.is_relation:
        value = getattr(row, field.name)
    return _words(value)


def _words(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return gettext("Yes") if value else gettext("No")
        case datetime():
            return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
        case (_code, words):
            return str(words)
        case _:
            return unescape(strip_tags(str(value)))
