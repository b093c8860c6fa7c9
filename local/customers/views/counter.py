import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from local.customers.engine.facts import Consent, ConsentState
from local.customers.forms import CounterForm
from local.customers.selectors import (
    consent_of,
    customer_by_phone,
    last_counter_visit,
    visits_of,
)
from local.customers.services import ConsentGiven, VisitSaved, visit_record, visit_undo
from local.customers.views.common import shown_phone, wording_shown
from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.money import Rupees
from marketing_platform.users.permissions import Permission, requires

LARGEST_ID = 2**63 - 1


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.WORK)
def counter(request: HttpRequest) -> HttpResponse:
    """Number, amount, save: and the next one."""
    if request.method != "POST":
        return _page(request, CounterForm(initial={"form_key": uuid.uuid4()}))
    form = CounterForm(request.POST)
    if form.is_valid():
        try:
            saved = _save(request, form.cleaned_data)
        except PlatformError as error:
            form.add_error(_field(error), sentence_of(error))
        else:
            if saved.is_repeat and not _is_same(saved, form.cleaned_data):
                return _page(request, _another(request, saved), status=422)
            if saved.is_new_customer:
                messages.success(request, gettext("Saved, and added to your customers."))
            else:
                messages.success(request, gettext("Saved."))
            return redirect("local-counter")
    return _page(request, form, status=422)


@never_cache
@require_POST
@requires(Permission.WORK)
def lookup(request: HttpRequest) -> HttpResponse:
    """Who has this number, when they came last and what they agreed to. By POST: numbers in
    addresses end up in logs."""
    return render(
        request, "local/customers/_lookup.html", _person(request, request.POST.get("phone", ""))
    )


@require_POST
@requires(Permission.WORK)
def undo(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("visit", "")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 19 else 0
    try:
        visit_undo(visit_id=number, now=clock.now(), actor_id=request.user.pk)
    except PlatformError as error:
        messages.error(request, sentence_of(error))
    else:
        messages.success(request, gettext("Taken back."))
    return redirect("local-counter")


def _save(request: HttpRequest, given: dict[str, Any]) -> Any:
    consent = None
    if given["consent"]:
        known = customer_by_phone(given["phone"])
        consent = ConsentGiven(
            wording=wording_shown(known.language if known else ""),
            asked_again=given["asked_again"],
        )
    return visit_record(
        phone=given["phone"],
        name=given["name"],
        amount_paise=given["amount"],
        items=given["items"],
        consent=consent,
        form_key=given["form_key"],
        now=clock.now(),
        actor_id=request.user.pk,
    )


def _is_same(saved: VisitSaved, given: dict[str, Any]) -> bool:
    phone = saved.customer.phone if saved.customer else None
    return (saved.visit.amount_paise, phone or "") == (given["amount"], given["phone"])


def _another(request: HttpRequest, saved: VisitSaved) -> CounterForm:
    """A form that the browser brought back: saved once, and now filled with something else."""
    posted = request.POST.copy()
    posted["form_key"] = str(uuid.uuid4())
    form = CounterForm(posted)
    amount = Rupees(saved.visit.amount_paise or 0).format()
    form.add_error(
        None,
        gettext(
            "This form was saved before, with %(amount)s. If this is another bill, save it now."
        )
        % {"amount": amount},
    )
    return form


def _field(error: PlatformError) -> str | None:
    return error.field if error.field in CounterForm.base_fields else None


def _person(request: HttpRequest, phone: str) -> dict[str, Any]:
    customer = customer_by_phone(phone[:80])
    consent = consent_of(customer.pk) if customer else Consent(ConsentState.NEVER_ASKED)
    visits = visits_of(customer.pk, limit=1) if customer else []
    return {
        "customer": customer,
        "consent": consent,
        "last_visit": visits[0] if visits else None,
        "wording": wording_shown(customer.language if customer else ""),
    }


def _page(request: HttpRequest, form: CounterForm, status: int = 200) -> HttpResponse:
    last = last_counter_visit(actor_id=request.user.pk, now=clock.now())
    who = last.customer if last else None
    context = {
        "form": form,
        "last": last,
        "last_amount": Rupees(last.amount_paise or 0).format() if last else "",
        "last_who": (who.name or shown_phone(request, who.phone)) if who else "",
        **_person(request, str(form["phone"].value() or "")),
    }
    return render(request, "local/customers/counter.html", context, status=status)
