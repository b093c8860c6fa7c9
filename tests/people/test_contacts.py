"""Changing one's own number or e-mail, and joining a second account: both sides are proved."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.db.models import Model
from django.test import Client

from marketing_platform.audit.models import AuditEntry
from marketing_platform.core import clock
from marketing_platform.messaging.models import OutgoingMessage
from marketing_platform.notifications.services import notify
from marketing_platform.people.contacts import ContactTaken, contact_take
from marketing_platform.people.joining import ADDRESSED, Kept, NotJoined, accounts_join
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.factors import factor_begin, factor_confirm, has_factor
from marketing_platform.users.models import Membership, User
from marketing_platform.users.permissions import Role
from marketing_platform.users.services import membership_add, user_create_verified
from marketing_platform.users.totp import code_of, step_at

pytestmark = pytest.mark.django_db
HOST = {"HTTP_HOST": "localhost"}
NEW, MAIL = "+919820000087", "asha@sweets.example"

# A person's rows that move, end, or are told of in words of their own.
HANDLED = {
    *ADDRESSED.items(),
    ("users.Membership", "user"),
    ("users.Passkey", "user"),
    ("users.RecoveryCode", "user"),
    ("users.SecondFactor", "user"),
    ("users.SignInLink", "user"),
    ("users.UserSession", "user"),
    ("users.User", "joined_into_id"),
    ("account.EmailAddress", "user"),
    ("people.OwnershipOffer", "to_user_id"),
    ("platform_notifications.NotificationReader", "actor_id"),
}
# Who did something: it stays theirs, under the name that the joined account keeps.
HISTORY = {
    "accepted_by_id",
    "actor_id",
    "approved_by",
    "approved_by_id",
    "approver_id",
    "by_user_id",
    "changed_by_id",
    "connected_by",
    "created_by_id",
    "decided_by_id",
    "finisher_id",
    "invited_by_id",
    "made_by_id",
    "requeued_by",
    "staff_id",
    "starter_id",
    "taken_by_id",
    "user_id",
}
# The log of the admin is staff's, whose accounts are not joined.
STAFFS = {("admin.LogEntry", "user")}
NOT_PEOPLE = {
    "after",
    "attempt_id",
    "connection_id",
    "effect_id",
    "form_key",
    "job_id",
    "lease_token",
    "reference",
    "run_token",
    "tenant_id",
    "ticket",
    "token",
    "workspace_id",
}


def last_code() -> str:
    return re.search(r"\d{6}", OutgoingMessage.objects.filter(kind="code").first().text).group()


def change(browser: Client, which: str, value: str) -> Any:
    answer = browser.post("/my/contact/", {"which": which, which: value}, **HOST)
    assert answer["Location"] == "/my/contact/code/"
    return browser.post("/my/contact/code/", {"code": last_code()}, **HOST)


def test_the_new_number_is_proved_and_the_old_one_is_told(
    asha: User, local_tenant: Tenant, session_for: Any
) -> None:
    browser, elsewhere, old = session_for(asha), session_for(asha), asha.phone
    answer = browser.post("/my/contact/", {"which": "phone", "phone": NEW}, **HOST)
    wrong = "000000" if last_code() != "000000" else "000001"
    browser.post(answer["Location"], {"code": wrong}, **HOST)
    assert User.objects.get(pk=asha.pk).phone == old
    browser.post(answer["Location"], {"code": last_code()}, **HOST)

    assert User.objects.get(pk=asha.pk).phone == NEW
    told = OutgoingMessage.objects.get(kind="contact_changed")
    assert told.to_phone == old
    assert NEW not in told.text
    assert browser.get("/my/contact/", **HOST).status_code == 200
    assert elsewhere.get("/my/", **HOST).status_code == 302
    with tenant_context(local_tenant):
        assert AuditEntry.objects.get(action="people.number_changed").actor_id == str(asha.pk)


def test_an_old_proof_is_asked_for_again_first(
    asha: User, session_for: Any, time_machine: Any
) -> None:
    browser = session_for(asha)
    time_machine.move_to(clock.now() + timedelta(minutes=20))
    answer = browser.post(
        "/my/contact/", {"which": "phone", "phone": NEW, "back": "/my/contact/"}, **HOST
    )
    assert answer["Location"].endswith("/my/confirm/?next=%2Fmy%2Fcontact%2F")
    assert not OutgoingMessage.objects.exists()


def test_an_e_mail_is_added_and_the_password_reset_knows_it(asha: User, session_for: Any) -> None:
    change(session_for(asha), "email", MAIL)
    asha.refresh_from_db()
    assert asha.email == MAIL
    assert EmailAddress.objects.get(user=asha, verified=True, primary=True).email == MAIL


def test_taken_numbers_and_staff_are_refused(asha: User, session_for: Any) -> None:
    User.objects.create_user(phone=NEW)
    with pytest.raises(ContactTaken):
        contact_take(user=asha, contact=NEW, now=clock.now())
    staff = User.objects.create_superuser("leela@x.example", "a long staff password")
    page = session_for(staff).post(
        "/my/contact/", {"which": "email", "email": "else@x.example"}, **HOST
    )
    assert "our own staff" in page.content.decode()


def second_account(tenant: Tenant | None, role: Role = Role.MANAGER) -> User:
    user = user_create_verified(full_name="Asha S", language="en", email=MAIL)
    if tenant:
        membership_add(tenant=tenant, user=user, role=role, now=clock.now())
    return user


def joined_in_a_browser(browser: Client, **more: str) -> Any:
    assert change(browser, "email", MAIL)["Location"] == "/my/contact/join/"
    return browser.post("/my/contact/join/", {"join": "1", **more}, **HOST)


def test_two_accounts_become_one_with_every_business(
    asha: User, local_tenant: Tenant, enterprise_tenant: Tenant, session_for: Any
) -> None:
    other = second_account(enterprise_tenant)
    with tenant_context(enterprise_tenant):
        notify(title="For you", kind="people", actor_id=other.pk, now=clock.now())
    browser, theirs = session_for(asha), session_for(other)
    change(browser, "email", MAIL)
    page = browser.get("/my/contact/join/", **HOST).content.decode()
    assert enterprise_tenant.name in page
    assert "cannot be undone" in page
    answer = browser.post("/my/contact/join/", {"join": "1"}, **HOST)
    assert answer["Location"] == "/my/"

    asha.refresh_from_db()
    other.refresh_from_db()
    assert (asha.email, other.email, other.phone) == (MAIL, None, None)
    assert (other.is_active, other.joined_into_id, str(other)) == (False, asha.pk, "Asha S")
    places = Membership.objects.filter(user=asha).values_list("tenant__slug", "role")
    assert dict(places)[enterprise_tenant.slug] == "manager"
    assert not Membership.objects.filter(user=other).exists()
    assert theirs.get("/my/", **HOST).status_code == 302
    assert EmailAddress.objects.get(email=MAIL).user_id == asha.pk
    with tenant_context(enterprise_tenant):
        notices = apps.get_model("platform_notifications.Notification").objects
        assert notices.get(title="For you").actor_id == asha.pk
        entry = AuditEntry.objects.get(action="people.accounts_joined")
    assert (entry.subject, entry.actor_id) == (str(other.pk), str(asha.pk))


def test_in_the_same_business_the_stronger_role_stays(asha: User, local_tenant: Tenant) -> None:
    other = second_account(None)
    Membership.objects.filter(tenant=local_tenant, user=asha).update(role=Role.STAFF)
    Membership.objects.create(tenant=local_tenant, user=other, role=Role.OWNER)
    accounts_join(keep=asha, gone=other, wanted=Kept(asha.phone, MAIL), now=clock.now())
    rows = Membership.objects.filter(tenant=local_tenant)
    assert [(row.user_id, row.role) for row in rows] == [(asha.pk, "owner")]


def test_the_other_accounts_app_is_asked_for_too(
    asha: User, local_tenant: Tenant, session_for: Any
) -> None:
    other, before = second_account(None), clock.now() - timedelta(minutes=2)
    secret = factor_begin(user=other, now=before)
    factor_confirm(user=other, code=code_of(secret, step_at(before)), now=before)
    browser = session_for(asha)
    assert joined_in_a_browser(browser).status_code == 200
    assert joined_in_a_browser(browser, code="123456").status_code == 200
    assert User.objects.get(pk=other.pk).is_active
    right = code_of(secret, step_at(clock.now()))
    answer = browser.post("/my/contact/join/", {"join": "1", "code": right}, **HOST)
    assert answer["Location"] == "/my/"
    assert not has_factor(other)


def test_which_number_stays_is_chosen_and_the_other_is_told(
    asha: User, meera: User, local_tenant: Tenant, session_for: Any
) -> None:
    User.objects.filter(pk=meera.pk).update(phone=NEW)
    meera.refresh_from_db()
    old, browser = asha.phone, session_for(asha)
    assert change(browser, "phone", NEW)["Location"] == "/my/contact/join/"
    given = {"join": "1", "phone": NEW, "email": meera.email or ""}
    assert browser.post("/my/contact/join/", given, **HOST)["Location"] == "/my/"
    asha.refresh_from_db()
    assert asha.phone == NEW
    assert OutgoingMessage.objects.get(kind="accounts_joined").to_phone == old


def test_nobody_is_joined_twice_or_with_staff_or_a_strangers_number(asha: User) -> None:
    other = second_account(None)
    wanted = Kept(asha.phone, MAIL)
    with pytest.raises(NotJoined):
        accounts_join(keep=asha, gone=other, wanted=Kept("+919820000099", MAIL), now=clock.now())
    with pytest.raises(NotJoined):
        accounts_join(keep=asha, gone=asha, wanted=wanted, now=clock.now())
    accounts_join(keep=asha, gone=other, wanted=wanted, now=clock.now())
    with pytest.raises(NotJoined):
        accounts_join(keep=asha, gone=other, wanted=wanted, now=clock.now())
    staff = User.objects.create_superuser("leela@x.example", "a long staff password")
    with pytest.raises(NotJoined):
        accounts_join(keep=asha, gone=staff, wanted=Kept(asha.phone, None), now=clock.now())


def pointing_at_people() -> set[tuple[str, str]]:
    """Every column that is a person's, and every one that may be."""
    found = set()
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            is_key = field.is_relation and field.related_model is User
            is_id = field.get_internal_type() == "UUIDField" and not field.is_relation
            own_key = field.primary_key and field.name == "id"
            if is_key or (is_id and not own_key and field.name not in NOT_PEOPLE):
                found.add((model._meta.label, field.name))
    return found


def test_every_column_that_points_at_a_person_is_thought_of() -> None:
    found = pointing_at_people()
    assert found >= HANDLED
    left = found - HANDLED - STAFFS
    assert {name for _label, name in left} <= HISTORY, left


def test_no_key_to_a_person_is_left_with_the_account_that_ended(
    asha: User, local_tenant: Tenant, session_for: Any
) -> None:
    """Asked of the database: after a join no row of a key's table names the one that is gone."""
    other = second_account(None)
    Membership.objects.create(tenant=local_tenant, user=other, role=Role.STAFF)
    session_for(other).get("/my/", **HOST)
    accounts_join(keep=asha, gone=other, wanted=Kept(asha.phone, MAIL), now=clock.now())
    assert _rows_of(other.pk) == []


def _rows_of(person: UUID) -> list[str]:
    keys: list[tuple[type[Model], str]] = [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model is User
    ]
    return [model._meta.label for model, name in keys if model.objects.filter(**{name: person})]
