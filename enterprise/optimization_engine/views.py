"""Budget: what each channel brings, where the next rupee works, proposals side by side."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enterprise.optimization_engine import selectors, services
from enterprise.optimization_engine.engine.chart import roas_bars, share_bars
from enterprise.optimization_engine.engine.contracts import Check, Severity
from enterprise.optimization_engine.errors import ScenarioNameTaken
from enterprise.optimization_engine.forms import BudgetForm, FitForm, PromotionForm, ScenarioForm
from enterprise.optimization_engine.front_door import BudgetRequest, FitRequest, OptimizationEngine
from enterprise.optimization_engine.selectors import StoredRun
from enterprise.optimization_engine.templatetags.budget_charts import error_sentence
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.jobs.selectors import open_job
from marketing_platform.users.permissions import Permission, allowed, requires

MOST_COMPARED = 6


@never_cache
@require_safe
@requires(Permission.READ)
def budget(request: HttpRequest) -> HttpResponse:
    """The newest fit, or how to get one."""
    found = selectors.latest_run()
    if found is None:
        return _fit_page(request)
    return _run_page(request, found)


@never_cache
@require_safe
@requires(Permission.READ)
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    return _run_page(request, selectors.run_of(run_id))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.WORK)
def fit_page(request: HttpRequest) -> HttpResponse:
    """What the figures can carry, and the button that starts a fit."""
    if request.method != "POST":
        return _fit_page(request)
    form = FitForm(selectors.outcomes(), request.POST)
    if not form.is_valid():
        return _fit_page(request, form=form, status=422)
    asked = FitRequest(form.cleaned_data["outcome"], request.user.pk)
    try:
        started = OptimizationEngine().fit(asked, now=clock.now())
    except PlatformError as error:
        form.add_error("outcome", error_sentence(error.sentence, error.params))
        return _fit_page(request, form=form, status=error.status)
    if started.job is not None:
        return redirect("job", job_id=started.job.pk)
    messages.info(request, gettext("Nothing has changed since this fit, so here it is."))
    return redirect("enterprise-budget-run", run_id=started.run.id)


@never_cache
@require_POST
@requires(Permission.WORK)
def promotion_create(request: HttpRequest) -> HttpResponse:
    form = PromotionForm(request.POST)
    if not form.is_valid():
        return _fit_page(request, promotion_form=form, status=422)
    try:
        services.promotion_add(**form.cleaned_data, actor_id=request.user.pk, now=clock.now())
    except PlatformError as error:
        _refuse(form, error)
        return _fit_page(request, promotion_form=form, status=error.status)
    messages.success(request, gettext("Kept. The next fit sets these days aside."))
    return redirect("enterprise-budget-fit")


@never_cache
@require_POST
@requires(Permission.WORK)
def promotion_delete(request: HttpRequest, promotion_id: int) -> HttpResponse:
    services.promotion_remove(promotion_id=promotion_id)
    messages.success(request, gettext("Removed. The next fit does not set these days aside."))
    return redirect("enterprise-budget-fit")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.WORK)
def optimise(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """The grid of limits; a POST asks for the best budget inside them."""
    found = selectors.run_of(run_id)
    if request.method != "POST":
        return _grid(request, found, BudgetForm(found.result))
    form = BudgetForm(found.result, request.POST)
    if not form.is_valid():
        return _grid(request, found, form, status=422)
    values = form.cleaned_data
    asked = BudgetRequest(
        total_low_paise=values["total_low"],
        total_high_paise=values["total_high"],
        bounds=form.bounds,
        may_extrapolate=values["may_extrapolate"],
        run_id=run_id,
        actor_id=request.user.pk,
    )
    try:
        stored = OptimizationEngine().allocate(asked, now=clock.now())
    except PlatformError as error:
        form.add_error(None, error_sentence(error.sentence, error.params))
        return _grid(request, found, form, status=error.status)
    return redirect("enterprise-budget-proposal", allocation_id=stored.id)


@never_cache
@require_safe
@requires(Permission.READ)
def proposal(request: HttpRequest, allocation_id: UUID) -> HttpResponse:
    return _proposal(request, allocation_id, ScenarioForm())


@never_cache
@require_POST
@requires(Permission.WORK)
def proposal_name(request: HttpRequest, allocation_id: UUID) -> HttpResponse:
    form = ScenarioForm(request.POST)
    if not form.is_valid():
        return _proposal(request, allocation_id, form, status=422)
    try:
        services.scenario_name(allocation_id=allocation_id, name=form.cleaned_data["name"])
    except ScenarioNameTaken as error:
        _refuse(form, error)
        return _proposal(request, allocation_id, form, status=error.status)
    messages.success(request, gettext("Kept among your scenarios."))
    return redirect("enterprise-budget-scenarios")


@never_cache
@require_POST
@requires(Permission.WORK)
def proposal_forget(request: HttpRequest, allocation_id: UUID) -> HttpResponse:
    services.scenario_name(allocation_id=allocation_id, name="")
    messages.success(request, gettext("No longer among your scenarios. The proposal itself stays."))
    return redirect("enterprise-budget-proposal", allocation_id=allocation_id)


@never_cache
@require_safe
@requires(Permission.READ)
def compare(request: HttpRequest) -> HttpResponse:
    kept = OptimizationEngine().scenarios()
    shown = kept[-MOST_COMPARED:]
    context = {
        "scenarios": shown,
        "rows": _side_by_side(shown),
        "hidden": len(kept) - len(shown),
        "latest": selectors.latest_run(),
        "are_of_one_fit": len({one.allocation.fit_run_hash for one in shown}) <= 1,
    }
    return render(request, "enterprise/budget/scenarios.html", context)


def _side_by_side(shown: Any) -> list[dict[str, Any]]:
    """A row a channel: its amount in every scenario, None where it had no such channel."""
    names: dict[str, None] = {}
    for one in shown:
        names |= dict.fromkeys(change.channel for change in one.allocation.changes)
    found = [{c.channel: c for c in one.allocation.changes} for one in shown]
    return [{"channel": name, "cells": [one.get(name) for one in found]} for name in names]


def _run_page(request: HttpRequest, found: StoredRun) -> HttpResponse:
    fit = found.result
    order = sorted(range(len(fit.channels)), key=lambda at: -fit.channels[at].contribution.mean)
    shares, returns = share_bars(fit), roas_bars(fit)
    context = {
        "run": found,
        "fit": fit,
        "rows": [
            {
                "channel": fit.channels[at],
                "share_bar": shares.bars[at],
                "roas_bar": returns.bars[at],
            }
            for at in order
        ],
        "reference_x": returns.reference_x,
        "curves": [fit.curves[at] for at in order],
        "best": max(fit.channels, key=lambda one: one.marginal_roas.mean),
        "worst": min(fit.channels, key=lambda one: one.marginal_roas.mean),
        "is_single": len(fit.channels) == 1,
        "is_taken_back": selectors.is_taken_back(found),
        "warnings": [one for one in fit.warnings if one.severity is Severity.WARN],
        "notes": [one for one in fit.warnings if one.severity is Severity.NOTE],
        "open_job": open_job(services.FIT),
        "has_scenarios": bool(selectors.scenarios()),
        **_rights(request),
    }
    return render(request, "enterprise/budget/run.html", context)


def _fit_page(
    request: HttpRequest,
    *,
    form: FitForm | None = None,
    promotion_form: PromotionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    usable = selectors.outcomes()
    asked = request.GET.get("outcome", "")
    chosen = asked if asked in {one.code for one in usable} else (usable[0].code if usable else "")
    checks = _checks(chosen)
    context = {
        "form": form or FitForm(usable, initial={"outcome": chosen}),
        "promotion_form": promotion_form or PromotionForm(),
        "promotions": selectors.promotions(),
        "has_outcomes": bool(usable),
        "checks": checks,
        "is_refused": any(one.severity is Severity.REFUSE for one in checks),
        "open_job": open_job(services.FIT),
        "has_run": selectors.latest_run() is not None,
        **_rights(request),
    }
    return render(request, "enterprise/budget/fit.html", context, status=status)


def _checks(outcome: str) -> tuple[Check, ...]:
    return OptimizationEngine().look(outcome) if outcome else ()


def _grid(
    request: HttpRequest, found: StoredRun, form: BudgetForm, status: int = 200
) -> HttpResponse:
    context = {"run": found, "fit": found.result, "form": form}
    return render(request, "enterprise/budget/optimise.html", context, status=status)


def _proposal(
    request: HttpRequest, allocation_id: UUID, form: ScenarioForm, status: int = 200
) -> HttpResponse:
    stored = selectors.allocation_of(allocation_id)
    context = {
        "stored": stored,
        "allocation": stored.allocation,
        "loss": -stored.allocation.gain.mean,
        "form": form,
        **_rights(request),
    }
    return render(request, "enterprise/budget/proposal.html", context, status=status)


def _rights(request: HttpRequest) -> dict[str, bool]:
    return {"may_change": allowed(request.membership.role, Permission.WORK)}


def _refuse(form: Form, error: PlatformError) -> None:
    field = error.field if error.field in form.fields else None
    form.add_error(field, error_sentence(error.sentence, error.params))
