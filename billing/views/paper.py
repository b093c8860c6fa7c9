"""Buying on paper: quotes, purchase order, TDS, certificates, and files for a vendor desk."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from billing.engine.words import DOCUMENT_LANGUAGES
from billing.errors import UnknownQuote
from billing.selectors.accounts import link_of
from billing.selectors.paper import (
    certificates_of,
    paper_page,
    quote_of,
    tds_example,
)
from billing.services.accounts import account_update, workspace_details
from billing.services.quote_pdf import file_name, quote_pdf
from billing.services.quotes import quote_accept, quote_decline, quote_make
from billing.services.tds import certificate_upload, certificates_open
from billing.services.vendor import vendor_pack
from billing.views.summary import PERIODS, SeeOther
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput, NotFound, PlatformError
from marketing_platform.users.permissions import Permission, requires

LARGEST = 5 * 1024 * 1024


class TermsForm(forms.Form):
    """What the invoices carry and what is deducted from them."""

    po_required = forms.BooleanField(
        label=_("Every invoice needs a purchase order number"), required=False
    )
    po_number = forms.CharField(label=_("Purchase order number"), max_length=40, required=False)
    po_valid_until = forms.DateField(
        label=_("The order is valid until"),
        widget=forms.DateInput(attrs={"type": "date"}),
        required=False,
    )
    cost_centre = forms.CharField(label=_("Cost centre"), max_length=40, required=False)
    registration_id = forms.TypedChoiceField(
        label=_("GSTIN on the invoices of this workspace"),
        coerce=int,
        empty_value=None,
        required=False,
    )
    tds_section = forms.CharField(label=_("TDS section"), max_length=40, required=False)
    tds_rate = forms.DecimalField(
        label=_("TDS rate in percent"),
        help_text=_("Deducted from the amount before GST. Leave both empty if you deduct nothing."),
        min_value=0,
        max_value=20,
        decimal_places=2,
        required=False,
    )


class CertificateForm(forms.Form):
    certificate_number = forms.CharField(label=_("Certificate number"), max_length=40)
    amount = forms.DecimalField(
        label=_("Tax on the certificate, in ₹"), min_value=0, max_digits=12, decimal_places=2
    )
    file = forms.FileField(
        label=_("Certificate as PDF, at most 5 MB"),
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
    )


@never_cache
@require_safe
@requires(Permission.BILLING)
def billing_paper(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
@requires(Permission.BILLING)
def billing_paper_terms(request: HttpRequest) -> HttpResponse:
    """Purchase order, cost centre, GSTIN and TDS together; refused, nothing of it is kept."""
    form = _terms_form(request, request.POST)
    if not form.is_valid() or not _kept(form, lambda: _terms_save(request, form.cleaned_data)):
        return _page(request, form=form, status=400)
    messages.success(request, gettext("Saved. Your next invoice says so."))
    return SeeOther(reverse("billing_paper"))


@require_POST
@requires(Permission.BILLING)
def billing_quote_make(request: HttpRequest) -> HttpResponse:
    interval = PERIODS.get(request.POST.get("period", ""), "")
    return _done(
        request,
        lambda by: quote_make(interval=interval, **by),
        gettext("Your quote is ready. Download it below."),
    )


@never_cache
@require_safe
@requires(Permission.BILLING)
def billing_quote(request: HttpRequest, quote_id: int) -> HttpResponse:
    """The PDF, in the payer's language or in ?language=."""
    try:
        quote = quote_of(request.tenant, quote_id)
    except UnknownQuote as error:
        raise Http404 from error
    wanted = request.GET.get("language", "")
    content = quote_pdf(quote, wanted if wanted in DOCUMENT_LANGUAGES else "")
    return _file(content, "application/pdf", file_name(quote))


@require_POST
@requires(Permission.BILLING)
def billing_quote_accept(request: HttpRequest, quote_id: int) -> HttpResponse:
    po_number = request.POST.get("po_number", "")
    return _done(
        request,
        lambda by: quote_accept(quote_id=quote_id, po_number=po_number, **by),
        gettext("Ordered. We confirm it within a working day and send the tax invoice."),
    )


@require_POST
@requires(Permission.BILLING)
def billing_quote_decline(request: HttpRequest, quote_id: int) -> HttpResponse:
    return _done(
        request,
        lambda by: quote_decline(quote_id=quote_id, **by),
        gettext("The quote is declined. Nothing is owed."),
    )


@never_cache
@require_safe
@requires(Permission.BILLING)
def billing_certificates(request: HttpRequest) -> HttpResponse:
    certificates_open(tenant=request.tenant, now=clock.now())
    return _certificates(request, None, 0)


@require_POST
@requires(Permission.BILLING)
def billing_certificate_upload(request: HttpRequest, certificate_id: int) -> HttpResponse:
    form = CertificateForm(request.POST, request.FILES, auto_id=f"c{certificate_id}_%s")
    if not form.is_valid() or not _kept(form, lambda: _upload(request, form, certificate_id)):
        return _certificates(request, form, certificate_id, status=400)
    messages.success(request, gettext("Thank you. The certificate is here."))
    return SeeOther(reverse("billing_certificates"))


@never_cache
@require_safe
@requires(Permission.BILLING)
def billing_vendor_pack(request: HttpRequest) -> HttpResponse:
    try:
        content = vendor_pack()
    except NotFound as error:
        raise Http404 from error
    return _file(content, "application/zip", "vendor-pack.zip")


def _page(
    request: HttpRequest, *, form: TermsForm | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "page": paper_page(request.tenant, now=clock.now()),
        "form": form or _terms_form(request),
        "example": tds_example(request.tenant),
        "problem": problem,
    }
    return render(request, "billing/paper/paper.html", context, status=status)


def _certificates(
    request: HttpRequest, form: CertificateForm | None, certificate_id: int, status: int = 200
) -> HttpResponse:
    rows = certificates_of(request.tenant)
    if form is not None and certificate_id not in {row.id for row in rows}:
        raise Http404
    shown = [
        (row, form if row.id == certificate_id else CertificateForm(auto_id=f"c{row.id}_%s"))
        for row in rows
    ]
    return render(request, "billing/paper/certificates.html", {"rows": shown}, status=status)


def _done(request: HttpRequest, act: Callable[[dict[str, Any]], Any], said: str) -> HttpResponse:
    try:
        act({"tenant": request.tenant, "actor_id": request.user.pk, "now": clock.now()})
    except UnknownQuote as error:
        raise Http404 from error
    except PlatformError as error:
        return _page(request, problem=sentence_of(error), status=error.status)
    messages.success(request, said)
    return SeeOther(reverse("billing_paper"))


def _terms_form(request: HttpRequest, data: Any = None) -> TermsForm:
    link = link_of(request.tenant)
    initial: dict[str, Any] = {}
    if link is not None:
        names = ("po_number", "po_valid_until", "cost_centre", "registration_id")
        rate = link.account.tds_basis_points
        initial = {name: getattr(link, name) for name in names}
        initial |= {
            "po_required": link.account.po_required,
            "tds_section": link.account.tds_section,
            "tds_rate": f"{rate / 100:g}" if rate else None,
        }
    form = TermsForm(data, initial=initial)
    known = paper_page(request.tenant, now=clock.now()).registrations
    form.fields["registration_id"].choices = [("", gettext("The default one")), *known]
    return form


def _terms_save(request: HttpRequest, data: dict[str, Any]) -> None:
    by = {"tenant": request.tenant, "actor_id": request.user.pk, "now": clock.now()}
    account_update(
        **by,
        po_required=data["po_required"],
        tds_section=data["tds_section"],
        tds_basis_points=int((data["tds_rate"] or 0) * 100),
    )
    names = ("po_number", "po_valid_until", "cost_centre", "registration_id")
    workspace_details(**by, **{name: data[name] for name in names})


def _upload(request: HttpRequest, form: CertificateForm, certificate_id: int) -> None:
    file = form.cleaned_data["file"]
    try:
        certificate_upload(
            tenant=request.tenant,
            certificate_id=certificate_id,
            certificate_number=form.cleaned_data["certificate_number"],
            certified_paise=int(form.cleaned_data["amount"] * 100),
            file_name=file.name,
            content=file.read() if file.size <= LARGEST else b"",
            actor_id=request.user.pk,
            now=clock.now(),
        )
    except NotFound as error:
        raise Http404 from error


def _kept(form: forms.Form, save: Callable[[], None]) -> bool:
    try:
        save()
    except InvalidInput as error:
        form.add_error(error.field if error.field in form.fields else None, sentence_of(error))
    except PlatformError as error:
        form.add_error(None, sentence_of(error))
    return not form.errors


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
