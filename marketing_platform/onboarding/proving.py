"""A number or e-mail is proved by a code: sent, typed, sent again; the same page for every need."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language

from marketing_platform.api.problems import with_headers
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.text import mask_email, mask_phone
from marketing_platform.onboarding.codes import code_enter, code_send
from marketing_platform.onboarding.forms import CodeForm
from marketing_platform.onboarding.pages import client_address, error_sentence, form_page
from marketing_platform.users.known_browsers import browser_of
from marketing_platform.users.models import CodePurpose

Pending = dict[str, Any]


@dataclass(frozen=True)
class Need:
    """What the code is for: `key` names the part of the session, the others are addresses' names.

    `template` shows the code's form; `start` is where one chooses another number.
    """

    key: str
    start: str
    page: str
    again: str
    template: str = "users/proof_code.html"


def proof_begin(request: HttpRequest, need: Need, *, contact: str, **kept: Any) -> HttpResponse:
    """Send the code and go to its page. Raises LimitReached or OutsideFailure."""
    pending = {**kept, "contact": contact, "code_id": _send(request, contact)}
    request.session[need.key] = pending
    return redirect(need.page)


def proof_page(
    request: HttpRequest, need: Need, proved: Callable[[Pending], HttpResponse]
) -> HttpResponse:
    """The code's page; `proved` answers once it was right, and may refuse with a PlatformError."""
    pending = request.session.get(need.key)
    if not pending:
        return redirect(need.start)
    form = CodeForm(request.POST or None)
    problem: PlatformError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            code_enter(
                request=request,
                code_id=pending["code_id"],
                destination=pending["contact"],
                digits=form.cleaned_data["code"],
            )
            answer = proved(pending)
        except PlatformError as error:
            problem = error
            form.add_error("code", error_sentence(error))
        else:
            request.session.pop(need.key, None)
            return answer
    return form_page(request, need.template, _context(need, pending, form), problem)


def proof_again(request: HttpRequest, need: Need) -> HttpResponse:
    pending = request.session.get(need.key)
    if not pending:
        return redirect(need.start)
    try:
        pending["code_id"] = _send(request, pending["contact"])
    except PlatformError as error:
        form = CodeForm({})
        form.errors.clear()
        form.add_error(None, error_sentence(error))
        context = _context(need, pending, form)
        return with_headers(render(request, need.template, context, status=error.status), error)
    request.session[need.key] = pending
    return redirect(need.page)


def _send(request: HttpRequest, contact: str) -> str:
    is_phone = contact.startswith("+")
    return code_send(
        phone=contact if is_phone else None,
        email=None if is_phone else contact,
        purpose=CodePurpose.CONTACT,
        language=get_language() or "en",
        address=client_address(request),
        browser=browser_of(request, contact),
    )


def _context(need: Need, pending: Pending, form: CodeForm) -> dict[str, Any]:
    contact = pending["contact"]
    return {
        "form": form,
        "destination": mask_phone(contact) if contact.startswith("+") else mask_email(contact),
        "change_url": reverse(need.start),
        "resend_url": reverse(need.again),
        "inbox_url": "/inbox/" if settings.SHOW_DEVELOPMENT_INBOX else None,
        "is_simple": True,
    }
