"""Today when things do not go straight: two looks at once, odd words, changes elsewhere."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection

from local.automation.google_business.models import Review, ReviewReply
from local.automation.google_business.services.replies import reply_edit, reply_ensure
from local.automation.social_media.services import posted_mark
from local.business.selectors import business_of
from local.execution.engine.plan import Candidate, plan_day
from local.execution.engine.states import State
from local.execution.front_door import HumanAICollaboration, TaskExecutionEngine
from local.execution.models import Action
from local.execution.services import planning
from local.execution.services.planning import minutes_set, plan_follow
from local.execution.services.proposing import proposals
from marketing_platform.core import clock
from marketing_platform.core.clock import IST
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import User
from tests.local.automation.google_business.conftest import connect as connect_google

pytestmark = pytest.mark.django_db
NOW = clock.now()
TODAY = clock.today(NOW)
DAY = timedelta(days=1)


@pytest.fixture
def shop(local_tenant: Tenant) -> Iterator[Tenant]:
    with tenant_context(local_tenant):
        minutes_set(minutes=20)
        yield local_tenant


def review(number: int = 1, **more: Any) -> Review:
    facts = {"text": "Sweets are fresh", "reviewer": f"Meenal {number}", "stars": 5}
    when = {"created_at": NOW - 3 * DAY, "updated_at": NOW, "seen_at": NOW}
    return Review.objects.create(**{"source": "pasted", **facts, **when, **more})


def plan(shop: Tenant, today: Any = TODAY, now: datetime = NOW) -> dict[str, Action]:
    rows = TaskExecutionEngine(business_of(shop)).plan_day(today=today, now=now)
    return {each.kind: each for each in rows}


def test_the_day_s_post_stays_when_only_five_minutes_are_left_for_a_task_by_hand() -> None:
    post = Candidate("post", "post", "post", 2, grade="B", is_pinned=True)
    long = Candidate("occasion", "occasion", "occasion", 4, grade="A", is_by_hand=True)
    review = Candidate("review", "review", "reviews", 2, grade="B")

    assert [each.key for each in plan_day([long, review, post], minutes=5, today=TODAY)] == [
        *("post", "review")
    ]
    assert plan_day([long, review, post], minutes=0, today=TODAY) == []


def test_a_dismissal_that_was_taken_back_cools_nothing(shop: Tenant, asha: User) -> None:
    task, door = plan(shop)["setup_customers"], HumanAICollaboration()
    door.dismiss(task.pk, reason="not_for_us", actor_id=asha.pk, now=NOW)
    door.take_back(task.pk, actor_id=asha.pk, now=NOW)

    assert "setup_customers" in plan(shop, TODAY + DAY, NOW + DAY)


def test_all_waiting_reviews_are_counted(shop: Tenant) -> None:
    for number in range(61):
        review(number, created_at=NOW - timedelta(hours=number))

    assert "without an answer: 61;" in plan(shop)["review_reply"].texts["en"]["why"]


def test_a_review_of_an_early_morning_waits_since_its_indian_day(shop: Tenant) -> None:
    morning = datetime.combine(TODAY - 3 * DAY, datetime.min.time(), IST) + timedelta(hours=1)
    review(created_at=morning.astimezone(UTC))

    assert "waited: 3." in plan(shop)["review_reply"].texts["en"]["why"]


def test_two_looks_at_once_follow_once(shop: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another look has moved the task between our reading and our step."""
    task = plan(shop)["post"]
    posted_mark(on=TODAY, network="facebook", variant=0, now=NOW)
    lead_to = planning._lead_to

    def twice(action: Action, said: State, now: datetime) -> None:
        lead_to(Action.objects.get(pk=action.pk), said, now)
        lead_to(action, said, now)

    monkeypatch.setattr(planning, "_lead_to", twice)
    plan_follow(on=TODAY, now=NOW)

    assert Action.objects.get(pk=task.pk).state == State.SELF_REPORTED


@pytest.mark.django_db(transaction=True)
def test_many_looks_at_once_all_get_the_page(shop: Tenant) -> None:
    task = plan(shop)["post"]
    posted_mark(on=TODAY, network="facebook", variant=0, now=NOW)
    barrier, errors = threading.Barrier(4), []

    def look() -> None:
        try:
            with tenant_context(shop):
                barrier.wait(10)
                plan_follow(on=TODAY, now=NOW)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=look) for _each in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)

    assert errors == []
    assert Action.objects.get(pk=task.pk).state == State.SELF_REPORTED


def test_a_proof_of_odd_letters_is_kept_clean(shop: Tenant, asha: User, session_for: Any) -> None:
    task = plan(shop)["setup_customers"]
    answer = session_for(asha, shop).post(f"/tasks/{task.pk}/finish/", {"proof": "ok\x00!"})

    assert answer.status_code == 302
    with tenant_context(shop):
        task.refresh_from_db()
    assert (task.state, task.proof) == (State.SELF_REPORTED, "ok!")


def test_the_words_of_a_reply_that_changed_are_shown_and_can_be_approved(
    shop: Tenant, asha: User
) -> None:
    wanted = review()
    before = plan(shop)["review_reply"].content_hash
    reply_edit(review_id=wanted.pk, text="Thank you. Come again.", now=NOW)

    task = plan(shop)["review_reply"]

    reply = ReviewReply.objects.get(review=wanted)
    assert task.content_hash == reply.content_hash != before
    HumanAICollaboration().approve(task.pk, seen_hash=task.content_hash, actor_id=asha.pk, now=NOW)
    assert plan(shop)["review_reply"].state == State.DONE


@pytest.mark.usefixtures("google_twin")
def test_a_reply_on_its_way_is_not_asked_for_again(shop: Tenant, asha: User) -> None:
    """Approved on its own page; Google may look at it for days."""
    connect_google()
    wanted = review(source="google", remote_name="accounts/3001/locations/4001/reviews/r0001")
    plan(shop)
    reply = reply_ensure(review_id=wanted.pk, now=NOW)
    ReviewReply.objects.filter(pk=reply.pk).update(
        state="in_review", approved_hash=reply.content_hash
    )

    assert plan(shop)["review_reply"].state == State.RUNNING


def test_without_google_nothing_is_said_to_go_out(
    shop: Tenant, asha: User, session_for: Any
) -> None:
    wanted = review()
    browser = session_for(asha, shop)
    page = browser.get("/").content.decode()
    assert "I posted this reply on Google" in page
    with tenant_context(shop):
        task = Action.objects.get(kind="review_reply")

    answer = browser.post(
        f"/tasks/{task.pk}/approve/", {"content_hash": task.content_hash}, follow=True
    )

    assert "It goes out now" not in answer.content.decode()
    assert "Noted as answered." in answer.content.decode()
    with tenant_context(shop):
        assert ReviewReply.objects.get(review=wanted).state == "by_hand"


def test_getting_ready_is_asked_before_the_day_and_not_on_it(shop: Tenant) -> None:
    start, ready = date(2026, 10, 1), 0
    for number in range(60):
        today = start + timedelta(days=number)
        noon = datetime.combine(today, time(12), tzinfo=IST)
        for each in proposals(business_of(shop), today=today, now=noon):
            if each.kind == "occasion":
                ready += 1
                assert date.fromisoformat(str(each.candidate.facts["date"])) > today
                assert each.candidate.due_on is not None
                assert each.candidate.due_on >= today
    assert ready > 10
