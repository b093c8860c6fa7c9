"""Asking to sign in with another number, and stopping somebody who asked for one's own."""

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marketing_platform.api.limits import limit_per_day
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.text import mask_phone
from marketing_platform.onboarding.forms import NameField, PhoneField
from marketing_platform.onboarding.pages import client_address, error_sentence, form_page
from marketing_platform.onboarding.proving import (
    Need,
    Pending,
    proof_again,
    proof_begin,
    proof_page,
)
from marketing_platform.people.lost_numbers import (
    LostNumberGone,
    lost_number_ask,
    lost_number_by_token,
    lost_number_stop,
    lost_number_waiting_for,
)

NEED = Need("lost_number", "lost_number", "lost_number_code", "lost_number_again")
ASKED_PER_DAY, ASKED_PER_ADDRESS_AND_DAY = 3, 20


class LostNumberForm(forms.Form):
    full_name = NameField()
    old_phone = PhoneField(label=_("The number you no longer have"))
    new_phone = PhoneField(label=_("The number you have now"))
    words = forms.CharField(
        label=_("What is your business called, and in which city is it?"),
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if cleaned.get("old_phone") and cleaned.get("old_phone") == cleaned.get("new_phone"):
            self.add_error("new_phone", _("Write a number that is not the lost one."))
        return cleaned


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lost_number(request: HttpRequest) -> HttpResponse:
    form = LostNumberForm(request.POST or None)
    problem = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            limit_per_day("lost numbers per day", given["new_phone"], ASKED_PER_DAY)
            limit_per_day(
                "lost numbers per internet address and day",
                client_address(request),
                ASKED_PER_ADDRESS_AND_DAY,
            )
            return proof_begin(
                request,
                NEED,
                contact=given["new_phone"],
                old_phone=given["old_phone"],
                name=given["full_name"],
                words=given["words"],
            )
        except PlatformError as error:
            problem = error
            form.add_error(None, error_sentence(error))
    context = {"form": form, "hours": _hours(), "is_simple": True}
    return form_page(request, "users/lost_number.html", context, problem)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lost_number_code(request: HttpRequest) -> HttpResponse:
    def proved(pending: Pending) -> HttpResponse:
        lost_number_ask(
            old_phone=pending["old_phone"],
            new_phone=pending["contact"],
            name=pending["name"],
            words=pending["words"],
            language=get_language() or "en",
            now=clock.now(),
        )
        return redirect("lost_number_asked")

    return proof_page(request, NEED, proved)


@never_cache
@require_POST
def lost_number_again(request: HttpRequest) -> HttpResponse:
    return proof_again(request, NEED)


@never_cache
@require_safe
def lost_number_asked(request: HttpRequest) -> HttpResponse:
    context = {"hours": _hours(), "support_hours": settings.SUPPORT_HOURS, "is_simple": True}
    return render(request, "users/lost_number_asked.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lost_number_stop_page(request: HttpRequest, token: str) -> HttpResponse:
    """Messengers open links to look at them, so that opening stops nothing."""
    row = lost_number_by_token(token[:200])
    is_stopped = False
    if request.method == "POST":
        try:
            lost_number_stop(request=row, now=clock.now())
            is_stopped = True
        except LostNumberGone:
            row = None
    context = {
        "new_phone": mask_phone(row.new_phone) if row else "",
        "is_stopped": is_stopped,
        "is_simple": True,
    }
    status = 200 if row else 404
    return render(request, "users/lost_number_stop.html", context, status=status)


@never_cache
@require_POST
def my_number_stop(request: HttpRequest) -> HttpResponse:
    """From where the person is still signed in."""
    if not request.user.is_authenticated:
        return redirect(settings.LOGIN_URL)
    try:
        lost_number_stop(request=lost_number_waiting_for(request.user), now=clock.now())
    except LostNumberGone:
        return redirect("my_businesses")
    return render(request, "users/lost_number_stop.html", {"is_stopped": True})


def _hours() -> int:
    return max(1, settings.NUMBER_CHANGE_WAIT_SECONDS // 3600)
