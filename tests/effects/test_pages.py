"""What people see of what was sent, and what they answer."""

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from marketing_platform.audit.models import AuditEntry
from marketing_platform.connections.models import Connection
from marketing_platform.core import clock
from marketing_platform.effects.channels import channel_failed
from marketing_platform.effects.errors import EffectNotAsked, EffectTooLate
from marketing_platform.effects.models import Effect
from marketing_platform.effects.registry import HANDLERS
from marketing_platform.effects.selectors import effects_page, is_stopped
from marketing_platform.effects.services import effect_answer
from marketing_platform.tenants.context import public_context, tenant_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import User
from marketing_platform.users.permissions import Role
from marketing_platform.users.services import membership_add
from tests.effects.conftest import Plan, Provider, failure, step, until

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


class Browser:
    """A signed-in client; after each request the test acts again for whom it acted before."""

    def __init__(self, client: Client):
        self.client, self.cookies = client, client.cookies

    def get(self, *args: Any, **options: Any) -> Any:
        with public_context():
            return self.client.get(*args, **options)

    def post(self, *args: Any, **options: Any) -> Any:
        with public_context():
            return self.client.post(*args, **options)


@pytest.fixture
def client(asha: User, local_tenant: Tenant, session_for: SignIn) -> Browser:
    return Browser(session_for(asha, local_tenant))


@pytest.fixture
def asked(plan: Plan, provider: Provider) -> Effect:
    """An effect of which nobody knows whether it went out."""
    provider.after, provider.can_look = [failure("timeout", "unknown")], False
    return until(plan(), "needs_check")


def text_of(client: Browser, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


# --- pages


def test_an_empty_list_says_what_will_stand_there(client: Browser, shop: Tenant) -> None:
    assert "Nothing was sent yet" in text_of(client, "/effects/")


def test_the_list_says_states_in_words_and_who_is_needed(
    client: Browser, plan: Plan, provider: Provider, asked: Effect
) -> None:
    now = clock.now()
    late = plan("late", due_at=now - timedelta(minutes=40))
    step(late, now)
    planned = plan("planned", due_at=now + timedelta(hours=2))

    everything = text_of(client, "/effects/")
    for said in ("Needs you: did it go out?", "40 minutes late", "Planned", "1 thing needs you"):
        assert said in everything
    needed = text_of(client, "/effects/?show=needs-you")
    assert "Post 1" in needed
    assert "Post late" not in needed
    waiting = text_of(client, "/effects/?show=waiting")
    assert planned.subject in waiting
    assert "Post late" not in waiting


@pytest.mark.parametrize(
    "query", ["show=%00", "show=x", "cursor=junk", "cursor=9999~x", "cursor=~"]
)
def test_an_odd_query_is_no_fault(client: Browser, plan: Plan, query: str) -> None:
    plan()
    assert client.get(f"/effects/?{query}").status_code in {200, 400}


def test_pages_of_the_list_leave_nothing_out(plan: Plan) -> None:
    now = clock.now()
    made = {plan(str(number), due_at=now).pk for number in range(7)}
    seen, cursor = [], ""
    while True:
        page = effects_page(cursor=cursor, limit=3)
        seen += [row.pk for row in page.effects]
        cursor = page.next_cursor
        if not cursor:
            break

    assert (len(seen), set(seen)) == (7, made)


@pytest.mark.parametrize(
    ("subject", "shown_as"),
    [
        ("Diwali offer", "Diwali offer"),
        ("x" * 80, "x" * 80),
        ("x" * 81, "x" * 79 + "…"),
        ("Fresh kaju katli, " * 6, "Fresh kaju katli, " * 4 + "Fresh…"),
        ("One\n\ntwo", "One two"),
    ],
)
def test_a_long_title_says_that_it_was_cut(plan: Plan, subject: str, shown_as: str) -> None:
    assert plan(subject=subject).subject == shown_as


def test_what_is_never_sent_twice_offers_no_second_sending(
    client: Browser, asked: Effect, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HANDLERS[asked.kind], "may_go_again", False)
    assert "No, send it again" not in text_of(client, f"/effects/{asked.pk}/")
    calls = provider.calls
    client.post(f"/effects/{asked.pk}/answer/", {"answer": "again"})
    asked.refresh_from_db()
    assert (asked.state, provider.calls) == ("needs_check", calls)


def test_the_three_answers(client: Browser, asked: Effect, provider: Provider) -> None:
    path = f"/effects/{asked.pk}/"
    page = text_of(client, path)
    for label in ("Yes, it went out", "No, send it again", "No, leave it"):
        assert label in page

    answer = client.post(f"{path}answer/", {"answer": "live"}, follow=True)
    assert "Thank you" in answer.content.decode()
    asked.refresh_from_db()
    assert (asked.state, provider.settled) == ("confirmed", ["confirmed"])
    again = client.post(f"{path}answer/", {"answer": "again"}, follow=True)
    assert "Nobody has to check this one" in again.content.decode()
    asked.refresh_from_db()
    assert asked.state == "confirmed"


def test_sent_again_goes_out_once_more_and_left_does_not(
    client: Browser, asked: Effect, provider: Provider
) -> None:
    provider.ledger.clear()  # it never arrived
    client.post(f"/effects/{asked.pk}/answer/", {"answer": "again"})
    until(asked, "confirmed")
    assert provider.count("1") == 1


def test_left_stays_unsent(client: Browser, asked: Effect, provider: Provider) -> None:
    client.post(f"/effects/{asked.pk}/answer/", {"answer": "leave"})
    step(asked)

    assert (asked.state, provider.calls, provider.settled) == ("cancelled", 1, ["cancelled"])
    entry = AuditEntry.objects.get(action="effect_answered")
    assert entry.subject == str(asked.pk)


@pytest.mark.parametrize("given", ["", "yes", "x" * 5000])
def test_an_answer_nobody_offered_is_refused(client: Browser, asked: Effect, given: str) -> None:
    response = client.post(f"/effects/{asked.pk}/answer/", {"answer": given})
    asked.refresh_from_db()

    assert (response.status_code, asked.state) == (400, "needs_check")


def test_two_people_answer_at_once_and_one_counts(asked: Effect) -> None:
    now = clock.now()
    effect_answer(effect_id=asked.pk, happened=False, actor_id=None, now=now)
    with pytest.raises(EffectNotAsked):
        effect_answer(effect_id=asked.pk, happened=True, actor_id=None, now=now)


def test_what_is_past_its_last_moment_is_not_sent_again(client: Browser, asked: Effect) -> None:
    with pytest.raises(EffectTooLate):
        effect_answer(
            effect_id=asked.pk, happened=False, again=True, actor_id=None, now=asked.expires_at
        )
    due_at = clock.now() - timedelta(days=2)
    Effect.objects.update(due_at=due_at, expires_at=due_at + timedelta(hours=1))
    assert "No, send it again" not in text_of(client, f"/effects/{asked.pk}/")


def test_a_planned_one_is_cancelled_from_its_page(client: Browser, plan: Plan) -> None:
    effect = plan(due_at=clock.now() + timedelta(hours=1))
    assert "Do not send it" in text_of(client, f"/effects/{effect.pk}/")
    client.post(f"/effects/{effect.pk}/cancel/")
    effect.refresh_from_db()

    assert effect.state == "cancelled"


def test_stop_everything_and_start_again(client: Browser, plan: Plan) -> None:
    effect = plan(due_at=clock.now() + timedelta(hours=1))
    page = client.post("/effects/stop/", {"on": "yes"}, follow=True).content.decode()
    effect.refresh_from_db()
    assert (effect.state, is_stopped()) == ("cancelled", True)
    assert "1 planned thing was cancelled" in page
    assert "Everything is stopped" in page

    client.post("/effects/stop/", {"on": "no"})
    assert not is_stopped()
    assert client.post("/effects/stop/", {"on": "maybe"}).status_code == 400


def test_a_paused_account_is_tried_again(client: Browser, plan: Plan, page: Connection) -> None:
    for _number in range(5):
        channel_failed(page.pk, kind="server", sentence="It broke.", params={}, now=clock.now())
    assert "Asha Sweets is paused" in text_of(client, "/effects/")
    client.post(f"/effects/channels/{page.pk}/try-again/")
    page.refresh_from_db()

    assert page.state == "connected"
    assert client.post(f"/effects/channels/{uuid.uuid4()}/try-again/").status_code == 404


def test_a_viewer_looks_and_changes_nothing(
    shop: Tenant, asked: Effect, meera: User, session_for: SignIn
) -> None:
    membership_add(tenant=shop, user=meera, role=Role.VIEWER, now=clock.now())
    viewer = Browser(session_for(meera, shop))
    page = text_of(viewer, f"/effects/{asked.pk}/")
    assert "Yes, it is live" not in page
    assert "Stop everything" not in text_of(viewer, "/effects/")
    for path, form in (
        (f"/effects/{asked.pk}/answer/", {"answer": "live"}),
        ("/effects/stop/", {"on": "yes"}),
    ):
        assert viewer.post(path, form).status_code == 403
    asked.refresh_from_db()
    assert (asked.state, is_stopped()) == ("needs_check", False)


def test_it_is_read_in_hindi(client: Browser, asked: Effect, asha: User) -> None:
    with translation.override("hi"):
        expected = translation.gettext("Needs you: did it go out?")
    User.objects.filter(pk=asha.pk).update(language="hi")
    client.cookies["django_language"] = "hi"

    assert expected != "Needs you: did it go out?"
    assert expected in client.get("/effects/").content.decode()


# --- API


def test_the_api_lists_and_takes_the_answer(client: Browser, asked: Effect) -> None:
    listed = client.get("/api/effects?show=needs-you").json()
    assert [row["id"] for row in listed["effects"]] == [str(asked.pk)]
    assert listed["effects"][0]["state"] == "needs_check"
    assert listed["next_cursor"] == ""

    told = post(client, f"/api/effects/{asked.pk}/answer", {"happened": True})
    assert (told.status_code, told.json()["state"]) == (200, "confirmed")
    again = post(client, f"/api/effects/{asked.pk}/answer", {"happened": True})
    assert (again.status_code, again.json()["code"]) == (409, "effect_not_asked")
    one = client.get(f"/api/effects/{asked.pk}").json()
    assert one["words"] == "Live"


@pytest.mark.parametrize(
    ("path", "field"),
    [("?show=nothing", "show"), ("?limit=0", "limit"), ("?limit=" + "9" * 40, "limit")],
)
def test_the_api_names_the_wrong_field(
    client: Browser, shop: Tenant, path: str, field: str
) -> None:
    answer = client.get(f"/api/effects{path}")
    assert answer.status_code == 400
    assert field in json.dumps(answer.json())


@pytest.mark.parametrize("body", [{}, {"happened": "perhaps"}, {"happened": True, "x": 1}, []])
def test_the_api_refuses_a_wrong_answer(client: Browser, asked: Effect, body: Any) -> None:
    assert post(client, f"/api/effects/{asked.pk}/answer", body).status_code == 400


def test_another_workspaces_effect_is_as_absent_as_none(
    client: Browser, asked: Effect, enterprise_tenant: Tenant, vikram: User, session_for: SignIn
) -> None:
    other = Browser(session_for(vikram, enterprise_tenant))
    for path in (f"/api/effects/{asked.pk}", f"/effects/{asked.pk}/"):
        assert other.get(path).status_code == 404
    with tenant_context(enterprise_tenant):
        assert not Effect.objects.exists()


def post(client: Browser, path: str, body: Any) -> Any:
    return client.post(path, json.dumps(body), content_type="application/json")
