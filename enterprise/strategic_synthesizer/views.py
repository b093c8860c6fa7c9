"""Pages of the brief."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from enterprise.strategic_synthesizer.engine.contracts import Figure
from enterprise.strategic_synthesizer.engine.numbers import WORDS, shown
from enterprise.strategic_synthesizer.engine.rendering import metric_of
from enterprise.strategic_synthesizer.engine.stored import changed
from enterprise.strategic_synthesizer.errors import BriefChanged
from enterprise.strategic_synthesizer.front_door import BriefRequest, StrategicSynthesizer
from enterprise.strategic_synthesizer.selectors import (
    StoredBrief,
    brief_before,
    brief_of,
    briefs,
    latest_brief,
)
from enterprise.strategic_synthesizer.services.documents import PDF, PPTX
from marketing_platform.core import clock
from marketing_platform.core.language import shown_language
from marketing_platform.users.permissions import Permission, allowed, requires


@never_cache
@require_safe
@requires(Permission.READ)
def latest(request: HttpRequest) -> HttpResponse:
    return _page(request, latest_brief())


@never_cache
@require_safe
@requires(Permission.READ)
def one(request: HttpRequest, brief_id: UUID) -> HttpResponse:
    return _page(request, brief_of(brief_id))


@never_cache
@require_POST
@requires(Permission.WORK)
def make(request: HttpRequest) -> HttpResponse:
    made = StrategicSynthesizer().create_brief(
        BriefRequest(tenant=request.tenant, now=clock.now(), actor_id=request.user.pk)
    )
    messages.success(request, gettext("The brief says what is known now."))
    return redirect("enterprise-brief-one", brief_id=made.id)


@never_cache
@require_POST
@requires(Permission.APPROVE_SPEND)
def approve(request: HttpRequest, brief_id: UUID) -> HttpResponse:
    try:
        StrategicSynthesizer().approve(
            brief_id=brief_id,
            content_hash=request.POST.get("content_hash", ""),
            actor_id=request.user.pk,
            now=clock.now(),
        )
        messages.success(request, gettext("Approved."))
    except BriefChanged as error:
        messages.error(request, gettext(error.sentence))
    return redirect("enterprise-brief-one", brief_id=brief_id)


@never_cache
@require_safe
@requires(Permission.EXPORT)
def pdf(request: HttpRequest, brief_id: UUID) -> HttpResponse:
    content = StrategicSynthesizer().pdf(brief_of(brief_id), _language())
    return _file(content, PDF, "brief.pdf")


@never_cache
@require_safe
@requires(Permission.EXPORT)
def pptx(request: HttpRequest, brief_id: UUID) -> HttpResponse:
    content = StrategicSynthesizer().pptx(brief_of(brief_id), _language())
    return _file(content, PPTX, "brief.pptx")


def _page(request: HttpRequest, stored: StoredBrief | None) -> HttpResponse:
    role = request.membership.role
    context = {
        "stored": stored,
        "finished": stored.finished(_language()) if stored else None,
        "changes": _changes(stored) if stored else [],
        "others": briefs(),
        "may_make": allowed(role, Permission.WORK),
        "may_approve": allowed(role, Permission.APPROVE_SPEND),
        "may_export": allowed(role, Permission.EXPORT),
    }
    return render(request, "enterprise/brief/brief.html", context)


def _changes(stored: StoredBrief) -> list[dict[str, str]]:
    """What reads differently from the brief before."""
    before = brief_before(stored)
    if before is None:
        return []
    return [
        {
            "metric": metric_of(now, gettext),
            "was": shown(was, Figure(was.id), _language()),
            "now": shown(now, Figure(now.id), _language()),
        }
        for was, now in changed(before.brief, stored.brief)
    ]


def _language() -> str:
    return shown_language(get_language(), tuple(WORDS))


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
