"""Budget pages, as a marketing head sees them."""

from datetime import timedelta

import pytest

from enterprise.data_sources.models import ImportBatch
from enterprise.data_sources.services.imports import batch_undo
from enterprise.optimization_engine.front_door import OptimizationEngine
from enterprise.optimization_engine.models import AllocationRun, OptimizationRun, Promotion
from enterprise.optimization_engine.selectors import allocation_of, latest_run
from marketing_platform.jobs.models import Job
from marketing_platform.jobs.running import job_run
from marketing_platform.tenants.context import tenant_context
from tests.enterprise.optimization_engine.conftest import OUTCOME

pytestmark = pytest.mark.django_db


def text_of(answer):
    return answer.content.decode()


def grid(fit, **more):
    """What a browser posts from the grid as it was filled in."""
    from enterprise.optimization_engine.forms import BudgetForm

    form = BudgetForm(fit)
    sent = {
        name: form[name].value() for name in form.fields if form[name].value() not in (None, False)
    }
    return sent | more


def test_an_empty_workspace_says_what_is_missing(page):
    answer = page.get("/budget/")
    assert answer.status_code == 200
    assert "An outcome is missing" in text_of(answer)
    assert page.get("/budget/scenarios/").status_code == 200


def test_a_fit_is_started_run_and_shown(page, company):
    setup = page.get("/budget/")
    assert OUTCOME in text_of(setup)

    started = page.post("/budget/fit/", {"outcome": OUTCOME})

    job = Job.objects.get()
    assert (started.status_code, started["Location"]) == (302, f"/jobs/{job.pk}/")
    job_run(job.pk)
    job.refresh_from_db()
    assert job.state == "done", job.error
    run = OptimizationRun.objects.get()
    assert job.result == {"run_id": str(run.pk), "url": f"/budget/runs/{run.pk}/"}
    shown = page.get(job.result["url"])
    assert shown.status_code == 200
    for channel in latest_run().result.channels:
        assert channel.channel in text_of(shown)
    assert "What this can and cannot tell" in text_of(shown)


def test_the_same_figures_are_not_fitted_again(page, fitted):
    answer = page.post("/budget/fit/", {"outcome": OUTCOME})
    assert (answer.status_code, answer["Location"]) == (302, f"/budget/runs/{fitted.id}/")
    assert not Job.objects.exists()


def test_an_unknown_outcome_is_an_error_of_the_field(page, company):
    answer = page.post("/budget/fit/", {"outcome": "crm:nothing\x00"})
    assert answer.status_code == 422
    assert not Job.objects.exists()


def test_the_best_split_is_shown_with_gain_and_what_binds(page, fitted):
    address = f"/budget/runs/{fitted.id}/optimise/"
    assert page.get(address).status_code == 200

    answer = page.post(address, grid(fitted.result))

    stored = AllocationRun.objects.get()
    assert answer["Location"] == f"/budget/proposals/{stored.pk}/"
    allocation = allocation_of(stored.pk).allocation
    assert sum(one.after_paise for one in allocation.changes) == allocation.total_after_paise
    assert allocation.total_after_paise == sum(c.today_paise for c in fitted.result.channels)
    shown = text_of(page.get(answer["Location"]))
    assert "What stops it" in shown and "not from an experiment" in shown


@pytest.mark.parametrize("amount", ["", "-1", "abc", "1e999", "NaN", "₹", "12.345", "9" * 24])
def test_a_bad_amount_is_an_error_of_its_field(page, fitted, amount):
    answer = page.post(f"/budget/runs/{fitted.id}/optimise/", grid(fitted.result, low_0=amount))
    assert answer.status_code == 422
    assert not AllocationRun.objects.exists()


def test_amounts_are_read_as_people_write_them(page, fitted):
    today = [one.today_paise // 100 for one in fitted.result.channels]
    sent = grid(fitted.result, total_low=f"₹ {sum(today):,}", low_0="०", may_extrapolate="on")
    answer = page.post(f"/budget/runs/{fitted.id}/optimise/", sent)
    assert answer.status_code == 302
    assert allocation_of(AllocationRun.objects.get().pk).request.bounds[0].low_paise == 0


def test_limits_that_no_budget_meets_are_explained(page, fitted):
    answer = page.post(f"/budget/runs/{fitted.id}/optimise/", grid(fitted.result, total_low="1"))
    assert answer.status_code == 400
    assert "The lower limits add up to ₹" in text_of(answer)


def test_scenarios_stand_side_by_side(page, fitted):
    address = f"/budget/runs/{fitted.id}/optimise/"
    for place, name in enumerate(["As today", "Free"]):
        page.post(address, grid(fitted.result, **({"low_0": "0"} if place else {})))
        newest = AllocationRun.objects.first()
        kept = page.post(f"/budget/proposals/{newest.pk}/name/", {"name": name})
        assert kept.status_code == 302
    shown = text_of(page.get("/budget/scenarios/"))
    assert "As today" in shown and "Free" in shown
    assert [one.name for one in OptimizationEngine().scenarios()] == ["As today", "Free"]

    taken = page.post(f"/budget/proposals/{newest.pk}/name/", {"name": "As today"})
    assert taken.status_code == 409
    assert "Another scenario is called As today" in text_of(taken)

    page.post(f"/budget/proposals/{newest.pk}/forget/")
    assert [one.name for one in OptimizationEngine().scenarios()] == ["As today"]


def test_offers_are_kept_used_and_removed(page, company):
    sent = {"name": "Diwali offer", "first_on": "2024-10-20", "last_on": "2024-11-02"}
    assert page.post("/budget/fit/offers/add/", sent).status_code == 302
    assert "Diwali offer" in text_of(page.get("/budget/fit/"))
    row = Promotion.objects.get()
    assert page.post(f"/budget/fit/offers/{row.pk}/remove/").status_code == 302
    assert page.post(f"/budget/fit/offers/{row.pk}/remove/").status_code == 404


@pytest.mark.parametrize(
    "sent",
    [
        {"name": "x", "first_on": "2024-11-02", "last_on": "2024-10-20"},
        {"name": "x", "first_on": "2024-01-01", "last_on": "2024-12-31"},
        {"name": " ", "first_on": "2024-01-01", "last_on": "2024-01-02"},
        {"name": "x\x00", "first_on": "0000-00-00", "last_on": "2024-01-02"},
    ],
)
def test_a_bad_offer_is_refused(page, company, sent):
    answer = page.post("/budget/fit/offers/add/", sent)
    assert answer.status_code in (400, 422)
    assert not Promotion.objects.exists()


@pytest.mark.parametrize(
    ("gain", "says", "is_promised"),
    [
        ((1e5, 2e5, 3e5), "About ₹2 lakh a week in", True),
        ((-1e5, 2e5, 3e5), "it is not sure to be a gain", False),
        ((-3e5, -2e5, -1e5), "About ₹2 lakh a week less in", False),
    ],
)
def test_only_a_sure_gain_is_promised(page, fitted, gain, says, is_promised):
    page.post(f"/budget/runs/{fitted.id}/optimise/", grid(fitted.result))
    stored = AllocationRun.objects.get()
    stored.result |= {"gain": dict(zip(("low", "mean", "high"), gain, strict=True))}
    stored.result |= {"is_unchanged": False}
    stored.save()
    shown = text_of(page.get(f"/budget/proposals/{stored.pk}/"))
    assert says in shown
    assert ("from this change" in shown) is is_promised


def test_one_channel_is_not_set_against_itself(page, fitted):
    run = OptimizationRun.objects.get()
    run.result |= {"channels": run.result["channels"][:1], "curves": run.result["curves"][:1]}
    run.save()
    shown = text_of(page.get("/budget/"))
    assert "What the next rupee brings in Channel 1" in shown
    assert "and least in" not in shown


@pytest.mark.parametrize(("first", "words"), [(9.0, "The next rupee works"), (1.0, "probably")])
def test_overlapping_ranges_are_not_told_as_certain(page, fitted, first, words):
    run = OptimizationRun.objects.get()
    one, other = run.result["channels"]
    one["marginal_roas"] = {"low": first - 0.5, "mean": first, "high": first + 0.5}
    other["marginal_roas"] = {"low": 0.4, "mean": 0.9, "high": 1.4}
    run.save()
    assert words in text_of(page.get("/budget/"))


def test_a_fit_says_when_its_upload_was_taken_back(page, fitted):
    warned = "An upload was taken back after this fit"
    assert warned not in text_of(page.get("/budget/"))
    batch = ImportBatch.objects.filter(source__kind="spend").get()
    batch_undo(batch=batch, now=fitted.created_at + timedelta(days=1))
    assert warned in text_of(page.get("/budget/"))


def test_pages_answer_in_hindi(page, fitted):
    page.client.cookies["django_language"] = "hi"
    answer = page.get("/budget/")
    assert answer.status_code == 200
    assert "What each channel brought" not in text_of(answer)


def test_a_stranger_sees_nothing(enterprise_tenant, company, fitted, meera, workspace_client):
    client = workspace_client(enterprise_tenant, meera)
    answer = client.get("/budget/")
    assert answer.status_code in (302, 403, 404)
    assert "Channel 1" not in text_of(answer)


def test_too_short_a_history_is_refused_before_anything_runs(page, enterprise_tenant, small_market):
    from dataclasses import replace

    from tests.enterprise.optimization_engine.conftest import store

    short = replace(
        small_market,
        weeks=small_market.weeks[:40],
        spend_paise=small_market.spend_paise[:40],
        outcome=small_market.outcome[:40],
    )
    with tenant_context(enterprise_tenant):
        store(short)
        answer = page.post("/budget/fit/", {"outcome": OUTCOME})
        assert answer.status_code == 400
        assert "40 weeks are too few" in text_of(answer)
        assert not Job.objects.exists()
