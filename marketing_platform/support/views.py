"""Help on every host: a call back, WhatsApp, e-mail; and "talk to us" for those who buy."""

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marketing_platform.api.limits import limit_per_hour
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.support.forms import CallForm
from marketing_platform.support.models import RequestKind
from marketing_platform.support.selectors import open_request_of
from marketing_platform.support.services import request_make, topic_answered
from marketing_platform.support.topics import Topic, topic_find, topics_for
from marketing_platform.users.addresses import client_address
from marketing_platform.users.permissions import Permission, requires

CALLS_PER_HOUR = 5
ASKED, ANSWERED = "asked_for_a_call", "answered_topics"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.READ, when_read_only=True)
def help_page(request: HttpRequest) -> HttpResponse:
    """In a workspace and on the public site."""
    return _page(request, RequestKind.CALLBACK, "support/help.html")


@require_safe
@requires(Permission.READ, when_read_only=True)
def help_topic(request: HttpRequest, slug: str) -> HttpResponse:
    """One answer, in the reader's language."""
    topic = topic_find(slug)
    if topic is None:
        raise Http404
    words = topic.said(get_language() or "en")
    related = [found for each in topic.related if (found := topic_find(each))]
    context = {
        "slug": slug,
        "is_answered": "thanks" in request.GET,
        "words": words,
        "title": words.title,
        "related": _listed(related),
        "base": _base(request),
    }
    return render(request, "support/topic.html", context)


@require_POST
@requires(Permission.READ, when_read_only=True)
def help_useful(request: HttpRequest, slug: str) -> HttpResponse:
    """Yes or no; a browser counts once for a topic."""
    if topic_find(slug) is None:
        raise Http404
    answered = request.session.get(ANSWERED, [])
    if slug not in answered and request.POST.get("useful") in {"yes", "no"}:
        limit_per_hour("help answers per hour", client_address(request), 60)
        topic_answered(
            slug=slug,
            language=(get_language() or "en")[:10],
            is_useful=request.POST["useful"] == "yes",
        )
        request.session[ANSWERED] = [*answered, slug][-50:]
    return redirect(f"{reverse('help-topic', args=[slug])}?thanks")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def talk(request: HttpRequest) -> HttpResponse:
    """For a company that wants to speak to somebody before it buys."""
    return _page(request, RequestKind.TALK, "support/talk.html")


def _page(request: HttpRequest, kind: RequestKind, template: str) -> HttpResponse:
    with_company = kind is RequestKind.TALK
    if request.method == "POST":
        form = CallForm(request.POST, with_company=with_company)
        if form.is_valid() and _ask(request, kind, form):
            return redirect(request.path)
    else:
        form = CallForm(initial=_known(request), with_company=with_company)
    context = {
        "form": form,
        "base": _base(request),
        "topics": _topics(request),
        "wanted": _wanted(request),
        "waiting": _waiting(request, kind),
        "hours": settings.SUPPORT_HOURS,
        "email": settings.SUPPORT_EMAIL,
        "whatsapp_url": _whatsapp(request),
        "title": gettext("Help") if kind is RequestKind.CALLBACK else gettext("Talk to us"),
    }
    status = 422 if form.errors else 200
    return render(request, template, context, status=status)


def _base(request: HttpRequest) -> str:
    return "base_workspace.html" if request.tenant else "base_public.html"


def _wanted(request: HttpRequest) -> str:
    return request.GET.get("q", "")[:100]


def _topics(request: HttpRequest) -> list[dict[str, str]]:
    found = topics_for(
        tier=request.tenant.tier if request.tenant else "",
        page=request.GET.get("page", ""),
        wanted=_wanted(request),
        language=get_language() or "en",
    )
    return _listed(found)


def _listed(found: list[Topic]) -> list[dict[str, str]]:
    language = get_language() or "en"
    return [
        {"title": each.said(language).title, "url": reverse("help-topic", args=[each.slug])}
        for each in found
    ]


def _ask(request: HttpRequest, kind: RequestKind, form: CallForm) -> bool:
    given = form.cleaned_data
    tenant, user = request.tenant, request.user
    try:
        limit_per_hour("call-backs per hour", given["phone"], CALLS_PER_HOUR)
        limit_per_hour("call-backs per hour", client_address(request), 30)
        request_make(
            kind=kind,
            name=given["name"],
            company=given.get("company", ""),
            phone=given["phone"],
            words=given["words"],
            best_time=given["best_time"],
            page=request.POST.get("page", ""),
            language=get_language() or "en",
            workspace_id=tenant.pk if tenant else None,
            workspace_name=tenant.name if tenant else "",
            user_id=user.pk if user.is_authenticated else None,
            now=clock.now(),
        )
    except PlatformError as error:
        form.add_error(None, sentence_of(error))
        return False
    request.session[ASKED] = given["phone"]
    return True


def _waiting(request: HttpRequest, kind: RequestKind) -> Any:
    """This browser's own open request; a number alone tells nobody that it asked."""
    phone = request.session.get(ASKED, "")
    return open_request_of(phone, kind) if phone else None


def _known(request: HttpRequest) -> dict[str, str]:
    if not request.user.is_authenticated:
        return {}
    return {"name": request.user.full_name, "phone": (request.user.phone or "")}


def _whatsapp(request: HttpRequest) -> str:
    if not settings.SUPPORT_WHATSAPP:
        return ""
    name = request.tenant.name if request.tenant else settings.PRODUCT_NAME
    words = gettext("I need help with %(name)s.") % {"name": name}
    return f"https://wa.me/{settings.SUPPORT_WHATSAPP.lstrip('+')}?text={quote(words)}"
