"""A person's own number and e-mail: changing them, and joining a second account of theirs."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.onboarding.forms import EmailField, FactorForm, PhoneField
from marketing_platform.onboarding.pages import error_sentence, form_page
from marketing_platform.onboarding.proving import (
    Need,
    Pending,
    proof_again,
    proof_begin,
    proof_page,
)
from marketing_platform.onboarding.security import factor_try
from marketing_platform.people.contacts import (
    StaffContact,
    contact_owner,
    contact_take,
    shown,
)
from marketing_platform.people.joining import Kept, NotJoined, accounts_join, contacts_offered
from marketing_platform.users.factors import has_factor
from marketing_platform.users.models import User
from marketing_platform.users.recent import recent_sign_in_required
from marketing_platform.users.selectors import memberships_of
from marketing_platform.users.sessions import sessions_end_others

NEED = Need("new_contact", "my_contact", "my_contact_code", "my_contact_again")
JOINING = "joining"
SECONDS_TO_JOIN = 600


class NewPhoneForm(forms.Form):
    phone = PhoneField(label=_("New mobile number"))


class NewEmailForm(forms.Form):
    email = EmailField(label=_("New e-mail"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def my_contact(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect(f"{settings.LOGIN_URL}?next={request.path}")
    return _my_contact(request)


@recent_sign_in_required
def _my_contact(request: HttpRequest) -> HttpResponse:
    """One form for the number, one for the e-mail; `which` says whose button was pressed."""
    which = request.POST.get("which", "")
    phone_form = NewPhoneForm(request.POST if which == "phone" else None)
    email_form = NewEmailForm(request.POST if which == "email" else None)
    form = email_form if which == "email" else phone_form
    problem = None
    if request.method == "POST" and form.is_valid():
        contact = form.cleaned_data.get("email") or form.cleaned_data["phone"]
        try:
            return _begin(request, contact)
        except PlatformError as error:
            problem = error
            form.add_error(None, error_sentence(error))
    context = {"phone_form": phone_form, "email_form": email_form}
    return form_page(request, "users/contact.html", context, problem)


def _begin(request: HttpRequest, contact: str) -> HttpResponse:
    if request.user.is_staff:
        raise StaffContact
    if contact in {request.user.phone, request.user.email}:
        messages.info(request, gettext("This is what you sign in with already."))
        return redirect("my_contact")
    return proof_begin(request, NEED, contact=contact, user=str(request.user.pk))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def my_contact_code(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect(settings.LOGIN_URL)

    def proved(pending: Pending) -> HttpResponse:
        contact, other = pending["contact"], contact_owner(pending["contact"])
        if other is not None and other.pk != request.user.pk:
            if other.is_staff or not other.is_active:
                raise NotJoined
            request.session[JOINING] = {
                "user": str(other.pk),
                "generation": other.session_generation,
                "contact": contact,
                "at": int(clock.now().timestamp()),
            }
            return redirect("my_contact_join")
        contact_take(user=request.user, contact=contact, now=clock.now())
        sessions_end_others(request, request.user)
        messages.success(
            request, gettext("From now on you sign in with %(new)s.") % {"new": shown(contact)}
        )
        return redirect("my_contact")

    return proof_page(request, NEED, proved)


@never_cache
@require_POST
def my_contact_again(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect(settings.LOGIN_URL)
    return proof_again(request, NEED)


class JoinAccountsForm(forms.Form):
    """What the one account signs in with; a choice only where both have one."""

    def __init__(self, *args: Any, keep: User, gone: User, **options: Any) -> None:
        super().__init__(*args, **options)
        phones, emails = contacts_offered(keep, gone)
        for name, label, found in (
            ("phone", _("The number to sign in with"), phones),
            ("email", _("The e-mail to sign in with"), emails),
        ):
            if len(found) > 1:
                choices = [(each, shown(each)) for each in found]
                self.fields[name] = forms.ChoiceField(
                    label=label, choices=choices, initial=found[0], widget=forms.RadioSelect
                )
        if has_factor(gone):
            self.fields["code"] = FactorForm.base_fields["code"]
        self.only = Kept(phones[0] if phones else None, emails[0] if emails else None)

    def wanted(self) -> Kept:
        given = self.cleaned_data
        return Kept(given.get("phone", self.only.phone), given.get("email", self.only.email))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def my_contact_join(request: HttpRequest) -> HttpResponse:
    """Both accounts were proved; what will happen is said before the one button."""
    if not request.user.is_authenticated:
        return redirect(f"{settings.LOGIN_URL}?next={request.path}")
    other = _joining(request)
    if other is None:
        return redirect("my_contact")
    return _join(request, other)


@recent_sign_in_required
def _join(request: HttpRequest, other: User) -> HttpResponse:
    form = JoinAccountsForm(request.POST or None, keep=request.user, gone=other)
    problem = None
    if request.method == "POST" and form.is_valid():
        try:
            if "code" in form.fields:
                factor_try(other, form.cleaned_data["code"])
            accounts_join(keep=request.user, gone=other, wanted=form.wanted(), now=clock.now())
        except PlatformError as error:
            problem = error
            form.add_error("code" if error.field == "code" else None, error_sentence(error))
        else:
            request.session.pop(JOINING, None)
            sessions_end_others(request, request.user)
            messages.success(request, gettext("The two accounts are one now."))
            return redirect("my_businesses")
    context = {
        "form": form,
        "contact": shown(request.session[JOINING]["contact"]),
        "theirs": [place.tenant.name for place in memberships_of(other)],
        "loses_app": has_factor(other),
        "is_simple": True,
    }
    return form_page(request, "users/join_accounts.html", context, problem)


def _joining(request: HttpRequest) -> User | None:
    kept = request.session.get(JOINING)
    if not kept or clock.now().timestamp() - kept["at"] > SECONDS_TO_JOIN:
        request.session.pop(JOINING, None)
        return None
    rows = User.objects.filter(is_active=True, is_staff=False).exclude(pk=request.user.pk)
    return rows.filter(pk=kept["user"], session_generation=kept["generation"]).first()
