from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from local.customers import services
from local.customers.engine.wordings import IMPORT_DECLARATION
from local.customers.errors import DeclarationMissing, FileImportedBefore
from local.customers.forms import ColumnsForm, ConfirmForm, UploadForm
from local.customers.models import BatchState, ImportBatch
from local.customers.selectors import batch_of, batches, draft_of
from local.customers.views.common import interface_language
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.jobs.selectors import job_of
from marketing_platform.jobs.views import context_of
from marketing_platform.schedule.registry import handlers_load
from marketing_platform.users.permissions import Permission, requires

SHOWN_REFUSED = 50


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CUSTOMER_NUMBERS)
def files(request: HttpRequest) -> HttpResponse:
    """Choose a file; below, those that came before."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    earlier = None
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            draft = services.draft_create(
                content=file.read(), file_name=file.name, actor_id=request.user.pk, now=clock.now()
            )
        except FileImportedBefore as error:
            earlier = error.batch_id
            form.add_error("file", sentence_of(error))
        except PlatformError as error:
            form.add_error("file", sentence_of(error))
        else:
            return redirect("local-customers-import-file", draft.pk)
    context = {"form": form, "batches": batches(), "earlier": earlier}
    status = 422 if form.is_bound else 200
    return render(request, "local/customers/import.html", context, status=status)


@never_cache
@require_safe
@requires(Permission.CUSTOMER_NUMBERS)
def file(request: HttpRequest, batch_id: int) -> HttpResponse:
    """A draft to look at, work that goes on, or what came of it."""
    batch = batch_of(_id(batch_id))
    if batch.state == BatchState.RUNNING and not job_of(batch.job_id).is_open:
        # Its worker was lost, which nobody could write down then.
        services.import_release(batch_id=batch.pk)
        batch = batch_of(batch.pk)
    if batch.state == BatchState.DRAFT:
        return _draft_page(request, draft_of(batch.pk))
    refused = batch.refused[:SHOWN_REFUSED]
    context = {
        "batch": batch,
        "counts": batch.counts,
        "refused": [{**row, "said": _reason(row)} for row in refused],
        "hidden": max(0, len(batch.refused) - SHOWN_REFUSED),
    }
    if batch.state == BatchState.RUNNING:
        handlers_load()
        context |= context_of(request, job_of(batch.job_id))
    return render(request, "local/customers/import_result.html", context)


@never_cache
@require_POST
@requires(Permission.CUSTOMER_NUMBERS)
def file_columns(request: HttpRequest, batch_id: int) -> HttpResponse:
    draft = draft_of(_id(batch_id))
    preview = services.draft_preview(draft=draft, today=clock.today())
    form = ColumnsForm(request.POST, preview=preview)
    if form.is_valid():
        try:
            services.draft_map(draft=draft, roles=form.roles)
        except PlatformError as error:
            return _draft_page(request, draft, columns=form, problem=sentence_of(error))
        return redirect("local-customers-import-file", draft.pk)
    return _draft_page(request, draft, columns=form)


@never_cache
@require_POST
@requires(Permission.CUSTOMER_NUMBERS)
def file_confirm(request: HttpRequest, batch_id: int) -> HttpResponse:
    if batch_of(_id(batch_id)).state != BatchState.DRAFT:
        return redirect("local-customers-import-file", batch_id)  # a second tap
    draft = draft_of(batch_id)
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        return _draft_page(request, draft, confirm=form)
    try:
        batch = services.import_start(
            draft=draft,
            language=interface_language(),
            actor_id=request.user.pk,
            now=clock.now(),
            **form.cleaned_data,
        )
    except DeclarationMissing as error:
        form.add_error(error.field if error.field in form.fields else None, sentence_of(error))
        return _draft_page(request, draft, confirm=form)
    except PlatformError as error:
        return _draft_page(request, draft, problem=sentence_of(error))
    return redirect("local-customers-import-file", batch.pk)


@require_POST
@requires(Permission.CUSTOMER_NUMBERS)
def file_discard(request: HttpRequest, batch_id: int) -> HttpResponse:
    services.draft_discard(draft=draft_of(_id(batch_id)))
    messages.success(request, gettext("Thrown away. Nothing of it was kept."))
    return redirect("local-customers-import")


@require_POST
@requires(Permission.CUSTOMER_NUMBERS)
def file_undo(request: HttpRequest, batch_id: int) -> HttpResponse:
    batch = batch_of(_id(batch_id))
    try:
        services.import_undo(batch_id=batch.pk, now=clock.now())
    except PlatformError as error:
        messages.error(request, sentence_of(error))
    else:
        messages.success(request, gettext("Taken back. What was used since has stayed."))
    return redirect("local-customers-import-file", batch.pk)


@never_cache
@require_safe
@requires(Permission.CUSTOMER_NUMBERS)
def file_refused(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The rows that were left out, as CSV, to be corrected and brought in again."""
    batch = batch_of(_id(batch_id))
    head = [gettext("Line"), gettext("Column"), gettext("Written"), gettext("Reason")]
    answer = HttpResponse(
        services.refused_csv(batch=batch, say=gettext, head=head),
        content_type="text/csv; charset=utf-8",
    )
    answer["Content-Disposition"] = f'attachment; filename="left-out-{batch.pk}.csv"'
    return answer


def _draft_page(
    request: HttpRequest,
    draft: ImportBatch,
    *,
    columns: ColumnsForm | None = None,
    confirm: ConfirmForm | None = None,
    problem: str = "",
) -> HttpResponse:
    preview = services.draft_preview(draft=draft, today=clock.today())
    context: dict[str, Any] = {
        "batch": draft,
        "preview": preview,
        "parsed": preview.parsed,
        "columns_form": columns or ColumnsForm(None, preview=preview),
        "form": confirm or ConfirmForm(),
        "rows": [
            {"row": row, "refusal": _reason_of(refusal) if refusal else ""}
            for row, refusal in preview.shown
        ],
        "refused": [
            {"row": each, "refusal": _reason_of(each)}
            for each in (preview.parsed.refusals if preview.parsed else ())[:SHOWN_REFUSED]
        ],
        "missing": sentence_of(preview.missing) if preview.missing else "",
        "problem": problem,
        "declaration": services.wording_here(IMPORT_DECLARATION, language=interface_language()),
    }
    status = 422 if problem or columns or confirm else 200
    return render(request, "local/customers/import_draft.html", context, status=status)


def _reason(row: dict[str, Any]) -> str:
    stored = row["reason"]
    sentence = gettext(stored)
    return sentence % row["params"] if row["params"] else sentence


def _reason_of(refusal: Any) -> str:
    return _reason({"reason": refusal.reason, "params": refusal.params})


def _id(batch_id: int) -> int:
    """Beyond what the database numbers there is no row."""
    return min(batch_id, 2**62)
