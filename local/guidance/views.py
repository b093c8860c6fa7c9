"""Guides: the list, one guide with its steps, its proof, and cards to print."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from local.business.models import LocalBusiness
from local.business.selectors import business_of
from local.guidance.errors import CardLinkWrong, NoMobileNumber, UnknownStep
from local.guidance.forms import CardForm, ProofForm, TickForm
from local.guidance.front_door import GuideShown, ManualTaskGuide
from local.guidance.selectors import (
    review_card,
    review_link,
    run_last_finished,
    shop_mobile,
    whatsapp_card,
)
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.language import shown_language
from marketing_platform.users.permissions import Permission, allowed, requires

LONGEST_SEARCH = 80


@never_cache
@require_safe
@requires(Permission.READ)
def guide_list(request: HttpRequest) -> HttpResponse:
    query = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:LONGEST_SEARCH]
    rows = ManualTaskGuide().guides(interface_language(), query)
    return render(request, "local/guidance/list.html", {"guides": rows, "query": query})


@never_cache
@require_safe
@requires(Permission.READ)
def guide_page(request: HttpRequest, slug: str) -> HttpResponse:
    return _page(request, slug)


@require_POST
@requires(Permission.WORK)
def guide_step(request: HttpRequest, slug: str) -> HttpResponse:
    """Tick or untick; without htmx the browser comes back to the next step."""
    form = TickForm(request.POST)
    if not form.is_valid():
        raise UnknownStep
    given = form.cleaned_data
    ManualTaskGuide().step_done(
        slug,
        given["step"],
        is_done=given["is_done"],
        now=clock.now(),
        actor_id=request.user.pk,
    )
    guide = ManualTaskGuide().guide(slug, interface_language())
    if request.htmx:
        return render(request, "local/guidance/_guide.html", _context(request, guide))
    return redirect(reverse("local-guide", args=[slug]) + f"#{guide.current or 'proof'}")


@require_POST
@requires(Permission.WORK)
def guide_finish(request: HttpRequest, slug: str) -> HttpResponse:
    guide = ManualTaskGuide().guide(slug, interface_language())
    form = ProofForm(request.POST, request.FILES, evidence=guide.evidence)
    if form.is_valid():
        try:
            ManualTaskGuide().finish(
                slug,
                form.proof,
                photo=form.cleaned_data.get("photo"),
                now=clock.now(),
                actor_id=request.user.pk,
            )
        except PlatformError as error:
            form.add_error(error.field if error.field in form.fields else None, sentence_of(error))
        else:
            messages.success(request, gettext("Done, and the proof is kept."))
            return redirect("local-guides")
    return _page(request, slug, form=form, status=422)


@require_POST
@requires(Permission.WORK)
def guide_stop(request: HttpRequest, slug: str) -> HttpResponse:
    ManualTaskGuide().stop(slug)
    messages.success(request, gettext("Stopped. You can begin again at any time."))
    return redirect("local-guides")


@never_cache
@require_safe
@requires(Permission.READ)
def card(request: HttpRequest, kind: str) -> HttpResponse:
    """A card to print: a QR code with one sentence under it."""
    business = business_of(request.tenant)
    context: dict[str, Any] = {"kind": kind, "business_name": business.name}
    make = _whatsapp_card if kind == "whatsapp" else _review_card
    status = make(request, business, context)
    return render(request, "local/guidance/card.html", context, status=status)


def _whatsapp_card(request: HttpRequest, business: LocalBusiness, context: dict[str, Any]) -> int:
    sentence = gettext("Yes, please send me your news and offers on WhatsApp.")
    try:
        link, picture = whatsapp_card(business, sentence)
    except NoMobileNumber as error:
        context["problem"] = sentence_of(error)
        return error.status
    # segno makes it from the modules of the code: digits and path commands only.
    context |= {"sentence": sentence, "link": link, "picture": mark_safe(picture)}  # noqa: S308
    return 200


def _review_card(request: HttpRequest, business: LocalBusiness, context: dict[str, Any]) -> int:
    form = context["form"] = CardForm(request.GET or None, initial={"link": review_link()})
    if not form.is_bound or not form.is_valid():
        return 422 if form.is_bound else 200
    link = form.cleaned_data["link"]
    try:
        picture = review_card(link)
    except CardLinkWrong as error:
        form.add_error("link", sentence_of(error))
        return 422
    context |= {"link": link, "picture": mark_safe(picture)}  # noqa: S308 - as above
    return 200


def interface_language() -> str:
    return shown_language(get_language())


def _page(
    request: HttpRequest, slug: str, *, form: ProofForm | None = None, status: int = 200
) -> HttpResponse:
    guide = ManualTaskGuide().guide(slug, interface_language())
    return render(
        request, "local/guidance/guide.html", _context(request, guide, form), status=status
    )


def _context(
    request: HttpRequest, guide: GuideShown, form: ProofForm | None = None
) -> dict[str, Any]:
    return {
        "guide": guide,
        "form": form or ProofForm(evidence=guide.evidence),
        "last_run": run_last_finished(guide.slug),
        "review_link": review_link(),
        "has_mobile": bool(shop_mobile(business_of(request.tenant))),
        "may_work": allowed(request.membership.role, Permission.WORK),
    }
