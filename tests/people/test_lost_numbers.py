"""A lost number: asked with the new one proved, checked by staff, a day in which it is stopped."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from marketing_platform.audit.models import AuditEntry
from marketing_platform.core import clock
from marketing_platform.messaging.models import OutgoingMessage
from marketing_platform.people.lost_numbers import (
    NotToDecide,
    NumberTaken,
    lost_number_approve,
    lost_number_ask,
    lost_number_finish,
    lost_number_refuse,
)
from marketing_platform.people.models import LostNumber
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.registry import HANDLERS
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import User

pytestmark = pytest.mark.django_db
HOST = {"HTTP_HOST": "localhost"}
ADMIN = {"HTTP_HOST": "admin.localhost"}
NEW, OTHER_NEW, UNKNOWN = "+919820000077", "+919820000078", "+919820000079"
WHY, SEEN = (
    "Owner's phone was stolen",
    "Named the last invoice and the GSTIN, showed the trade licence",
)


@pytest.fixture
def staff() -> User:
    return User.objects.create_superuser("leela@x.example", "a long staff password")


def last_code() -> str:
    return re.search(r"\d{6}", OutgoingMessage.objects.filter(kind="code").first().text).group()


def ask_in_a_browser(old: str, new: str = NEW) -> Any:
    browser = Client()
    given = {"full_name": "Asha", "old_phone": old, "new_phone": new, "words": "Sweets, Pune"}
    answer = browser.post("/lost-number/", given, **HOST)
    assert answer["Location"] == "/lost-number/code/"
    return browser.post("/lost-number/code/", {"code": last_code()}, **HOST)


def asked(old: str, new: str = NEW) -> LostNumber:
    facts = {"name": "Asha", "words": "Sweets", "language": "en"}
    return lost_number_ask(old_phone=old, new_phone=new, now=clock.now(), **facts)


def approved(user: User, staff: User, new: str = NEW) -> LostNumber:
    row = asked(user.phone, new)
    return lost_number_approve(
        request_id=row.pk, staff=staff, reason=WHY, evidence=SEEN, now=clock.now()
    )


def stop_path() -> str:
    message = OutgoingMessage.objects.filter(kind="number_change_asked").first()
    return re.search(r"http://localhost(/lost-number/stop/\S+/)", message.text).group(1)


def test_asking_tells_nobody_whether_the_old_number_has_an_account(asha: User) -> None:
    known, unknown = ask_in_a_browser(asha.phone), ask_in_a_browser(UNKNOWN, OTHER_NEW)
    assert known["Location"] == unknown["Location"] == "/lost-number/asked/"
    rows = LostNumber.objects.order_by("asked_at")
    assert [row.user_id for row in rows] == [asha.pk, None]
    assert [row.state for row in rows] == ["asked", "asked"]
    assert User.objects.get(pk=asha.pk).phone == asha.phone


def test_without_the_new_numbers_code_nothing_is_asked(asha: User) -> None:
    browser = Client()
    given = {"full_name": "A", "old_phone": asha.phone, "new_phone": NEW, "words": "Sweets"}
    browser.post("/lost-number/", given, **HOST)
    wrong = "000000" if last_code() != "000000" else "000001"
    assert browser.post("/lost-number/code/", {"code": wrong}, **HOST).status_code == 200
    assert not LostNumber.objects.exists()
    same = {**given, "new_phone": asha.phone}
    page = browser.post("/lost-number/", same, **HOST).content.decode()
    assert "Write a number that is not the lost one." in page


def test_asking_again_is_one_request_with_the_newer_words(asha: User) -> None:
    first = asked(asha.phone)
    again = lost_number_ask(
        old_phone=asha.phone,
        new_phone=NEW,
        name="Asha S",
        words="x",
        language="hi",
        now=clock.now(),
    )
    assert again.pk == first.pk
    assert (again.name, again.language) == ("Asha S", "hi")


def test_approved_it_waits_a_day_and_then_the_new_number_signs_in(
    asha: User, local_tenant: Tenant, staff: User, time_machine: Any, session_for: Any
) -> None:
    old, signed_in = asha.phone, session_for(asha)
    row = approved(asha, staff)
    assert row.due_at == row.decided_at + timedelta(days=1)
    assert OutgoingMessage.objects.filter(kind="number_change_asked", to_phone=old).exists()
    assert not lost_number_finish(request_id=row.pk, now=row.due_at - timedelta(seconds=1))
    asha.refresh_from_db()
    assert asha.phone == old

    time_machine.move_to(row.due_at)
    work = DueWork.objects.get(key=f"lost-number:{row.pk}", due_at=row.due_at)
    HANDLERS[work.task].handler(None, **work.arguments)
    asha.refresh_from_db()
    assert asha.phone == NEW
    assert OutgoingMessage.objects.filter(kind="number_changed", to_phone=NEW).exists()
    assert signed_in.get("/my/", **HOST).status_code == 302
    assert not lost_number_finish(request_id=row.pk, now=clock.now())

    browser = Client()
    browser.post("/sign-in/", {"way": "phone", "phone": NEW}, **HOST)
    browser.post("/sign-in/code/", {"code": last_code()}, **HOST)
    assert local_tenant.name in browser.get("/my/", **HOST).content.decode()
    with tenant_context(local_tenant):
        entries = AuditEntry.objects.filter(action__startswith="people.").order_by("id")
        told = [(row.action, row.actor_kind, row.detail.get("reason")) for row in entries]
        evidence = [row.detail.get("evidence") for row in entries]
    assert told == [
        ("people.lost_number_approved", "staff", WHY),
        ("people.number_changed", "staff", WHY),
    ]
    assert evidence == [SEEN, None]


def test_the_old_number_stops_it_by_a_press_and_not_by_looking(
    asha: User, staff: User, time_machine: Any
) -> None:
    row, old = approved(asha, staff), asha.phone
    path, browser = stop_path(), Client()
    assert [browser.get(path, **HOST).status_code for _ in range(2)] == [200, 200]
    row.refresh_from_db()
    assert row.state == "waiting"
    assert "Nobody got in" in browser.post(path, **HOST).content.decode()
    assert browser.post(path, **HOST).status_code == 404

    time_machine.move_to(row.due_at + timedelta(minutes=1))
    assert not lost_number_finish(request_id=row.pk, now=clock.now())
    assert User.objects.get(pk=asha.pk).phone == old


def test_who_is_still_signed_in_sees_it_and_stops_it(
    asha: User, staff: User, session_for: Any
) -> None:
    browser = session_for(asha)
    assert "It is not me, stop it" not in browser.get("/my/", **HOST).content.decode()
    row = approved(asha, staff)
    assert "It is not me, stop it" in browser.get("/my/", **HOST).content.decode()
    browser.post("/my/number/stop/", **HOST)
    row.refresh_from_db()
    assert row.state == "stopped"


def test_a_number_that_has_an_account_is_not_taken_over(
    asha: User, staff: User, time_machine: Any
) -> None:
    row = asked(asha.phone)
    User.objects.create_user(phone=NEW)
    with pytest.raises(NumberTaken):
        lost_number_approve(
            request_id=row.pk, staff=staff, reason=WHY, evidence=SEEN, now=clock.now()
        )
    assert not OutgoingMessage.objects.exists()

    later = approved(asha, staff, OTHER_NEW)
    User.objects.create_user(phone=OTHER_NEW)
    assert not lost_number_finish(request_id=later.pk, now=later.due_at)
    later.refresh_from_db()
    assert later.state == "refused"


def test_one_at_a_time_and_never_of_staff_or_of_nobody(asha: User, staff: User) -> None:
    approved(asha, staff)
    second, of_nobody = asked(asha.phone, OTHER_NEW), asked(UNKNOWN, OTHER_NEW)
    for row in (second, of_nobody):
        with pytest.raises(NotToDecide):
            lost_number_approve(
                request_id=row.pk, staff=staff, reason=WHY, evidence=SEEN, now=clock.now()
            )
    assert OutgoingMessage.objects.filter(kind="number_change_asked").count() == 1
    User.objects.filter(pk=asha.pk).update(is_staff=True)
    LostNumber.objects.filter(state="waiting").update(state="stopped")
    with pytest.raises(NotToDecide):
        lost_number_approve(
            request_id=second.pk, staff=staff, reason=WHY, evidence=SEEN, now=clock.now()
        )


def test_what_was_approved_is_taken_back_before_its_hour(asha: User, staff: User) -> None:
    row = approved(asha, staff)
    lost_number_refuse(request_id=row.pk, staff=staff, reason="It was a relative", now=clock.now())
    assert not lost_number_finish(request_id=row.pk, now=row.due_at)


def test_staff_decide_in_the_admin_with_reason_and_evidence(
    asha: User, local_tenant: Tenant, staff: User, session_for: Any
) -> None:
    row = asked(asha.phone)
    desk = Client()
    who = {"email": staff.email, "password": "a long staff password"}
    desk.post("/login/", who, **ADMIN)
    address = "/people/lostnumber/"
    assert asha.phone in desk.get(address, **ADMIN).content.decode()
    assert local_tenant.name in desk.get(f"{address}{row.pk}/change/", **ADMIN).content.decode()

    act = {"action": "approve", "_selected_action": str(row.pk)}
    form = desk.post(address, act, **ADMIN).content.decode()
    assert "How you checked who it is" in form
    desk.post(address, {**act, "reason": WHY, "evidence": "short"}, **ADMIN)
    row.refresh_from_db()
    assert row.state == "asked"
    desk.post(address, {**act, "reason": WHY, "evidence": SEEN}, **ADMIN)
    row.refresh_from_db()
    assert (row.state, row.evidence, row.decided_by_id) == ("waiting", SEEN, staff.pk)


def test_strangers_ask_a_few_times_a_day_and_no_more(asha: User) -> None:
    for _each in range(3):
        ask_in_a_browser(asha.phone)
    given = {"full_name": "A", "old_phone": asha.phone, "new_phone": NEW, "words": "x"}
    answer = Client().post("/lost-number/", given, **HOST)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
