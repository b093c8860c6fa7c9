"""The board, one document, and making a new one."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from enterprise.campaign_generator.engine.contracts import Document
from enterprise.campaign_generator.engine.limits import limits
from enterprise.campaign_generator.forms import CampaignForm
from enterprise.campaign_generator.front_door import CampaignGenerator
from enterprise.campaign_generator.models import CampaignState
from enterprise.campaign_generator.selectors import (
    STATES,
    StoredCampaign,
    campaign_of,
    campaigns_page,
    versions_of,
)
from enterprise.optimization_engine.errors import AllocationUnknown
from enterprise.optimization_engine.selectors import latest_allocation
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput
from marketing_platform.users.permissions import Permission, allowed, requires

ON_BOARD = 100
# What the form calls the fields of a request.
ASKED_AS = {"budget_paise": "budget", "visit_paise": "visit_price"}
NEXT = {
    CampaignState.DRAFT: CampaignState.IN_REVIEW,
    CampaignState.APPROVED: CampaignState.RUNNING,
    CampaignState.EXPORTED: CampaignState.RUNNING,
    CampaignState.RUNNING: CampaignState.ENDED,
}


@never_cache
@require_safe
@requires(Permission.READ)
def board(request: HttpRequest) -> HttpResponse:
    """The hundred changed last, by state."""
    found = campaigns_page(ON_BOARD)
    columns = [
        (label, [one for one in found if one.state == state]) for state, label in STATES.items()
    ]
    context = {
        "columns": [(gettext(label), rows) for label, rows in columns if rows],
        "allocation": latest_allocation(),
        "may_work": allowed(request.membership.role, Permission.WORK),
    }
    return render(request, "enterprise/campaigns/board.html", context)


@never_cache
@require_safe
@requires(Permission.READ)
def document(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    found, role = campaign_of(campaign_id), request.membership.role
    checks = CampaignGenerator().checks(found, clock.now())
    state = CampaignState(found.state)
    context = {
        "campaign": found,
        "document": found.document,
        "state": gettext(found.state_label),
        "next_state": NEXT.get(state, ""),
        "next_label": gettext(STATES[NEXT[state]]) if state in NEXT else "",
        "blocking": [check for check in checks if check.blocks],
        "warnings": [check for check in checks if not check.blocks],
        "is_open": state in (CampaignState.DRAFT, CampaignState.IN_REVIEW),
        "rows": _rows(found.document),
        "creatives": _creatives(found.document),
        "versions": versions_of(campaign_id),
        "may_work": allowed(role, Permission.WORK),
        "may_edit": allowed(role, Permission.WORK)
        and state not in (CampaignState.RUNNING, CampaignState.ENDED),
        "may_approve": allowed(role, Permission.APPROVE_SPEND),
        "may_export": allowed(role, Permission.EXPORT),
    }
    return render(request, "enterprise/campaigns/document.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.WORK)
def create(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        found = latest_allocation() if request.GET.get("from") == "budget" else None
        return _form(request, CampaignForm(initial={"allocation_id": found.id if found else None}))
    form = CampaignForm(request.POST)
    if form.is_valid():
        made = _made(request, form)
        if made:
            return redirect("enterprise-campaign", campaign_id=made.id)
    return _form(request, form, status=422)


def _made(request: HttpRequest, form: CampaignForm) -> StoredCampaign | None:
    try:
        return CampaignGenerator().generate_campaign(
            form.asked(), tenant=request.tenant, actor_id=request.user.pk, now=clock.now()
        )
    except (InvalidInput, AllocationUnknown) as error:
        field = ASKED_AS.get(error.field, error.field)
        field = field if field in form.fields else None
        form.add_error(field, gettext(error.sentence))
        return None


def _form(request: HttpRequest, form: CampaignForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "is_from_budget": bool(form["allocation_id"].value())}
    return render(request, "enterprise/campaigns/create.html", context, status=status)


def _rows(document: Document) -> list[tuple[str, tuple[int, ...], int]]:
    grid = document.grid
    return list(zip(grid.channels, grid.paise, grid.by_channel, strict=True))


def _creatives(document: Document) -> list[dict[str, Any]]:
    """Each slot with its length and limit."""
    shown = []
    for one in document.creatives:
        told = limits()[one.channel]
        slots = [
            {
                "kind": slot.kind,
                "text": slot.text,
                "length": told.length(slot.text),
                "limit": told.slots[slot.kind].limit,
                "is_over": told.length(slot.text) > told.slots[slot.kind].limit,
            }
            for slot in one.slots
        ]
        first = {
            kind: next((s.text for s in one.slots if s.kind == kind), "") for kind in told.slots
        }
        heads = [slot.text for slot in one.slots if slot.kind == "headline"][:3]
        shown.append(
            {"channel": one.channel, "slots": slots, "url": one.url, "first": first,
             "heads": " | ".join(heads), "source": told.source, "read_on": told.read_on}
        )  # fmt: skip
    return shown
