"""Sign-up on a purchase order: a quote for approval, an order, and staff who open the workspace."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from billing.errors import UnknownQuote
from billing.selectors.accounts import link_of, payer_facts
from billing.selectors.paper import PaperPage, paper_page, quote_of
from billing.services.accounts import account_update, registration_add, workspace_details
from billing.services.quote_pdf import file_name, quote_pdf
from billing.services.quotes import quote_accept, quote_make
from marketing_platform.api.limits import limit_per_hour
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput, PlatformError
from marketing_platform.onboarding.pages import error_sentence, steps_context
from marketing_platform.onboarding.steps import own_tenant, sign_up_read
from marketing_platform.tenants.models import State, Tenant

QUOTES_PER_HOUR = 20
INTERVALS = {"monthly": "month", "annual": "year"}


class QuoteForm(forms.Form):
    """What a quote must carry for a finance team; GSTIN and cost centre may follow later."""

    legal_name = forms.CharField(label=_("Name on the invoice"), max_length=200)
    gstin = forms.CharField(label=_("GSTIN"), max_length=15, required=False)
    address = forms.CharField(label=_("Address"), max_length=300)
    pincode = forms.CharField(label=_("PIN code"), max_length=6)
    cost_centre = forms.CharField(label=_("Cost centre"), max_length=40, required=False)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def quote(request: HttpRequest) -> HttpResponse:
    """POST with a period makes a quote; with the number of one, it is ordered."""
    tenant = _pending(request)
    if tenant is None:
        return redirect("start_plan")
    form, problem = QuoteForm(initial=_initial(tenant)), ""
    if request.method == "POST":
        by = {"tenant": tenant, "actor_id": request.user.pk, "now": clock.now()}
        if "quote_id" in request.POST:
            problem = _order(request, by)
        else:
            form = QuoteForm(request.POST)
            _make(form, request.POST.get("period", ""), by)
        if not problem and (not form.is_bound or not form.errors):
            return redirect("start_quote")
    page = paper_page(tenant, now=clock.now())
    return render(request, "onboarding/quote.html", _context(tenant, page, form, problem))


@never_cache
@require_safe
def quote_file(request: HttpRequest, quote_id: int) -> HttpResponse:
    tenant = _pending(request)
    if tenant is None:
        raise Http404
    try:
        found = quote_of(tenant, quote_id)
    except UnknownQuote as error:
        raise Http404 from error
    response = HttpResponse(quote_pdf(found), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{file_name(found)}"'
    return response


def _pending(request: HttpRequest) -> Tenant | None:
    """The workspace being signed up, while nothing is decided."""
    sign_up = sign_up_read(request)
    if sign_up is None or not request.user.is_authenticated or not sign_up.tenant_id:
        return None
    tenant = own_tenant(request, sign_up.tenant_id)
    return tenant if tenant is not None and tenant.state == State.PENDING else None


def _context(tenant: Tenant, page: PaperPage, form: forms.Form, problem: str) -> dict[str, Any]:
    return {
        "page": page,
        "ordered": next((row for row in page.quotes if row.state == "accepted"), None),
        "form": form,
        "problem": problem,
        "business_name": tenant.name,
        **steps_context("payment"),
    }


def _initial(tenant: Tenant) -> dict[str, str]:
    link = link_of(tenant)
    if link is None:
        return {"legal_name": tenant.name}
    facts = payer_facts(tenant)
    names = ("legal_name", "gstin", "address", "pincode", "cost_centre")
    return {name: getattr(facts, name) for name in names}


def _order(request: HttpRequest, by: dict[str, Any]) -> str:
    """What is wrong with it, or ""."""
    number = request.POST["quote_id"]
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        raise Http404
    try:
        quote_accept(quote_id=int(number), po_number=request.POST.get("po_number", ""), **by)
    except UnknownQuote as error:
        raise Http404 from error
    except PlatformError as error:
        return error_sentence(error)
    return ""


def _make(form: QuoteForm, period: str, by: dict[str, Any]) -> None:
    """The payer as it was typed, then its quote; a refusal stands at its field."""
    if not form.is_valid():
        return
    try:
        limit_per_hour("quotes at sign-up", str(by["actor_id"]), QUOTES_PER_HOUR)
        _payer_save(form.cleaned_data, by)
        quote_make(interval=INTERVALS.get(period, ""), **by)
    except InvalidInput as error:
        form.add_error(error.field if error.field in form.fields else None, error_sentence(error))
    except PlatformError as error:
        form.add_error(None, error_sentence(error))


def _payer_save(data: dict[str, str], by: dict[str, Any]) -> None:
    place = {name: data[name] for name in ("legal_name", "address", "pincode")}
    account = account_update(**place, **by)
    if data["gstin"]:
        place["city"] = account.city
        registration_add(**place, gstin=data["gstin"], is_default=True, **by)
    workspace_details(cost_centre=data["cost_centre"], **by)
