"""/api/enterprise/optimization/…, as a program calls it."""

import json

import pytest

from enterprise.optimization_engine.models import AllocationRun, OptimizationRun
from marketing_platform.jobs.models import Job
from marketing_platform.jobs.running import job_run
from tests.enterprise.optimization_engine.conftest import NOW, OUTCOME

pytestmark = pytest.mark.django_db
BASE = "/api/enterprise/optimization"


@pytest.fixture
def call(page):
    def post(path, body):
        text = body if isinstance(body, str) else json.dumps(body)
        return page.post(f"{BASE}/{path}", text, content_type="application/json")

    return post


def test_fit_read_allocate_read(call, page, company):
    started = call("fit", {"outcome": OUTCOME})
    assert started.status_code == 202, started.content
    job = Job.objects.get()
    assert started.json() == {"job_id": str(job.pk), "run_id": None}
    job_run(job.pk)
    run_id = page.get(f"/api/jobs/{job.pk}").json()["result"]["run_id"]

    run = page.get(f"{BASE}/runs/{run_id}").json()
    assert (run["outcome"], run["unit"], run["weeks"]) == (OUTCOME, "INR", 104)
    assert [one["channel"] for one in run["channels"]] == ["Channel 1", "Channel 2"]
    roas = run["channels"][0]["roas"]
    assert roas["low"] < roas["mean"] < roas["high"]
    assert run["diagnostics"]["method"].startswith("importance sampling")
    assert "not from an experiment" in run["limits"]
    lines = page.get(f"{BASE}/runs").json()
    assert [one["id"] for one in lines["runs"]] == [run_id]
    assert "channels" not in lines["runs"][0]

    budget = call("allocate", {})
    assert budget.status_code == 200, budget.content
    body = budget.json()
    assert sum(one["after_paise"] for one in body["changes"]) == body["total_after_paise"]
    assert body["total_after_paise"] == body["total_before_paise"]
    assert page.get(f"{BASE}/allocations/{body['id']}").json() == body
    assert [one["id"] for one in page.get(f"{BASE}/allocations").json()["allocations"]] == [
        body["id"]
    ]
    assert call("fit", {}).json() == {"job_id": None, "run_id": run_id}


def test_before_the_first_fit_no_budget(call, company):
    answer = call("allocate", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_fit_yet")


def test_an_empty_workspace_and_an_unknown_outcome_are_told(call, enterprise_tenant):
    for body in ({}, {"outcome": "crm:leads"}, {"outcome": "nothing"}):
        answer = call("fit", body)
        assert 400 <= answer.status_code < 500, answer.content
        assert answer.json()["code"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"total_low_paise": -1}, "total_low_paise"),
        ({"total_low_paise": 10**30}, "total_low_paise"),
        ({"total_low_paise": "many"}, "total_low_paise"),
        ({"run_id": "x"}, "run_id"),
        ({"bounds": 7}, "bounds"),
        ({"colour": 1}, "colour"),
        ({"total_low_paise": 1}, "total"),
        ({"bounds": [{"channel": "Nobody", "is_fixed": True}]}, "bounds[0].channel"),
    ],
)
def test_a_bad_budget_names_its_field(call, fitted, body, field):
    answer = call("allocate", body)
    assert answer.status_code == 400, answer.content
    assert field in json.dumps(answer.json())
    assert not AllocationRun.objects.exists()


@pytest.mark.parametrize("body", ["[", "[]", "null", "7", '{"bounds": [[[[[[]]]]]]}'])
def test_junk_is_a_client_error(call, fitted, body):
    assert 400 <= call("allocate", body).status_code < 500


def test_amounts_come_in_the_readers_words_in_errors(call, fitted):
    answer = call("allocate", {"total_low_paise": 1}).json()
    assert "₹0.01" in json.dumps(answer, ensure_ascii=False)


def test_runs_are_paged(page, company, fitted):
    from datetime import timedelta

    stored = OptimizationRun.objects.get()
    for place in range(3):
        stored.pk = None
        stored._state.adding = True
        stored.run_hash = f"{place}" * 64
        stored.created_at = NOW - timedelta(days=place + 1)
        stored.save(force_insert=True)
    first = page.get(f"{BASE}/runs?limit=3").json()
    second = page.get(f"{BASE}/runs", {"limit": 3, "cursor": first["next_cursor"]}).json()
    assert (len(first["runs"]), len(second["runs"]), second["next_cursor"]) == (3, 1, None)
    for wrong in ("limit=0", "limit=51", "limit=x", "cursor=yesterday", "cursor=2026-13-45T00:00Z"):
        assert page.get(f"{BASE}/runs?{wrong}").status_code == 400


def test_a_foreign_or_unknown_run_is_absent(page, company):
    unknown = "0192f7a0-7d3c-7cc1-8f4e-0c6d1a7b9e10"
    assert page.get(f"{BASE}/runs/{unknown}").status_code == 404
    assert page.get(f"{BASE}/allocations/{unknown}").status_code == 404


def test_a_day_has_a_limit_of_fits(call, company, monkeypatch):
    from marketing_platform.tiers import quotas
    from marketing_platform.tiers.contracts import Entitlements

    none_left = Entitlements(access="full", quotas={"optimisations_per_day": 0})
    monkeypatch.setattr(quotas, "entitlements_of", lambda _tenant: none_left)
    answer = call("fit", {"outcome": OUTCOME})
    assert (answer.status_code, answer.json()["code"]) == (403, "quota_reached")
    assert "0 budget models in 24 hours" in answer.json()["detail"]
    assert not Job.objects.exists()
