"""A company's first hour: who it is, its data, its question, the first finding."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enterprise.clients.forms import CompanyProfileForm
from enterprise.clients.selectors import client_of
from enterprise.clients.services import client_create, client_update
from enterprise.data_sources.selectors import has_own_data
from enterprise.market_intelligence.front_door import IntelligenceEngine
from enterprise.market_intelligence.models import FIRST_STEPS, FirstHour
from enterprise.market_intelligence.selectors import first_hour
from enterprise.market_intelligence.services import (
    first_hour_put_away,
    first_hour_take_up,
    step_settle,
)
from enterprise.market_intelligence.views.cards import cards, shared
from marketing_platform.core import clock
from marketing_platform.core.first_hour import next_step
from marketing_platform.users.permissions import Permission, requires

COMPANY_FIELDS = ("industry", "employee_count", "annual_revenue", "website")
# The page that answers each question, with the name of its button.
ANSWERS = {
    FirstHour.Question.DEMAND: ("enterprise-insights", _("To the insights")),
    FirstHour.Question.BUDGET: ("enterprise-budget", _("To the budget")),
    FirstHour.Question.BOARD: ("enterprise-brief", _("To the brief")),
}


class QuestionForm(forms.Form):
    question = forms.ChoiceField(
        label=_("What do you want to know first?"),
        choices=[
            (FirstHour.Question.DEMAND, _("What moves demand, and what just changed")),
            (FirstHour.Question.BUDGET, _("Where the next rupee of budget works")),
            (
                FirstHour.Question.BOARD,
                _("What to tell the board, every number traced"),
            ),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one; you can change it later.")},
    )


@never_cache
@require_safe
@requires(Permission.WORK)
def begin(request: HttpRequest) -> HttpResponse:
    """Where it was left; once everything is settled, what was left open comes again."""
    step = next_step(FIRST_STEPS, first_hour().settled)
    if step is None:
        first_hour_take_up()
        step = next_step(FIRST_STEPS, first_hour().settled) or FIRST_STEPS[0]
    return redirect("enterprise-first-step", step=step)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.WORK)
def step_page(request: HttpRequest, step: str) -> HttpResponse:
    """One step. A POST with `later` leaves it, any other one saves it; both lead to the next."""
    if step not in FIRST_STEPS:
        raise Http404
    form = _form(request, step)
    if request.method == "POST":
        if "later" in request.POST:
            step_settle(step=step, is_done=False)
            return _onwards(step)
        if form is None or form.is_valid():
            _save(request, step, form)
            return _onwards(step)
    status = 422 if form is not None and form.errors else 200
    context = _context(request, step) | {"form": form}
    return render(request, f"enterprise/first/{step}.html", context, status=status)


@never_cache
@require_POST
@requires(Permission.WORK)
def put_away(request: HttpRequest) -> HttpResponse:
    first_hour_put_away(now=clock.now())
    return redirect("home")


def _form(request: HttpRequest, step: str) -> forms.Form | None:
    if step == "company":
        known = _company(request)
        if request.method != "POST":
            return CompanyProfileForm(initial=known)
        return CompanyProfileForm(known | {n: request.POST.get(n, "") for n in COMPANY_FIELDS})
    if step == "question":
        chosen = {"question": first_hour().question or FirstHour.Question.DEMAND}
        return QuestionForm(request.POST) if request.method == "POST" else QuestionForm(chosen)
    return None


def _save(request: HttpRequest, step: str, form: forms.Form | None) -> None:
    question = None
    if step == "company" and form is not None:
        details = dict(form.cleaned_data)
        details["company_name"] = details.pop("name")
        client = client_of(request.tenant)
        if client is None:
            client_create(tenant=request.tenant, now=clock.now(), **details)
        else:
            client_update(client=client, now=clock.now(), **details)
    if step == "question" and form is not None:
        question = form.cleaned_data["question"]
    step_settle(step=step, is_done=True, question=question)


def _onwards(step: str) -> HttpResponse:
    following = next_step(FIRST_STEPS, first_hour().settled, after=step)
    if following is None or step == FIRST_STEPS[-1]:
        return redirect("home")
    return redirect("enterprise-first-step", step=following)


def _context(request: HttpRequest, step: str) -> dict[str, Any]:
    row = first_hour()
    names = {
        "company": gettext("Company"),
        "data": gettext("Data"),
        "question": gettext("Question"),
        "finding": gettext("First finding"),
    }
    context: dict[str, Any] = {
        "step": step,
        "steps": [
            {
                "code": code,
                "label": names[code],
                "url": reverse("enterprise-first-step", args=[code]),
                "how": row.settled.get(code, ""),
            }
            for code in FIRST_STEPS
        ],
        "company_fields": COMPANY_FIELDS,
        "has_own_data": has_own_data(),
    }
    if step == "finding":
        result = IntelligenceEngine().get_feed(actor_id=request.user.pk)
        clear = [each for each in result.findings if each.is_clear]
        context |= shared(request, result) | {"cards": cards(request, clear[:1])}
        url_name, label = ANSWERS[FirstHour.Question(row.question or FirstHour.Question.DEMAND)]
        context |= {"answer_url": reverse(url_name), "answer_label": label}
    return context


def _company(request: HttpRequest) -> dict[str, Any]:
    client = client_of(request.tenant)
    if client is None:
        return {"name": request.tenant.name}
    names = ("industry", "city", "state", "employee_count", "annual_revenue", "website", "gstin")
    return {"name": client.company_name} | {name: getattr(client, name) for name in names}
