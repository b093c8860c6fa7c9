"""The bell: told once, to whom it concerns, until it is read."""

import uuid
from typing import Any

import pytest

from marketing_platform.core import clock
from marketing_platform.notifications.models import Notification
from marketing_platform.notifications.selectors import new_count, notices_for
from marketing_platform.notifications.services import (
    notifications_mute,
    notifications_seen,
    notify,
)
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import User

pytestmark = pytest.mark.django_db
ASHA, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)


def tell(title: str = "News", **more: Any) -> Notification:
    return notify(title=title, **{"kind": "job", "now": clock.now(), **more})


def test_what_is_for_one_person_is_not_told_to_another(local_tenant: Tenant) -> None:
    with tenant_context(local_tenant):
        tell("for all")
        tell("for Asha", actor_id=ASHA)

        assert [each.title for each in notices_for(ASHA)] == ["for Asha", "for all"]
        assert [each.title for each in notices_for(OTHER)] == ["for all"]


def test_a_key_is_told_once(local_tenant: Tenant) -> None:
    with tenant_context(local_tenant):
        assert tell("first", key="k").pk == tell("second", key="k").pk
        assert [each.title for each in notices_for(ASHA)] == ["first"]


def test_what_was_read_is_not_new_and_reading_never_goes_back(local_tenant: Tenant) -> None:
    with tenant_context(local_tenant):
        first, second = tell("one"), tell("two")
        notifications_seen(actor_id=ASHA, up_to=second.pk)
        notifications_seen(actor_id=ASHA, up_to=first.pk)

        assert (new_count(ASHA), new_count(OTHER)) == (0, 2)


def test_a_muted_kind_is_not_told(local_tenant: Tenant) -> None:
    with tenant_context(local_tenant):
        tell("quiet")
        tell("always", kind="no such kind")
        notifications_mute(actor_id=ASHA, kinds=["job", "unknown"])

        assert [each.title for each in notices_for(ASHA)] == ["always"]


def test_the_bell_counts_and_the_page_marks_as_read(
    local_tenant: Tenant, asha: User, session_for: Any
) -> None:
    browser = session_for(asha, local_tenant)
    with tenant_context(local_tenant):
        row = tell("Row %(row)d is ready", params={"row": 7}, url="/posts/")

    page = browser.get("/notifications/").content.decode()
    assert "Row 7 is ready" in page
    assert "1 new notice" in page
    browser.post("/notifications/seen/", {"up_to": str(row.pk)})

    assert "1 new notice" not in browser.get("/notifications/").content.decode()
    shown = browser.get("/api/notifications").json()["notifications"]
    assert [(each["title"], each["is_new"]) for each in shown] == [("Row 7 is ready", False)]


@pytest.mark.parametrize("junk", ["", "x", "-1", "9" * 40, "१२", "\x00"])
def test_junk_marks_nothing(local_tenant: Tenant, asha: User, session_for: Any, junk: str) -> None:
    with tenant_context(local_tenant):
        tell()

    answer = session_for(asha, local_tenant).post("/notifications/seen/", {"up_to": junk})

    assert answer.status_code == 302
    with tenant_context(local_tenant):
        assert new_count(asha.pk) == 1
