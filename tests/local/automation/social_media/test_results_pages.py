from datetime import date, timedelta

import pytest
from django.test import Client

from local.automation.social_media.engine import DailyContentRequest
from local.automation.social_media.front_door import SocialMediaAutomation
from local.automation.social_media.models import ClassSeats, CoachingResult
from local.business.models import LocalBusiness
from local.business.selectors import business_of
from marketing_platform.core import clock
from marketing_platform.tenants.context import tenant_context
from marketing_platform.users.permissions import Role
from marketing_platform.users.services import membership_add

pytestmark = pytest.mark.django_db
PAGE = "/settings/results/"
FACTS = ("Isha Patil", "MHT-CET 2026", "212", "Crash course", "3 months")


@pytest.fixture
def coaching_tenant(local_tenant):
    LocalBusiness.objects.filter(tenant=local_tenant).update(category="coaching_class")
    return local_tenant


@pytest.fixture
def owner(workspace_client, coaching_tenant, asha) -> Client:
    return workspace_client(coaching_tenant, asha)


def ago(days: int) -> date:
    return clock.today() - timedelta(days)


def result_form(**changed) -> dict:
    names = ("student", "exam", "rank", "course", "duration")
    usual = {"is_paid": "paid", "result_on": ago(9).isoformat(), "consent_on": ago(2).isoformat()}
    return dict(zip(names, FACTS, strict=True)) | usual | changed


def seats_form(**changed) -> dict:
    usual = {"course": "Class 10", "number": "12", "counted_on": ago(0).isoformat()} | changed
    return {f"seats-{name}": value for name, value in usual.items()}


def text_of(answer) -> str:
    return answer.content.decode()


def test_a_result_is_added_shown_and_removed(owner, coaching_tenant, asha):
    assert owner.post(f"{PAGE}add/", result_form()).status_code == 302
    html = text_of(owner.get(PAGE))
    assert all(fact in html for fact in FACTS)
    assert "paid course" in html
    with tenant_context(coaching_tenant):
        kept = CoachingResult.objects.get()
    assert (kept.is_paid, kept.consent_on, kept.actor_id) == (True, ago(2), asha.pk)
    assert owner.post(f"{PAGE}{kept.pk}/remove/").status_code == 302
    assert "Isha" not in text_of(owner.get(PAGE))
    again = owner.post(f"{PAGE}{kept.pk}/remove/", follow=True)
    assert "could not find this result" in text_of(again)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"student": "  "}, "This field is required."),
        ({"is_paid": ""}, "Choose paid or free."),
        ({"is_paid": "both"}, "Select a valid choice."),
        ({"result_on": "soon"}, "Enter a valid date."),
        ({"result_on": "2026-02-30"}, "Enter a valid date."),
        ({"consent_on": ""}, "Without written consent no result may be shown."),
        ({"consent_on": ago(9).isoformat()}, "Consent counts only when it is given after"),
        ({"consent_on": ago(30).isoformat()}, "Consent counts only when it is given after"),
        ({"consent_on": ago(-1).isoformat()}, "This day is still to come."),
        ({"result_on": ago(400).isoformat()}, "This one is older."),
        ({"course": "Guaranteed selection"}, "may not promise selection"),
        ({"rank": "1" * 21}, "at most 20 characters"),
    ],
)
def test_a_wrong_result_is_explained_at_its_field_and_not_kept(
    owner, coaching_tenant, changed, sentence
):
    answer = owner.post(f"{PAGE}add/", result_form(**changed))
    assert answer.status_code == 422
    (field,) = changed
    assert sentence in text_of(answer).split(f'id="id_{field}_error"')[1].split("</p>")[0]
    assert "MHT-CET 2026" in text_of(answer)
    with tenant_context(coaching_tenant):
        assert not CoachingResult.objects.exists()


def test_open_seats_are_entered_said_until_a_date_and_removed(owner, coaching_tenant):
    assert owner.post(f"{PAGE}seats/", seats_form()).status_code == 302
    html = text_of(owner.get(PAGE))
    assert "12 seats in Class 10" in html
    assert "Posts may say it until" in html
    with tenant_context(coaching_tenant):
        ClassSeats.objects.update(counted_on=ago(8))
    assert "Too old: posts no longer say it" in text_of(owner.get(PAGE))
    assert owner.post(f"{PAGE}seats/remove/").status_code == 302
    assert "seats in Class 10" not in text_of(owner.get(PAGE))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"number": "0"}, "When all seats are taken, remove them."),
        ({"number": "-3"}, "When all seats are taken, remove them."),
        ({"number": "1000"}, "less than or equal to 999"),
        ({"number": "many"}, "Enter a whole number."),
        ({"counted_on": ago(-1).isoformat()}, "This day is still to come."),
        ({"counted_on": ago(8).isoformat()}, "Count again"),
        ({"course": "Limited seats batch"}, "exact number"),
    ],
)
def test_a_wrong_number_of_seats_is_explained_at_its_field(
    owner, coaching_tenant, changed, sentence
):
    answer = owner.post(f"{PAGE}seats/", seats_form(**changed))
    assert answer.status_code == 422
    (field,) = changed
    assert sentence in text_of(answer).split(f'id="id_seats-{field}_error"')[1].split("</p>")[0]
    with tenant_context(coaching_tenant):
        assert not ClassSeats.objects.exists()


WRITES = [
    (f"{PAGE}add/", result_form),
    (f"{PAGE}1/remove/", dict),
    (f"{PAGE}seats/", seats_form),
    (f"{PAGE}seats/remove/", dict),
]


@pytest.mark.parametrize("role", [None, Role.VIEWER, Role.STAFF])
def test_only_owner_and_manager_may_change_them(
    workspace_client, coaching_tenant, owner, meera, role
):
    owner.post(f"{PAGE}add/", result_form())
    owner.post(f"{PAGE}seats/", seats_form())
    if role is not None:
        membership_add(tenant=coaching_tenant, user=meera, role=role, now=clock.now())
    client = workspace_client(coaching_tenant, meera)
    if role is None:
        assert client.get(PAGE).status_code in (302, 403)
    else:
        html = text_of(client.get(PAGE))
        assert "Isha Patil" in html
        assert PAGE + "add/" not in html
    with tenant_context(coaching_tenant):
        kept = CoachingResult.objects.get()
    for address, body in [*WRITES, (f"{PAGE}{kept.pk}/remove/", dict)]:
        assert client.post(address, body()).status_code in (302, 403)
    with tenant_context(coaching_tenant):
        kept.refresh_from_db()
        assert kept.is_active
        assert (CoachingResult.objects.count(), ClassSeats.objects.count()) == (1, 1)


def test_other_trades_have_no_such_page_and_no_link_to_it(workspace_client, local_tenant, asha):
    client = workspace_client(local_tenant, asha)
    assert client.get(PAGE).status_code == 404
    for address, body in WRITES:
        assert client.post(address, body()).status_code == 404
    assert PAGE not in text_of(client.get("/settings/"))
    with tenant_context(local_tenant):
        assert not CoachingResult.objects.exists()


def test_a_coaching_class_finds_the_page_under_settings(owner):
    assert PAGE in text_of(owner.get("/settings/"))
    owner.cookies["django_language"] = "hi"
    assert owner.get(PAGE).status_code == 200


def test_posts_of_the_next_days_show_a_whole_result_and_never_an_incomplete_one(
    owner, coaching_tenant
):
    owner.post(f"{PAGE}add/", result_form())
    today = clock.today()
    with tenant_context(coaching_tenant):
        whole = CoachingResult.objects.get()
        CoachingResult.objects.create(
            **{"student": "Rohan", "exam": "NEET", "rank": "9", "course": "Batch", "duration": " "},
            is_paid=True,
            result_on=ago(9),
            consent_on=ago(2),
            created_at=clock.now(),
        )
        automation = SocialMediaAutomation(business_of(coaching_tenant))
        planned = automation.plan_days(today, today + timedelta(27))
        shown = [day for day in planned if day.pick.kind == "result"]
        assert {day.pick.result_id for day in shown} == {str(whole.pk)}
        content = automation.generate_daily_content(
            DailyContentRequest(date=shown[0].date, languages=("en",)), today=today
        )
    assert content.blocked == ()
    for captions in content.networks.values():
        text = captions["en"].full_text
        assert all(fact in text for fact in (*FACTS, "paid course"))
    assert not any("Rohan" in day.headline("en") for day in planned)
