"""Terms, privacy and what else the law wants to be readable, and agreeing to a new version."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from billing.selectors.supplier import supplier_facts
from marketing_platform.core import clock
from marketing_platform.legal.documents import KEYS, Document, document
from marketing_platform.legal.selectors import not_yet_accepted
from marketing_platform.legal.services import acceptance_record
from marketing_platform.onboarding.pages import client_address
from marketing_platform.users.handoff import safe_next


@require_safe
def legal(request: HttpRequest) -> HttpResponse:
    return render(request, "legal/index.html", {"documents": [_document(key) for key in KEYS]})


@require_safe
def legal_page(request: HttpRequest, key: str) -> HttpResponse:
    if key not in KEYS:
        raise Http404
    others = [_document(other) for other in KEYS if other != key]
    return render(request, "legal/page.html", {"document": _document(key), "others": others})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def legal_agree(request: HttpRequest) -> HttpResponse:
    """What changed since somebody agreed; nothing stops working until they do."""
    if not request.user.is_authenticated:
        return redirect(f"{settings.LOGIN_URL}?next={request.path}")
    next_path = safe_next(request.GET.get("next") or settings.LOGIN_REDIRECT_URL)
    if request.method == "POST":
        acceptance_record(
            user_id=request.user.pk,
            place="again",
            language=get_language() or "en",
            address=client_address(request),
            now=clock.now(),
        )
        return redirect(next_path)
    waiting = [_document(key) for key in not_yet_accepted(request.user.pk)]
    return render(request, "legal/agree.html", {"documents": waiting, "next_url": next_path})


@never_cache
@require_safe
def cancel(request: HttpRequest) -> HttpResponse:
    """Cancelling begins where it is looked for; signed in, at the list of one's businesses."""
    here = f"{reverse('my_businesses')}?to=cancel"
    if not request.user.is_authenticated:
        return redirect(f"{settings.LOGIN_URL}?next={here}")
    return redirect(here)


def _document(key: str) -> Document:
    return document(key, get_language() or "en", _facts())


def _facts() -> dict[str, str]:
    """What the texts say about us; a line that is not known yet says so."""
    ours = supplier_facts()
    unknown = gettext("not entered yet")
    officer = (
        settings.GRIEVANCE_OFFICER_NAME,
        settings.GRIEVANCE_OFFICER_EMAIL or settings.SUPPORT_EMAIL,
        settings.GRIEVANCE_OFFICER_PHONE,
    )
    reach = (settings.SUPPORT_EMAIL, ours.get("email", ""), settings.SUPPORT_WHATSAPP)
    return {
        "product": settings.PRODUCT_NAME,
        "company": ours.get("name") or settings.PRODUCT_NAME,
        "address": ours.get("address") or unknown,
        "gstin": ours.get("gstin") or unknown,
        "officer": "\n".join(dict.fromkeys(line for line in officer if line)) or unknown,
        "reach": "\n".join(dict.fromkeys(line for line in reach if line)) or unknown,
        "hours": settings.SUPPORT_HOURS,
        "trial_days": str(settings.TRIAL_DAYS),
    }
