"""Who pays: name, address, State, billing addresses, GSTINs, and what invoices must carry."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from billing.engine.countries import country_names
from billing.errors import UnknownRegistration
from billing.selectors.accounts import link_of, payer_facts, registrations_of
from billing.services.accounts import (
    account_update,
    registration_add,
    registration_remove,
    workspace_details,
)
from billing.services.invoicing import buyer_check
from billing.views.summary import SeeOther, states_named
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput, PlatformError
from marketing_platform.users.permissions import Permission, requires

OWN = ("legal_name", "address", "city", "pincode", "state_code", "country", "language")


class DetailsForm(forms.Form):
    """Lengths and rules are the service's: it names the field that it refuses."""

    legal_name = forms.CharField(label=_("Name on the invoice"), max_length=200)
    address = forms.CharField(label=_("Address"), max_length=300, required=False)
    city = forms.CharField(label=_("City"), max_length=80, required=False)
    country = forms.ChoiceField(label=_("Country"))
    pincode = forms.CharField(
        label=_("PIN code"),
        help_text=_("In India only. Elsewhere write the postal code into the address."),
        max_length=20,
        required=False,
    )
    state_code = forms.ChoiceField(
        label=_("State"),
        help_text=_("The State decides which GST is charged. In India only."),
        required=False,
    )
    emails = forms.CharField(
        label=_("Send invoices to"),
        help_text=_("E-mail addresses, one in each line."),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )
    language = forms.ChoiceField(
        label=_("Language of invoices and reminders"),
        help_text=_("With Marathi the reminders are in Marathi and the invoices in Hindi."),
        choices=[("en", "English"), ("hi", "हिन्दी"), ("mr", "मराठी")],
    )
    po_number = forms.CharField(label=_("Purchase order number"), max_length=40, required=False)
    cost_centre = forms.CharField(label=_("Cost centre"), max_length=40, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = country_names(get_language() or "en")
        self.fields["state_code"].choices = [("", "–"), *states_named()]


class RegistrationForm(forms.Form):
    gstin = forms.CharField(label=_("GSTIN"), max_length=15)
    legal_name = forms.CharField(label=_("Name of this GSTIN"), max_length=200)
    address = forms.CharField(label=_("Address of this GSTIN"), max_length=300)
    city = forms.CharField(label=_("City"), max_length=80, required=False)
    pincode = forms.CharField(label=_("PIN code"), max_length=6)
    is_sez = forms.BooleanField(label=_("This is a unit in an SEZ"), required=False)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.BILLING)
def billing_details(request: HttpRequest) -> HttpResponse:
    """The form; what is refused comes back as it was typed, with the reason at its field."""
    if request.method != "POST":
        return _page(request, DetailsForm(initial=_initial(request)))
    form = DetailsForm(request.POST)
    if not form.is_valid() or not _kept(form, lambda: _save(request, form.cleaned_data)):
        return _page(request, form, status=400)
    messages.success(request, gettext("Saved. Your next invoice says so."))
    return SeeOther(reverse("billing_details"))


@require_POST
@requires(Permission.BILLING)
def billing_registration_add(request: HttpRequest) -> HttpResponse:
    form = RegistrationForm(request.POST, auto_id="gst_%s")

    def save() -> None:
        facts = {"tenant": request.tenant, "actor_id": request.user.pk, "now": clock.now()}
        registration_add(**form.cleaned_data, **facts)

    if not form.is_valid() or not _kept(form, save):
        details = DetailsForm(initial=_initial(request))
        return _page(request, details, registration=form, status=400)
    messages.success(request, gettext("The GSTIN is on your next invoice."))
    return SeeOther(reverse("billing_details"))


@require_POST
@requires(Permission.BILLING)
def billing_registration_remove(request: HttpRequest, registration_id: int) -> HttpResponse:
    try:
        registration_remove(
            tenant=request.tenant,
            registration_id=registration_id,
            actor_id=request.user.pk,
            now=clock.now(),
        )
    except UnknownRegistration as error:
        raise Http404 from error
    messages.success(request, gettext("The GSTIN is removed. Invoices that are out keep it."))
    return SeeOther(reverse("billing_details"))


def _save(request: HttpRequest, data: dict[str, Any]) -> None:
    by = {"tenant": request.tenant, "actor_id": request.user.pk, "now": clock.now()}
    buyer_check(
        country=data["country"],
        state_code=data["state_code"],
        gstin=payer_facts(request.tenant).gstin,
    )
    account_update(**by, **{name: data[name] for name in OWN}, emails=data["emails"].split())
    link = link_of(request.tenant)
    workspace_details(
        **by,
        po_number=data["po_number"],
        po_valid_until=link.po_valid_until if link else None,
        cost_centre=data["cost_centre"],
        registration_id=link.registration_id if link else None,
    )


def _kept(form: forms.Form, save: Callable[[], None]) -> bool:
    try:
        save()
    except InvalidInput as error:
        name = error.field if error.field in form.fields else None
        form.add_error(name, sentence_of(error))
    except PlatformError as error:
        form.add_error(None, sentence_of(error))
    return not form.errors


def _initial(request: HttpRequest) -> dict[str, Any]:
    link = link_of(request.tenant)
    if link is None:
        facts = payer_facts(request.tenant)
        return {
            "legal_name": facts.legal_name,
            "city": facts.city,
            "state_code": facts.state_code,
            "country": facts.country,
            "emails": "\n".join(facts.emails),
            "language": facts.language,
        }
    account = link.account
    return {
        **{name: getattr(account, name) for name in OWN},
        "emails": "\n".join(account.emails),
        "po_number": link.po_number,
        "cost_centre": link.cost_centre,
    }


def _page(
    request: HttpRequest,
    form: forms.Form,
    *,
    registration: forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    link = link_of(request.tenant)
    context = {
        "form": form,
        "registration": registration or RegistrationForm(auto_id="gst_%s"),
        "registrations": registrations_of(link.account) if link else [],
    }
    return render(request, "billing/details.html", context, status=status)
