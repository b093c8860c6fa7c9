"""Today: planned once, decided by the owner, followed from the features."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from local.automation.google_business.errors import ReplyChanged
from local.automation.google_business.front_door import GMBAutomation
from local.automation.google_business.models import Review
from local.automation.google_business.services.replies import reply_edit
from local.automation.social_media.services import posted_mark
from local.business.selectors import business_of
from local.execution.engine.states import State
from local.execution.errors import (
    ActionChanged,
    ActionExpired,
    ActionMissing,
    IllegalStep,
    MinutesOutOfRange,
    ReasonUnknown,
)
from local.execution.front_door import HumanAICollaboration, TaskExecutionEngine
from local.execution.models import Action, Autonomy, Decision
from local.execution.services.planning import day_plan, minutes_set
from local.execution.services.steps import action_step
from marketing_platform.audit.models import AuditEntry
from marketing_platform.core import clock
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import Membership, User

pytestmark = pytest.mark.django_db
NOW = clock.now()
TODAY = clock.today(NOW)
DAY = timedelta(days=1)


@pytest.fixture
def shop(local_tenant: Tenant) -> Iterator[Tenant]:
    with tenant_context(local_tenant):
        minutes_set(minutes=20)
        yield local_tenant


def review(stars: int = 5, **more: Any) -> Review:
    facts = {"text": "Sweets are fresh", "reviewer": "Meenal"}
    return Review.objects.create(
        source="pasted",
        stars=stars,
        created_at=NOW - 3 * DAY,
        updated_at=NOW,
        seen_at=NOW,
        **{**facts, **more},
    )


def engine(shop: Tenant) -> TaskExecutionEngine:
    return TaskExecutionEngine(business_of(shop))


def plan(shop: Tenant, **when: Any) -> dict[str, Action]:
    rows = engine(shop).plan_day(today=when.get("today", TODAY), now=when.get("now", NOW))
    return {each.kind: each for each in rows}


def test_an_empty_shop_is_given_its_post_and_one_thing_to_set_up(shop: Tenant) -> None:
    rows = plan(shop)

    assert {"post", "setup_customers"} <= set(rows)
    assert not {"setup_reviews", "setup_connect", "setup_hours"} & set(rows)
    assert rows["post"].place == 0
    assert "We do not know yet" in rows["post"].texts["en"]["effect"]


def test_the_plan_of_a_day_does_not_change_during_the_day(shop: Tenant) -> None:
    before = [each.pk for each in engine(shop).plan_day(today=TODAY, now=NOW)]
    review()

    assert [each.pk for each in engine(shop).plan_day(today=TODAY, now=NOW)] == before


def test_planning_again_keeps_what_was_decided(shop: Tenant, asha: User) -> None:
    rows = plan(shop)
    HumanAICollaboration().dismiss(
        rows["setup_customers"].pk, reason="not_today", actor_id=asha.pk, now=NOW
    )
    review()
    again = engine(shop).plan_again(today=TODAY, now=NOW, minutes=20)

    kinds = {each.kind: each.state for each in again}
    assert kinds["setup_customers"] == State.SKIPPED
    assert kinds["review_reply"] == State.AWAITING_APPROVAL


def test_approving_a_reply_hands_exactly_that_reply_on(shop: Tenant, asha: User) -> None:
    wanted = review()
    task = plan(shop)["review_reply"]
    HumanAICollaboration().approve(task.pk, seen_hash=task.content_hash, actor_id=asha.pk, now=NOW)

    wanted.reply.refresh_from_db()
    assert wanted.reply.approved_hash == wanted.reply.content_hash == task.content_hash
    assert plan(shop)["review_reply"].state == State.DONE
    assert [each.said for each in Decision.objects.all()] == ["approved"]


def test_a_reply_that_was_edited_meanwhile_is_not_approved(shop: Tenant, asha: User) -> None:
    wanted = review()
    task = plan(shop)["review_reply"]
    reply_edit(review_id=wanted.pk, text="Thank you, Meenal. Come again.", now=NOW)

    with pytest.raises(ReplyChanged):
        HumanAICollaboration().approve(
            task.pk, seen_hash=task.content_hash, actor_id=asha.pk, now=NOW
        )

    wanted.reply.refresh_from_db()
    assert (wanted.reply.state, wanted.reply.approved_hash) == ("draft", "")
    assert Action.objects.get(pk=task.pk).state == State.AWAITING_APPROVAL
    assert not Decision.objects.exists()


def test_what_was_not_seen_is_not_approved(shop: Tenant, asha: User) -> None:
    review()
    task = plan(shop)["review_reply"]

    with pytest.raises(ActionChanged):
        HumanAICollaboration().approve(task.pk, seen_hash="x", actor_id=asha.pk, now=NOW)


def test_approving_twice_approves_once(shop: Tenant, asha: User) -> None:
    review()
    task = plan(shop)["review_reply"]
    door = HumanAICollaboration()
    door.approve(task.pk, seen_hash=task.content_hash, actor_id=asha.pk, now=NOW)

    with pytest.raises(IllegalStep):
        door.approve(task.pk, seen_hash=task.content_hash, actor_id=asha.pk, now=NOW)


def test_an_approval_of_yesterday_s_task_is_too_late(shop: Tenant, asha: User) -> None:
    review()
    task = plan(shop)["review_reply"]

    with pytest.raises(ActionExpired):
        HumanAICollaboration().approve(
            task.pk, seen_hash=task.content_hash, actor_id=asha.pk, now=NOW + 2 * DAY
        )


def test_an_edit_voids_the_approval(shop: Tenant, asha: User) -> None:
    review()
    task = plan(shop)["review_reply"]
    action_step(
        action_id=task.pk,
        to=State.SCHEDULED,
        actor_kind="human",
        actor_id=asha.pk,
        now=NOW,
        facts={"approved_hash": task.content_hash},
    )
    edited = HumanAICollaboration().edit(
        task.pk, content="other words", draft="a", final="b", actor_id=asha.pk, now=NOW
    )

    assert (edited.state, edited.approved_hash) == (State.AWAITING_APPROVAL, "")
    assert edited.content_hash != task.content_hash


def test_what_the_owner_posted_is_done_here_too(shop: Tenant, asha: User) -> None:
    plan(shop)
    posted_mark(on=TODAY, network="facebook", variant=0, now=NOW, actor_id=asha.pk)

    assert plan(shop)["post"].state in (State.DONE, State.SELF_REPORTED)


def test_a_reply_approved_on_its_own_page_is_done_here_too(shop: Tenant, asha: User) -> None:
    wanted = review()
    task = plan(shop)["review_reply"]
    GMBAutomation().approve(wanted.pk, task.content_hash, now=NOW, actor_id=asha.pk)

    assert plan(shop)["review_reply"].state == State.SELF_REPORTED


def test_what_was_left_yesterday_expires(shop: Tenant) -> None:
    task = plan(shop)["post"]
    engine(shop).plan_day(today=TODAY, now=NOW + 2 * DAY)

    assert Action.objects.get(pk=task.pk).state == State.EXPIRED


def test_by_hand_is_begun_and_finished_with_a_proof(shop: Tenant, asha: User) -> None:
    task = plan(shop)["setup_customers"]
    door = engine(shop)
    assert door.start(task.pk, actor_id=asha.pk, now=NOW).state == State.DOING
    done = door.finish(task.pk, proof=" imported 40 ", actor_id=asha.pk, now=NOW)

    assert (done.state, done.proof) == (State.SELF_REPORTED, "imported 40")
    trail = AuditEntry.objects.filter(subject=str(task.pk)).order_by("id")
    assert [each.action for each in trail] == [
        *("action.doing", "action.evidence", "action.self_reported")
    ]


def test_a_refused_kind_stays_away_and_not_today_comes_back_tomorrow(
    shop: Tenant, asha: User
) -> None:
    door = HumanAICollaboration()
    door.dismiss(plan(shop)["setup_customers"].pk, reason="not_for_us", actor_id=asha.pk, now=NOW)
    tomorrow = plan(shop, today=TODAY + DAY, now=NOW + DAY)
    assert "setup_customers" not in tomorrow

    later = plan(shop, today=TODAY + 8 * DAY, now=NOW + 8 * DAY)
    door.dismiss(
        later["setup_customers"].pk, reason="not_today", actor_id=asha.pk, now=NOW + 8 * DAY
    )
    assert "setup_customers" in plan(shop, today=TODAY + 9 * DAY, now=NOW + 9 * DAY)


def test_what_was_taken_off_can_be_taken_back(shop: Tenant, asha: User) -> None:
    task = plan(shop)["setup_customers"]
    door = HumanAICollaboration()
    door.dismiss(task.pk, reason="words", actor_id=asha.pk, now=NOW)

    assert door.take_back(task.pk, actor_id=asha.pk, now=NOW).state == State.HUMAN_TODO


def test_bad_input_changes_nothing(shop: Tenant, asha: User) -> None:
    task = plan(shop)["setup_customers"]
    with pytest.raises(ReasonUnknown):
        HumanAICollaboration().dismiss(task.pk, reason="x", actor_id=asha.pk, now=NOW)
    with pytest.raises(MinutesOutOfRange):
        engine(shop).plan_again(today=TODAY, now=NOW, minutes=7)
    with pytest.raises(ActionMissing):
        HumanAICollaboration().dismiss(asha.pk, reason="words", actor_id=asha.pk, now=NOW)

    assert Action.objects.get(pk=task.pk).state == State.HUMAN_TODO


def test_a_level_is_never_raised_above_asking_each_time(shop: Tenant, asha: User) -> None:
    door = HumanAICollaboration()
    door.set_level("post", "facebook", 3, actor_id=asha.pk, now=NOW)

    assert Autonomy.objects.get().level == 1
    assert door.level("post", "facebook") == 1
    assert door.level("post", "instagram") == 1


def test_the_page_shows_the_day_and_takes_decisions(
    shop: Tenant, asha: User, session_for: Any
) -> None:
    review()
    browser = session_for(asha, shop)
    page = browser.get("/").content.decode()
    assert "Answer Meenal&#x27;s review of 5 stars" in page
    task = _task(shop, "review_reply")

    answer = browser.post(
        f"/tasks/{task.pk}/approve/", {"content_hash": task.content_hash}, follow=True
    )

    assert "Noted as answered." in answer.content.decode()
    assert _task(shop, "review_reply").state == State.DONE
    assert "1 settled" in browser.get("/").content.decode()


def _task(shop: Tenant, kind: str) -> Action:
    with tenant_context(shop):
        return Action.objects.get(kind=kind)


def test_the_page_speaks_hindi(shop: Tenant, asha: User, session_for: Any) -> None:
    browser = session_for(asha, shop)
    browser.post("/language/", {"language": "hi"})

    assert "अपने ग्राहक जोड़िए" in browser.get("/").content.decode()


def test_staff_may_not_decide_what_costs(shop: Tenant, asha: User, session_for: Any) -> None:
    """Opening hours are the owner's; staff see the task and cannot approve it."""
    row = day_plan(business_of(shop), today=TODAY, now=NOW)[0]
    Action.objects.filter(pk=row.pk).update(kind="hours", state=State.HUMAN_TODO)
    Membership.objects.filter(user=asha).update(role="staff")
    answer = session_for(asha, shop).post(f"/tasks/{row.pk}/finish/", {}, follow=True)

    assert "not on your list" in answer.content.decode()
    assert _state(shop, row) == State.HUMAN_TODO


def _state(shop: Tenant, row: Action) -> str:
    with tenant_context(shop):
        return Action.objects.get(pk=row.pk).state


def test_the_api_tells_the_day_and_takes_decisions(
    shop: Tenant, asha: User, session_for: Any
) -> None:
    review()
    browser = session_for(asha, shop)
    body = browser.get("/api/local/today").json()
    task = next(each for each in body["tasks"] if each["kind"] == "review_reply")

    stale = browser.post(
        f"/api/local/tasks/{task['id']}/approve",
        {"content_hash": "0" * 64},
        content_type="application/json",
    )
    assert (stale.status_code, stale.json()["code"]) == (409, "action_changed")
    good = browser.post(
        f"/api/local/tasks/{task['id']}/approve",
        {"content_hash": task["content_hash"]},
        content_type="application/json",
    )
    assert good.json()["state"] == "scheduled"
