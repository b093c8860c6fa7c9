"""Invoices and credit notes of a workspace: listed, downloaded, paid; and a payer's statement."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from billing.engine.words import DOCUMENT_LANGUAGES
from billing.errors import UnknownDocument
from billing.selectors.owner import document_of, documents_page, ways_to_pay
from billing.selectors.statement import statement_of
from billing.services.document_pdf import document_pdf, file_name
from billing.services.pay_links import invoice_pay_start
from billing.views.summary import SeeOther, back_from_gateway, summary_page
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.users.permissions import Permission, requires


@never_cache
@require_safe
@requires(Permission.BILLING)
def billing_documents(request: HttpRequest) -> HttpResponse:
    context = {"documents": documents_page(request.tenant), "ways": ways_to_pay()}
    return render(request, "billing/documents.html", context)


@never_cache
@require_safe
@requires(Permission.BILLING)
def billing_document(request: HttpRequest, document_id: int) -> HttpResponse:
    """The PDF, in the document's language or in ?language=."""
    try:
        document = document_of(request.tenant, document_id)
    except UnknownDocument as error:
        raise Http404 from error
    wanted = request.GET.get("language", "")
    content = document_pdf(document, wanted if wanted in DOCUMENT_LANGUAGES else "")
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{file_name(document)}"'
    return response


@require_POST
@requires(Permission.BILLING)
def billing_document_pay(request: HttpRequest, document_id: int) -> HttpResponse:
    """To the gateway's page for what is left of this invoice."""
    try:
        checkout = invoice_pay_start(
            tenant=request.tenant,
            document_id=document_id,
            user_id=request.user.pk,
            return_url=back_from_gateway(request),
            now=clock.now(),
            gateway_code=request.POST.get("gateway", ""),
        )
    except UnknownDocument as error:
        raise Http404 from error
    except PlatformError as error:
        return summary_page(request, problem=sentence_of(error), status=error.status)
    return SeeOther(checkout.url)


@never_cache
@require_safe
@requires(Permission.BILLING)
def billing_statement(request: HttpRequest) -> HttpResponse:
    """All documents of whoever pays for this workspace, for those who may see each of them."""
    statement = statement_of(request.tenant, user=request.user)
    return render(request, "billing/statement.html", {"statement": statement})
