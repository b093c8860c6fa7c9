import json
from datetime import timedelta

import pytest

from local.automation.google_business.models import GooglePost, HoursChange, Review, ReviewReply
from local.automation.google_business.services import review_paste
from local.business.models import LocalBusiness
from marketing_platform.api.keys import key_create
from marketing_platform.core import clock
from marketing_platform.effects.models import Effect
from marketing_platform.tenants.context import tenant_context
from tests.local.automation.google_business.conftest import connect

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(local_tenant, client):
    def make(scopes=("read", "write")):
        _row, key = key_create(
            tenant=local_tenant,
            name="Till",
            scopes=scopes,
            is_test=True,
            created_by_id=None,
            expires_at=None,
            now=clock.now(),
        )
        head = {"HTTP_HOST": "localhost", "HTTP_AUTHORIZATION": f"Bearer {key}"}

        def send(path, body=None):
            address = f"/api/local/google{path}"
            if body is None:
                return client.get(address, **head)
            return client.post(
                address, data=json.dumps(body), content_type="application/json", **head
            )

        return send

    return make


def on(ahead=20):
    return (clock.today() + timedelta(days=ahead)).isoformat()


def test_reviews_are_pasted_listed_and_answered_by_hand(call):
    send = call()
    made = send("/reviews", {"stars": 5, "text": "Fresh barfi", "reviewer": "Rohan P"}).json()
    assert (made["language"], made["reply"]["state"], made["replied_at"]) == ("en", "draft", None)
    assert send("/profile").json()["to_answer"] == 1
    listed = send("/reviews?state=unanswered&limit=1").json()
    assert [each["id"] for each in listed["reviews"]] == [made["id"]]
    reply = {"approve": True, "content_hash": made["reply"]["content_hash"]}
    done = send(f"/reviews/{made['id']}/reply", reply).json()
    assert done["reply"]["state"] == "by_hand"
    assert send("/reviews?state=unanswered").json()["reviews"] == []


def test_a_list_goes_on_with_its_cursor(call):
    send = call()
    for number in range(5):
        send("/reviews", {"stars": 5, "text": f"Review {number}"})
    seen, cursor = [], ""
    while True:
        page = send(f"/reviews?limit=2{cursor}").json()
        seen += [each["id"] for each in page["reviews"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len(seen) == len(set(seen)) == 5


def test_a_machine_does_not_approve_replies_to_low_stars(call, google_twin, local_tenant):
    with tenant_context(local_tenant):
        connect()
        moments = {"created_at": clock.now(), "updated_at": clock.now(), "seen_at": clock.now()}
        rows = [
            Review.objects.create(source="google", remote_name=f"x/{n}", stars=n, **moments).pk
            for n in (3, 5)
        ]
    send = call()
    low, high = (send(f"/reviews/{pk}/reply", {}).json()["reply"]["content_hash"] for pk in rows)
    refused = send(f"/reviews/{rows[0]}/reply", {"approve": True, "content_hash": low})
    assert (refused.status_code, refused.json()["code"]) == (403, "needs_person")
    sent = send(f"/reviews/{rows[1]}/reply", {"approve": True, "content_hash": high})
    assert sent.json()["reply"]["state"] == "sending"
    with tenant_context(local_tenant):
        assert Effect.objects.get().payload["review"] == "x/5"
    LocalBusiness.objects.filter(tenant=local_tenant).update(category="clinic")


def test_hours_and_posts(call):
    send = call()
    change = send("/hours", {"on": on(), "opens": "10:00", "closes": "14:00"}).json()
    assert (change["state"], change["is_closed"]) == ("by_hand", False)
    assert [each["on"] for each in send("/hours").json()] == [on()]
    post = send("/posts", {"key": "till:1", "text": "Fresh jalebi"}).json()
    again = send("/posts", {"key": "till:1", "text": "Fresh jalebi"}).json()
    assert (post["state"], again["id"]) == ("by_hand", post["id"])
    assert len(send("/posts").json()) == 1


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/reviews", {"stars": 0}, 400, "invalid_input"),
        ("/reviews", {"stars": "many"}, 400, "invalid_input"),
        ("/reviews", {"stars": 5, "text": "x" * 4097}, 400, "review_too_long"),
        ("/reviews", {"stars": 5, "written_on": "2199-01-01"}, 400, "review_day_wrong"),
        ("/reviews", {"stars": 5, "text": {"a": 1}}, 400, "invalid_input"),
        ("/reviews?limit=0", None, 400, "invalid_input"),
        ("/reviews?cursor=x", None, 400, "invalid_input"),
        ("/reviews/999/reply", {"text": "x"}, 404, "unknown_review"),
        ("/hours", {"on": "2001-01-01"}, 400, "hours_day_wrong"),
        ("/hours", {"on": "x"}, 400, "invalid_input"),
        ("/posts", {"key": "till:1", "text": "Call 98000 00001"}, 400, "post_refused"),
        ("/posts", {"key": "till:1", "text": "x", "button": "ORDER"}, 400, "post_refused"),
        ("/posts", {"key": "a b", "text": "x"}, 400, "invalid_input"),
        ("/posts", {"text": "x"}, 400, "invalid_input"),
    ],
)
def test_bad_input_is_a_problem_with_a_code(call, local_tenant, path, body, status, code):
    answer = call()(path, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    with tenant_context(local_tenant):
        assert not Review.objects.exists()
        assert not HoursChange.objects.exists()
        assert not GooglePost.objects.exists()


@pytest.mark.parametrize(
    ("given", "field"), [({"opens": "10:00"}, "closes"), ({"closes": "10:00"}, "opens")]
)
def test_half_an_opening_names_what_is_missing(call, given, field):
    answer = call()("/hours", {"on": on(), **given})
    assert (answer.json()["code"], answer.json()["field"]) == ("hours_incomplete", field)


def test_an_edit_that_promises_something_is_refused(call, local_tenant):
    with tenant_context(local_tenant):
        review = review_paste(stars=1, text="Bad", now=clock.now())
    answer = call()(f"/reviews/{review.pk}/reply", {"text": "Take a free box", "approve": True})
    assert (answer.status_code, answer.json()["code"]) == (400, "reply_refused")
    with tenant_context(local_tenant):
        assert ReviewReply.objects.get().state == "draft"


def test_a_key_that_only_reads_changes_nothing(call, local_tenant):
    send = call(scopes=("read",))
    assert send("/reviews").status_code == 200
    for path, body in (
        ("/reviews", {"stars": 5}),
        ("/hours", {"on": on()}),
        ("/posts", {"key": "till:1", "text": "x"}),
    ):
        assert send(path, body).status_code == 403
    with tenant_context(local_tenant):
        assert not Review.objects.exists()
