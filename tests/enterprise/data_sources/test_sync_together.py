"""Two syncs of one CRM at the same moment, and one that somebody cancels."""

import contextlib
import threading
import uuid

import pytest
from django.db import connections, models

from enterprise.data_sources.models import Contact, DataSource, SyncRun
from enterprise.data_sources.services import sync_rows
from enterprise.data_sources.services.sync import sync_start
from marketing_platform.core import clock
from marketing_platform.jobs.models import Job, JobState
from marketing_platform.jobs.running import job_run
from marketing_platform.jobs.services import job_cancel
from marketing_platform.tenants.context import tenant_context
from tests.twins_crm import connect, run


def begin_twice(tenant, monkeypatch):
    """What two orders at the same moment get: a run, or an error. Both look before either writes,
    unless something holds the second one back."""
    with tenant_context(tenant):
        source = DataSource.objects.create(kind="hubspot", name="HubSpot 1", created_at=clock.now())
    together, found, create = threading.Barrier(2), [], SyncRun.objects.create

    def create_together(**facts):
        with contextlib.suppress(threading.BrokenBarrierError):
            together.wait(0.5)
        return create(**facts)

    monkeypatch.setattr(SyncRun.objects, "create", create_together)

    def begin():
        try:
            with tenant_context(tenant):
                found.append(
                    sync_rows.run_begin(
                        source=source,
                        is_full=False,
                        ticket=uuid.uuid4(),
                        actor_id=None,
                        now=clock.now(),
                    )
                )
        except Exception as error:
            found.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=begin) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return sorted(type(each).__name__ for each in found)


@pytest.mark.django_db(transaction=True)
def test_of_two_syncs_at_once_one_runs_and_the_other_is_told(enterprise_tenant, monkeypatch):
    assert begin_twice(enterprise_tenant, monkeypatch) == ["SyncRun", "SyncTaken"]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_second_sync_would_break(enterprise_tenant, monkeypatch):
    """The control: only the constraint is left then, and nobody is told why."""
    monkeypatch.setattr(models.QuerySet, "select_for_update", lambda self: self.all())
    assert begin_twice(enterprise_tenant, monkeypatch) == ["IntegrityError", "SyncRun"]


@pytest.fixture
def half_read(crm_twins, in_enterprise_workspace, monkeypatch):
    """A sync that is cancelled when its first page is stored."""
    connect("salesforce")
    crm_twins["salesforce"].page_size = 10
    job = sync_start(provider="salesforce", actor_id=None, now=clock.now())
    monkeypatch.setattr("marketing_platform.jobs.running.WRITE_EVERY_SECONDS", 0.0)
    store = sync_rows.page_store

    def store_and_cancel(*args, **facts):
        store(*args, **facts)
        job_cancel(job_id=job.pk, now=clock.now())

    monkeypatch.setattr("enterprise.data_sources.services.sync.page_store", store_and_cancel)
    job_run(job.pk)
    monkeypatch.undo()
    return Job.objects.get(pk=job.pk)


def test_a_cancelled_sync_says_that_what_was_read_stays(
    half_read, workspace_client, enterprise_tenant, vikram
):
    assert (half_read.state, Contact.objects.count()) == (JobState.CANCELLED, 10)
    last = SyncRun.objects.get()
    assert (last.state, last.error_code) == ("failed", "crm_sync_cancelled")
    client = workspace_client(enterprise_tenant, vikram)
    for path in (f"/jobs/{half_read.pk}/", "/data/sync/"):
        page = client.get(path).content.decode()
        assert "What was read until then stays" in page
        assert "Nothing was changed" not in page


def test_a_cancelled_sync_goes_on_where_it_stopped(half_read, crm_twins, settings, running_crms):
    urls = {provider: twin.url for provider, twin in running_crms.items()}
    settings.PROVIDER_URLS = {**settings.PROVIDER_URLS, **urls}
    done = run("salesforce")
    assert (done.state, Contact.objects.count()) == ("done", 25)
    assert done.rows_new == 15 + 25
