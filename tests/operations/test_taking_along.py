"""Taking everything along: packed by a job, handed to owners alone, also when read-only."""

import io
import os
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from billing.models import Subscription
from local.customers.models import Customer
from local.customers.services import customer_erase
from marketing_platform.audit.models import AuditEntry
from marketing_platform.core import clock
from marketing_platform.jobs.errors import JobCancelled
from marketing_platform.jobs.models import Job, JobState
from marketing_platform.jobs.running import job_run
from marketing_platform.notifications.models import Notification
from marketing_platform.operations.backup.schemas import files_remove
from marketing_platform.operations.taking_along import (
    JOB,
    KEPT,
    NothingPacked,
    PeopleAreErased,
    packed_expire,
    packed_now,
    packed_take,
    packing_start,
    workspace_pack,
)
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.registry import HANDLERS
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import Membership, User
from marketing_platform.users.recent import SIGNED_IN_AT

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/settings/take-along/"


@pytest.fixture(autouse=True)
def kept_in(settings: Any, tmp_path: Path) -> Path:
    settings.EXPORT_DIR = tmp_path
    return tmp_path


@pytest.fixture
def owner(workspace_client: Any, local_tenant: Tenant, asha: User) -> Client:
    return workspace_client(local_tenant, asha)


def packed(tenant: Tenant) -> Job:
    with tenant_context(tenant):
        job = packing_start(actor_id=None, by="Asha", now=clock.now())
        job_run(job.pk)
        return Job.objects.get(pk=job.pk)


def zip_of(answer: Any) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def test_an_owner_packs_everything_and_takes_it(owner: Client, local_tenant: Tenant) -> None:
    assert "Pack everything" in owner.get(PAGE).content.decode()
    answer = owner.post(PAGE)
    with tenant_context(local_tenant):
        job = Job.objects.get(kind=JOB)
        assert answer["Location"] == f"/jobs/{job.pk}/"
        job_run(job.pk)
    assert "Your file is ready" in owner.get(PAGE).content.decode()

    file = owner.post(f"{PAGE}{job.pk}/file/")
    day = clock.today().isoformat()
    assert file["Content-Disposition"] == (f'attachment; filename="{local_tenant.slug}-{day}.zip"')
    names = zip_of(file).namelist()
    assert "README.txt" in names
    assert any(name.startswith("tables/local_customers_") for name in names)
    with tenant_context(local_tenant):
        acts = AuditEntry.objects.filter(action__startswith="workspace.").order_by("id")
        assert [row.action for row in acts] == ["workspace.packed", "workspace.taken"]


def test_it_works_while_the_workspace_is_read_only(owner: Client, local_tenant: Tenant) -> None:
    Subscription.objects.filter(tenant=local_tenant).update(state="expired")

    refused = owner.post("/customers/add/", {"name": "Ravi"})
    assert refused.status_code == 403
    assert f'href="{PAGE}"' in refused.content.decode()
    assert owner.post(PAGE)["Location"].startswith("/jobs/")
    work = DueWork.objects.get(tenant=local_tenant, task__startswith="jobs.run")
    assert HANDLERS[work.task].works_when_read_only


def test_the_bell_tells_who_asked_and_asking_twice_packs_once(local_tenant: Tenant) -> None:
    with tenant_context(local_tenant):
        first = packing_start(actor_id=None, by="Asha Kulkarni", now=clock.now())
        again = packing_start(actor_id=None, by="Asha Kulkarni", now=clock.now())

        assert again.pk == first.pk
        assert Notification.objects.get(kind="export").params == {"name": "Asha Kulkarni"}


@pytest.mark.parametrize("role", ["manager", "staff", "billing", "viewer"])
def test_others_cannot(workspace_client: Any, local_tenant: Tenant, role: str) -> None:
    person = User.objects.create_user(phone="+919999900071")
    Membership.objects.create(tenant=local_tenant, user=person, role=role)
    browser = workspace_client(local_tenant, person)
    job = packed(local_tenant)

    assert browser.get(PAGE).status_code == 403
    assert browser.post(PAGE).status_code == 403
    assert browser.post(f"{PAGE}{job.pk}/file/").status_code == 403
    assert "take-along" not in browser.get("/settings/").content.decode()


def test_an_old_sign_in_proves_again_before_the_file_goes_out(
    owner: Client, local_tenant: Tenant
) -> None:
    job = packed(local_tenant)
    session = owner.session
    session[SIGNED_IN_AT] = 0
    session.save()

    answer = owner.post(f"{PAGE}{job.pk}/file/", {"back": PAGE})
    assert "/my/confirm/?next=%2Fsettings%2Ftake-along%2F" in answer["Location"]


def test_a_newer_file_takes_the_place_of_the_older(local_tenant: Tenant, kept_in: Path) -> None:
    first, second = packed(local_tenant), packed(local_tenant)

    with tenant_context(local_tenant):
        found = packed_now(local_tenant, now=clock.now())
        assert found is not None
        assert found.job_id == second.pk
        with pytest.raises(NothingPacked):
            packed_take(local_tenant, job_id=first.pk, actor_id=None, now=clock.now())
    assert len(list(kept_in.glob("*/*.zip"))) == 1


def test_after_a_week_it_is_gone(local_tenant: Tenant, kept_in: Path) -> None:
    packed(local_tenant)
    later = clock.now() + KEPT + timedelta(minutes=1)
    with tenant_context(local_tenant):
        assert packed_now(local_tenant, now=later) is None
    assert packed_expire(now=clock.now()) == 0
    assert packed_expire(now=later) == 1
    assert not list(kept_in.glob("*/*.zip"))


def erased(tenant: Tenant, phone: str) -> None:
    with tenant_context(tenant):
        customer = Customer.objects.create(name="Ravi", phone=phone, created_at=clock.now())
        customer_erase(customer_id=customer.pk, now=clock.now())


def test_a_file_that_names_an_erased_customer_goes_at_once(
    local_tenant: Tenant, kept_in: Path
) -> None:
    packed(local_tenant)
    erased(local_tenant, "+919999900091")

    assert not list(kept_in.glob("*/*.zip"))
    with tenant_context(local_tenant):
        assert packed_now(local_tenant, now=clock.now()) is None


def test_who_is_erased_while_it_is_packed_is_not_in_it(local_tenant: Tenant, kept_in: Path) -> None:
    asked: list[float] = []

    def once(done: float, _message: str = "", **_params: Any) -> None:
        if not asked:
            erased(local_tenant, "+919999900091")
        asked.append(done)

    with tenant_context(local_tenant):
        workspace_pack(local_tenant, f"{uuid4().hex}.zip", once)
    assert asked.count(0) == 2
    assert len(list(kept_in.glob("*/*.zip"))) == 1


def test_packing_gives_up_while_people_are_erased_all_the_time(
    local_tenant: Tenant, kept_in: Path
) -> None:
    phones = iter(f"+9199999000{each}" for each in range(10, 99))

    def always(_done: float, _message: str = "", **_params: Any) -> None:
        erased(local_tenant, next(phones)) if _done == 0 else None

    with tenant_context(local_tenant), pytest.raises(PeopleAreErased):
        workspace_pack(local_tenant, f"{uuid4().hex}.zip", always)
    assert not list(kept_in.glob("*/*.zip"))


def test_it_goes_with_the_workspace(local_tenant: Tenant, kept_in: Path) -> None:
    packed(local_tenant)
    files_remove(local_tenant.schema_name)

    assert not list(kept_in.glob("*/*"))


def test_a_cancelled_packing_leaves_no_file(local_tenant: Tenant, kept_in: Path) -> None:
    def stop(_done: float, _message: str = "", **_params: Any) -> None:
        raise JobCancelled

    with tenant_context(local_tenant), pytest.raises(JobCancelled):
        workspace_pack(local_tenant, f"{uuid4().hex}.zip", stop)
    assert not [path for path in kept_in.rglob("*") if path.is_file()]


def test_a_file_name_of_another_place_is_refused(local_tenant: Tenant) -> None:
    for name in ("../x.zip", "/etc/passwd", "a.zip"):
        with pytest.raises(NothingPacked):
            workspace_pack(local_tenant, name, lambda *_: None)


def test_the_words_inside_are_in_the_language_of_the_workspace(local_tenant: Tenant) -> None:
    Tenant.objects.filter(pk=local_tenant.pk).update(language="hi")
    local_tenant.refresh_from_db()
    packed(local_tenant)
    with tenant_context(local_tenant):
        found = packed_now(local_tenant, now=clock.now())
    assert found is not None
    text = zipfile.ZipFile(found.path).read("README.txt").decode()

    assert "भारतीय समय" in text
    assert os.stat(found.path).st_mode & 0o077 == 0


def test_the_api_packs_tells_and_hands_out(owner: Client, local_tenant: Tenant) -> None:
    assert owner.get("/api/export").status_code == 404
    answer = owner.post("/api/export")
    assert answer.status_code == 202
    with tenant_context(local_tenant):
        job_run(answer.json()["job_id"])
        assert Job.objects.get(kind=JOB).state == JobState.DONE

    found = owner.get("/api/export").json()
    assert found["job_id"] == answer.json()["job_id"]
    assert found["tables"] > 20
    file = owner.get(f"/api/export/{found['job_id']}/file")
    assert file["Content-Type"] == "application/zip"
    assert "workspace.json" in zip_of(file).namelist()
    with time_machine.travel(clock.now() + KEPT + timedelta(hours=1), tick=False):
        assert owner.get("/api/export").status_code in {401, 404}


def test_packing_again_and_again_is_limited(owner: Client, local_tenant: Tenant) -> None:
    answers = [owner.post("/api/export").status_code for _each in range(8)]

    assert answers == [202] * 6 + [429] * 2
    assert owner.post(PAGE).status_code == 429
