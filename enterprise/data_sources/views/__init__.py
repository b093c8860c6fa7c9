"""The Data page: upload → preview → import, and undoing."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enterprise.data_sources import services
from enterprise.data_sources.engine import guessing
from enterprise.data_sources.engine.contracts import RECORD_KINDS, DateOrder, FileKind
from enterprise.data_sources.errors import RowsHaveProblems, WouldReplace
from enterprise.data_sources.forms import MappingForm, UploadForm
from enterprise.data_sources.models import ImportBatch
from enterprise.data_sources.selectors import batches, draft_of, has_own_data, has_sample, sources
from enterprise.data_sources.selectors.sync import crms
from marketing_platform.core import clock
from marketing_platform.core.errors import NotFound, PlatformError
from marketing_platform.users.permissions import Permission, allowed, requires

SHOWN_ROWS = 6


@never_cache
@require_safe
@requires(Permission.READ)
def data(request: HttpRequest) -> HttpResponse:
    return _data_page(request, UploadForm())


@never_cache
@require_POST
@requires(Permission.WORK)
def upload(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _data_page(request, form, status=422)
    file = form.cleaned_data["file"]
    try:
        draft = services.draft_create(
            content=file.read(), file_name=file.name, actor_id=request.user.pk, now=clock.now()
        )
    except PlatformError as error:
        form.add_error("file", _said(error))
        return _data_page(request, form, status=error.status)
    return redirect("enterprise-draft", draft.pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.WORK)
def draft(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The preview; a POST changes what the columns mean."""
    try:
        found = draft_of(batch_id)
    except NotFound:
        return _gone(request)
    if request.method == "GET":
        return _preview_page(request, found)
    form = _mapping_form(services.draft_preview(draft=found), request.POST)
    if not form.is_valid():
        return _preview_page(request, found, form=form, status=422)
    services.draft_map(
        draft=found,
        kind=FileKind(form.cleaned_data["kind"]),
        roles=form.chosen_roles,
        date_order=DateOrder(form.cleaned_data["date_order"]),
        source_name=form.cleaned_data["source_name"],
        grain=form.cleaned_data.get("grain", ""),
        rates=form.rates,
    )
    return redirect("enterprise-draft", batch_id)


@never_cache
@require_POST
@requires(Permission.WORK)
def draft_import(request: HttpRequest, batch_id: int) -> HttpResponse:
    try:
        found = draft_of(batch_id)
    except NotFound:
        return _gone(request)
    choices = {
        "good_rows_only": "good_rows_only" in request.POST,
        "may_replace": "may_replace" in request.POST,
    }
    now = clock.now()
    try:
        job = services.import_start(draft=found, actor_id=request.user.pk, now=now, **choices)
        if job is not None:
            return redirect("job", job_id=job.pk)
        batch = services.draft_import(draft=found, now=now, **choices)
    except (RowsHaveProblems, WouldReplace) as error:
        return _preview_page(request, found, problem=_said(error), status=error.status)
    except PlatformError as error:
        messages.error(request, _said(error))
        return redirect("enterprise-data")
    messages.success(
        request,
        gettext("%(file)s is imported: %(rows)d rows.")
        % {"file": batch.file_name, "rows": batch.rows_imported},
    )
    return redirect("home")


@require_POST
@requires(Permission.WORK)
def draft_discard(request: HttpRequest, batch_id: int) -> HttpResponse:
    try:
        services.draft_discard(draft=draft_of(batch_id))
    except NotFound:
        return _gone(request)
    return redirect("enterprise-data")


@require_POST
@requires(Permission.WORK)
def batch_undo(request: HttpRequest, batch_id: int) -> HttpResponse:
    batch = get_object_or_404(ImportBatch.objects.filter(source__isnull=False), pk=batch_id)
    try:
        services.batch_undo(batch=batch, now=clock.now())
    except PlatformError as error:
        messages.error(request, _said(error))
    else:
        messages.success(
            request, gettext("The import of %(file)s is undone.") % {"file": batch.file_name}
        )
    return redirect("enterprise-data")


@require_POST
@requires(Permission.WORK)
def sample_clear(request: HttpRequest) -> HttpResponse:
    services.sample_clear(now=clock.now())
    messages.success(request, gettext("The sample data is gone. Upload your own when you like."))
    return redirect("enterprise-data")


@require_POST
@requires(Permission.WORK)
def sample_show(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    services.sample_show(today=clock.today(now), now=now)
    return redirect("home")


def _data_page(request: HttpRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "batches": batches()[:50],
        "drafts": ImportBatch.objects.filter(state=ImportBatch.State.DRAFT)[:5],
        "has_sample": has_sample(),
        "sources": sources().filter(is_sample=False)[:50],
        "has_own_data": has_own_data(),
        "crms": crms(),
        "may_change": allowed(request.membership.role, Permission.WORK),
    }
    return render(request, "enterprise/data.html", context, status=status)


def _preview_page(
    request: HttpRequest,
    found: ImportBatch,
    *,
    form: MappingForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    preview = services.draft_preview(draft=found)
    body = guessing.body_of(preview.table, preview.mapping)
    context: dict[str, Any] = {
        "draft": found,
        "preview": preview,
        "parsed": preview.parsed,
        "form": form or _mapping_form(preview, None),
        "header": guessing.header_of(preview.table, preview.mapping).cells,
        "rows": body[:SHOWN_ROWS],
        "row_count": preview.row_count,
        "glance": services.ROWS_AT_A_GLANCE,
        "is_remembered": bool(found.mapping.get("is_remembered")),
        "is_record": preview.mapping.kind in RECORD_KINDS,
        "missing": _said(preview.missing) if preview.missing else "",
        "asks_date_order": not preview.mapping.date_order,
        "problem": problem,
    }
    return render(request, "enterprise/draft.html", context, status=status)


def _mapping_form(preview: services.Preview, posted: Any) -> MappingForm:
    header = guessing.header_of(preview.table, preview.mapping).cells
    return MappingForm(posted, preview=preview, header=header)


def _gone(request: HttpRequest) -> HttpResponse:
    messages.info(request, gettext("That upload is finished or too old. Upload the file again."))
    return redirect("enterprise-data")


def _said(error: PlatformError) -> str:
    return gettext(error.sentence) % error.params
