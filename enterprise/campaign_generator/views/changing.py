"""Changing, approving, moving and taking away a campaign."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enterprise.campaign_generator.forms import EditForm
from enterprise.campaign_generator.front_door import FILES, CampaignGenerator
from enterprise.campaign_generator.selectors import StoredCampaign, campaign_of
from marketing_platform.core import clock
from marketing_platform.core.errors import Conflict, InvalidInput
from marketing_platform.users.permissions import Permission, requires


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.WORK)
def edit(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    found = campaign_of(campaign_id)
    if request.method != "POST":
        return _edit_page(request, found, EditForm(found.document, found.content_hash))
    form = EditForm(found.document, found.content_hash, request.POST)
    if not form.is_valid():
        return _edit_page(request, found, form, status=422)
    try:
        CampaignGenerator().edit(
            campaign_id, form.cleaned_data["content_hash"], form.changes(),
            actor_id=request.user.pk, now=clock.now(),
        )  # fmt: skip
    except InvalidInput as error:
        form.add_error(error.field if error.field in form.fields else None, gettext(error.sentence))
        return _edit_page(request, found, form, status=422)
    except Conflict as error:
        form.add_error(None, gettext(error.sentence))
        return _edit_page(request, found, form, status=409)
    messages.success(request, gettext("Saved as a new version."))
    return redirect("enterprise-campaign", campaign_id=campaign_id)


@never_cache
@require_POST
@requires(Permission.APPROVE_SPEND)
def approve(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    content_hash = request.POST.get("content_hash", "")
    return _step(
        request,
        campaign_id,
        lambda door: door.approve(
            campaign_id, content_hash, actor_id=request.user.pk, now=clock.now()
        ),
    )


@never_cache
@require_POST
@requires(Permission.WORK)
def move(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    content_hash, to = request.POST.get("content_hash", ""), request.POST.get("to", "")
    return _step(
        request,
        campaign_id,
        lambda door: door.move(
            campaign_id, content_hash, to, actor_id=request.user.pk, now=clock.now()
        ),
    )


@never_cache
@require_safe
@requires(Permission.EXPORT)
def export(request: HttpRequest, campaign_id: UUID, kind: str) -> HttpResponse:
    content = CampaignGenerator().export(
        campaign_id, kind, actor_id=request.user.pk, now=clock.now()
    )
    content_type, name = FILES[kind]
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _step(
    request: HttpRequest, campaign_id: UUID, do: Callable[[CampaignGenerator], StoredCampaign]
) -> HttpResponse:
    try:
        moved = do(CampaignGenerator())
        messages.success(request, gettext(moved.state_label))
    except Conflict as error:
        messages.error(request, gettext(error.sentence))
    return redirect("enterprise-campaign", campaign_id=campaign_id)


def _edit_page(
    request: HttpRequest, found: StoredCampaign, form: EditForm, status: int = 200
) -> HttpResponse:
    context = {"campaign": found, "form": form}
    return render(request, "enterprise/campaigns/edit.html", context, status=status)
