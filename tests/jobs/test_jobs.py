"""Long work: started once, shown while it goes on, stopped when asked, never silent for ever."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput
from marketing_platform.jobs.errors import JobMissing, JobOver
from marketing_platform.jobs.models import Job
from marketing_platform.jobs.registry import KINDS, Progress, job_kind
from marketing_platform.jobs.running import Reporter, job_run
from marketing_platform.jobs.selectors import job_of, open_job
from marketing_platform.jobs.services import SILENCE, job_cancel, job_start, job_watch
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.services import work_run
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def kinds() -> Iterator[None]:
    before = dict(KINDS)
    yield
    KINDS.clear()
    KINDS.update(before)


@pytest.fixture
def shop(local_tenant: Tenant, kinds: None) -> Iterator[Tenant]:
    with tenant_context(local_tenant):
        yield local_tenant


def start(function: Any, *, key: str = "", arguments: dict[str, Any] | None = None) -> Job:
    job_kind("test.job", label="Testing")(function)
    return job_start(
        kind="test.job", arguments=arguments or {}, actor_id=None, now=clock.now(), key=key
    )


def nothing(_arguments: dict[str, Any], _progress: Progress) -> None:
    return None


def test_a_job_is_done_by_due_work_of_its_workspace(shop: Tenant) -> None:
    job = start(lambda arguments, _progress: {"twice": arguments["x"] * 2}, arguments={"x": 21})

    work = DueWork.objects.get(key=f"jobs.run:{job.pk}")
    assert (work.queue, work.tenant_id) == ("local", shop.pk)
    assert work_run(work.pk)

    done = job_of(job.pk)
    assert (done.state, done.result, done.percent) == ("done", {"twice": 42}, 100)


def test_an_open_job_of_the_same_key_is_the_same_job(shop: Tenant) -> None:
    first = start(nothing, key="import:7")

    assert job_start(
        kind="test.job", arguments={}, actor_id=None, now=clock.now(), key="import:7"
    ).pk == first.pk  # fmt: skip
    job_run(first.pk)
    assert (
        job_start(kind="test.job", arguments={}, actor_id=None, now=clock.now(), key="import:7").pk
        != first.pk
    )


def test_an_unknown_kind_is_refused(shop: Tenant) -> None:
    with pytest.raises(ValueError, match=r"no job is called nothing\.such"):
        job_start(kind="nothing.such", arguments={}, actor_id=None, now=clock.now())
    assert not Job.objects.exists()


def test_progress_is_seen_while_the_job_goes_on(shop: Tenant) -> None:
    seen = []

    def work(_arguments: dict[str, Any], progress: Progress) -> None:
        with transaction.atomic():
            progress(0.25, "Reading row %(row)d", row=7)
        seen.append(job_of(job.pk))

    job = start(work)
    job_run(job.pk)

    (then,) = seen
    assert (then.state, then.percent, then.message) == ("running", 25, "Reading row %(row)d")
    assert then.message_params == {"row": 7}


def test_progress_is_written_at_most_once_a_second(shop: Tenant) -> None:
    job = start(nothing)
    Job.objects.filter(pk=job.pk).update(state="running", run_token=uuid.uuid4())
    report = Reporter(Job.objects.get(pk=job.pk))
    for step in range(50):
        report(step / 100)

    assert job_of(job.pk).progress == 0.0


def test_a_sentence_of_ours_ends_the_job_with_it(shop: Tenant) -> None:
    def refuse(_arguments: dict[str, Any], _progress: Progress) -> None:
        raise InvalidInput("Row %(row)d has no date.", row=3)

    job = start(refuse)
    job_run(job.pk)

    failed = job_of(job.pk)
    assert (failed.state, failed.error_code) == ("failed", "invalid_input")
    assert failed.error % failed.error_params == "Row 3 has no date."


def test_what_breaks_is_not_shown_to_the_owner(shop: Tenant) -> None:
    def break_down(_arguments: dict[str, Any], _progress: Progress) -> None:
        raise KeyError("secret")

    job = start(break_down)
    job_run(job.pk)

    assert (job_of(job.pk).error_code, "secret" in job_of(job.pk).error) == ("job_broken", False)


def test_a_waiting_job_is_cancelled_at_once_and_never_runs(shop: Tenant) -> None:
    ran = []
    job = start(lambda *_given: ran.append(1))

    assert job_cancel(job_id=job.pk, now=clock.now()).state == "cancelled"
    job_run(job.pk)

    assert (ran, job_of(job.pk).state) == ([], "cancelled")
    with pytest.raises(JobOver):
        job_cancel(job_id=job.pk, now=clock.now())
    with pytest.raises(JobMissing):
        job_cancel(job_id=uuid.uuid4(), now=clock.now())


def test_a_running_job_stops_at_its_next_report(shop: Tenant) -> None:
    after = []

    def work(_arguments: dict[str, Any], progress: Progress) -> None:
        job_cancel(job_id=job.pk, now=clock.now())
        progress(0.5)
        after.append("went on")

    job = start(work)
    job_run(job.pk)

    assert (after, job_of(job.pk).state) == ([], "cancelled")


def test_a_silent_job_is_given_up_and_its_late_end_changes_nothing(shop: Tenant) -> None:
    def work(_arguments: dict[str, Any], _progress: Progress) -> dict[str, Any]:
        later = clock.now() + SILENCE + timedelta(seconds=1)
        assert not job_watch(job_id=job.pk, now=later)
        return {"late": True}

    job = start(work)
    job_run(job.pk)

    lost = job_of(job.pk)
    assert (lost.state, lost.error_code, lost.result) == ("failed", "job_lost", None)


def test_a_job_that_reports_is_not_given_up(shop: Tenant) -> None:
    job = start(nothing)
    now = clock.now()
    Job.objects.filter(pk=job.pk).update(
        state="running", started_at=now - timedelta(hours=1), heartbeat_at=now
    )

    assert job_watch(job_id=job.pk, now=now + SILENCE - timedelta(seconds=1))
    assert open_job("test.job") is not None


def test_a_job_whose_worker_was_lost_runs_again(shop: Tenant) -> None:
    job = start(lambda *_given: {"again": True})
    Job.objects.filter(pk=job.pk).update(state="running", run_token=uuid.uuid4())

    job_run(job.pk)

    assert job_of(job.pk).result == {"again": True}


def test_the_page_shows_the_job_and_leads_to_its_result(
    shop: Tenant, asha: User, session_for: Any
) -> None:
    job = start(lambda *_given: {"url": "/posts/"})
    browser: Client = session_for(asha, shop)

    waiting = browser.get(f"/jobs/{job.pk}/")
    assert "Waiting for its turn." in waiting.content.decode()
    with tenant_context(shop):
        job_run(job.pk)
    fragment = browser.get(f"/jobs/{job.pk}/status/?go=1")

    assert "?go=1" in waiting.content.decode()
    assert fragment["HX-Redirect"] == "/posts/"
    assert "HX-Redirect" not in browser.get(f"/jobs/{job.pk}/status/")
    assert "hx-get" not in fragment.content.decode()


def test_a_result_never_leads_off_the_host(shop: Tenant, asha: User, session_for: Any) -> None:
    job = start(lambda *_given: {"url": "//elsewhere.example/"})
    job_run(job.pk)

    answer = session_for(asha, shop).get(f"/jobs/{job.pk}/status/?go=1")

    assert "HX-Redirect" not in answer
    assert "elsewhere" not in answer.content.decode()


def test_the_api_tells_and_cancels(shop: Tenant, asha: User, session_for: Any) -> None:
    job = start(nothing)
    browser: Client = session_for(asha, shop)

    told = browser.get(f"/api/jobs/{job.pk}").json()
    assert (told["state"], told["progress"], told["result"]) == ("queued", 0.0, None)
    assert browser.post(f"/api/jobs/{job.pk}/cancel").json()["state"] == "cancelled"
    again = browser.post(f"/api/jobs/{job.pk}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "job_is_over")
    assert browser.get(f"/api/jobs/{uuid.uuid4()}").status_code == 404


def test_a_kind_says_what_became_of_its_cancelled_work(
    local_tenant: Tenant, kinds: None, workspace_client: Any, asha: User
) -> None:
    client = workspace_client(local_tenant, asha)
    said = {"Cancelled. Nothing was changed.": {}, "Half stays.": {"cancelled": "Half stays."}}
    for sentence, more in said.items():
        with tenant_context(local_tenant):
            job_kind(f"test.{len(more)}", label="Testing", **more)(nothing)
            job = job_start(kind=f"test.{len(more)}", arguments={}, actor_id=None, now=clock.now())
            job_cancel(job_id=job.pk, now=clock.now())
        page = client.get(f"/jobs/{job.pk}/").content.decode()
        assert [each in page for each in said] == [each == sentence for each in said]
