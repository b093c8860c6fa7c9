"""The approve sheet, the list of posts and the API, as people and programs use them."""

import html
import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest

from local.automation.social_media.models import PlannedPost
from local.execution.models import Action
from marketing_platform.core import clock
from marketing_platform.effects.models import Effect
from marketing_platform.jobs.models import Job
from marketing_platform.tenants.context import tenant_context
from marketing_platform.users.permissions import Role
from marketing_platform.users.services import membership_add
from tests.local.automation.social_media.publishing import connect, door, propose

pytestmark = pytest.mark.django_db
TOMORROW = clock.today() + timedelta(days=1)
PAGE = f"/posts/{TOMORROW.isoformat()}/"


@pytest.fixture
def owner(workspace_client, local_tenant, asha):
    return workspace_client(local_tenant, asha)


@pytest.fixture
def connected(meta_twin, local_tenant):
    with tenant_context(local_tenant):
        return connect()


def text_of(answer) -> str:
    return html.unescape(answer.content.decode())


def hashes(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(hash_\w+)" value="([0-9a-f]{64})"', page))


def day_form(**more) -> dict:
    return {"on": TOMORROW.isoformat(), "language": "en", "variant": 0, **more}


def yes(owner, page=None, **more):
    seen = hashes(page or text_of(owner.get(PAGE)))
    wanted = day_form(networks=["facebook", "instagram"], when="best", **seen) | more
    return owner.post("/posts/approve/", wanted, follow=True)


def states(tenant) -> dict[str, str]:
    with tenant_context(tenant):
        return dict(PlannedPost.objects.values_list("network", "state"))


def test_without_a_connection_one_shares_by_hand_as_before(owner):
    page = text_of(owner.get(PAGE))
    assert 'id="sheet"' not in page
    assert "I posted it" in page
    assert "You share posts by hand" in text_of(owner.get("/posts/"))


def test_one_tap_plans_both_networks_and_says_when(owner, connected, local_tenant):
    page = text_of(owner.get(PAGE))
    assert "Send it from here" in page
    assert "Assumption" in page
    assert not states(local_tenant)
    answer = text_of(yes(owner, page))
    assert "Facebook: Going out on" in answer
    assert "at 17:00" in answer
    assert states(local_tenant) == {"facebook": "scheduled", "instagram": "scheduled"}
    listed = text_of(owner.get("/posts/"))
    assert "Going out on" in listed
    assert "Going out</li>" in listed.replace("\n", "")
    with tenant_context(local_tenant):
        approved_by = set(PlannedPost.objects.values_list("approved_by", flat=True))
        assert None not in approved_by


def test_what_changed_since_one_looked_is_not_sent(owner, connected, local_tenant):
    page = text_of(owner.get(PAGE))
    owner.post("/posts/words/", day_form(network="facebook", caption="Kaju katli, fresh today."))
    answer = text_of(yes(owner, page, networks=["facebook"]))
    assert "This changed since you looked" in answer
    assert states(local_tenant) == {"facebook": "proposed"}
    again = text_of(owner.get(PAGE))
    assert "Kaju katli, fresh today." in again
    yes(owner, again, networks=["facebook"])
    assert states(local_tenant) == {"facebook": "scheduled"}


def test_words_that_are_refused_stay_in_the_field(owner, connected, local_tenant):
    answer = owner.post(
        "/posts/words/", day_form(network="facebook", caption="Our ladoo cures diabetes.")
    )
    assert answer.status_code == 422
    page = text_of(answer)
    assert "Our ladoo cures diabetes." in page
    assert 'aria-invalid="true"' in page


def test_later_no_and_stop_from_the_sheet(owner, connected, local_tenant):
    both = ["facebook", "instagram"]
    assert "Put aside" in text_of(owner.post("/posts/later/", day_form(networks=both), follow=True))
    assert set(states(local_tenant).values()) == {"draft"}
    answer = owner.post("/posts/no/", day_form(networks=both, reason="words"), follow=True)
    assert "I do not like the words" in text_of(answer)
    yes(owner)
    with tenant_context(local_tenant):
        assert PlannedPost.objects.filter(state="scheduled").count() == 2
    answer = owner.post("/posts/stop/", day_form(networks=["facebook"]), follow=True)
    assert "Stopped" in text_of(answer)
    with tenant_context(local_tenant):
        assert PlannedPost.objects.filter(state="scheduled").get().network == "instagram"
        assert Effect.objects.filter(state="planned").count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"networks": []},
        {"networks": ["orkut"]},
        {"when": "x"},
        {"when": "time", "time": ""},
        {"when": "time", "time": "25:99"},
        {"on": "x"},
        {"hash_facebook": "0" * 64, "networks": ["facebook"]},
        {"hash_facebook": "\x00", "networks": ["facebook"]},
        {"when": "now"},
    ],
)
def test_a_forged_yes_sends_nothing(owner, connected, local_tenant, wrong):
    answer = yes(owner, **wrong)
    assert answer.status_code == 200
    with tenant_context(local_tenant):
        assert not Effect.objects.exists()


def test_who_may_only_read_sees_the_state_and_cannot_say_yes(
    connected, workspace_client, local_tenant, meera
):
    membership_add(tenant=local_tenant, user=meera, role=Role.VIEWER, now=clock.now())
    onlooker = workspace_client(local_tenant, meera)
    page = text_of(onlooker.get(PAGE))
    assert 'action="/posts/approve/"' not in page
    answer = onlooker.post("/posts/approve/", day_form(networks=["facebook"], when="best"))
    assert answer.status_code in {403, 404}
    assert not states(local_tenant)


def test_a_sign_in_that_ended_is_said_on_the_sheet(owner, connected, local_tenant):
    with tenant_context(local_tenant):
        connected.state = "needs_sign_in"
        connected.save()
    assert "Facebook needs you to sign in again" in text_of(owner.get(PAGE))


def test_the_sheet_stands_on_today_and_todays_task_follows(owner, connected, local_tenant):
    assert 'id="sheet"' in text_of(owner.get("/"))
    with tenant_context(local_tenant):
        post = propose(on=clock.today())
        post = door().approve(post.pk, post.content_hash, now=clock.now())
        PlannedPost.objects.filter(pk=post.pk).update(
            state="live", live_at=clock.now(), remote_url="https://facebook.example/1"
        )
    page = text_of(owner.get("/posts/"))
    assert "https://facebook.example/1" in page
    owner.get("/")
    with tenant_context(local_tenant):
        action = Action.objects.filter(kind="post").first()
        assert action is None or action.state in {"done", "self_reported"}


def test_the_week_is_prepared_as_a_job(owner, connected, local_tenant):
    answer = owner.post("/posts/week/")
    assert answer["Location"].startswith("/jobs/")
    with tenant_context(local_tenant):
        assert Job.objects.get().kind == "local.plan_week"


def test_the_page_is_in_hindi(owner, connected):
    owner.cookies["django_language"] = "hi"
    page = text_of(owner.get(PAGE, HTTP_ACCEPT_LANGUAGE="hi"))
    assert "अनुमान" in page
    assert "Send it from here" not in page


# --- API


def send_json(owner, path: str, body: object):
    return owner.post(path, json.dumps(body), content_type="application/json")


def test_the_api_proposes_approves_lists_and_stops(owner, connected, local_tenant):
    path = "/api/local/automation/posts"
    made = send_json(owner, path, {"on": TOMORROW.isoformat(), "network": "facebook"}).json()
    assert made["state"] == "proposed"
    one = f"{path}/{made['id']}"
    wrong = send_json(owner, f"{one}/approve", {"content_hash": "0" * 64})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "post_changed")
    said = send_json(owner, f"{one}/approve", {"content_hash": made["content_hash"]}).json()
    assert said["state"] == "scheduled"
    assert owner.get(one).json()["effect_id"] == said["effect_id"]
    listed = owner.get(f"{path}?on={TOMORROW.isoformat()}&limit=1").json()
    assert [each["id"] for each in listed["posts"]] == [made["id"]]
    assert send_json(owner, f"{one}/cancel", {}).json()["state"] == "cancelled"
    assert owner.get(f"{path}/{uuid4()}").status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"on": "1999-01-01", "network": "facebook"}, 400),
        ({"on": TOMORROW.isoformat(), "network": "orkut"}, 400),
        ({"on": TOMORROW.isoformat(), "network": "facebook", "caption": "cures diabetes"}, 400),
        ({"on": TOMORROW.isoformat(), "network": "facebook", "caption": "\x00"}, 400),
        ({"on": TOMORROW.isoformat(), "network": "facebook", "variant": 10**30}, 400),
        ([], 400),
    ],
)
def test_the_api_refuses_with_a_sentence(owner, connected, body, code):
    answer = send_json(owner, "/api/local/automation/posts", body)
    assert answer.status_code == code
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "on=x", "limit=99999"])
def test_the_api_refuses_wrong_questions(owner, query):
    assert owner.get(f"/api/local/automation/posts?{query}").status_code == 400
