"""Whatever happens around the call, it is made once, or a look proves that nothing arrived."""

from datetime import timedelta
from typing import Any

import pytest

from marketing_platform.connections.models import Connection
from marketing_platform.core import clock
from marketing_platform.effects import registry
from marketing_platform.effects.models import Effect, EffectEvent
from marketing_platform.effects.registry import Committed, Verdict, effect_kind
from marketing_platform.effects.said import said
from marketing_platform.notifications.models import Notification
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.services import work_run
from marketing_platform.tenants.models import Tenant
from tests.effects.conftest import Killed, Plan, Post, Provider, failure, lease_over, step, until

pytestmark = pytest.mark.django_db


def test_a_planned_effect_goes_out_by_due_work_of_its_workspace(
    shop: Tenant, plan: Plan, provider: Provider
) -> None:
    effect = plan()
    work = DueWork.objects.get(task="effects.step")

    assert (work.tenant_id, work.queue) == (shop.pk, "local")
    assert work_run(work.pk)

    effect.refresh_from_db()
    assert (effect.state, effect.remote_id, effect.attempts) == ("confirmed", "post-1", 1)
    assert provider.ledger == [("page-1", "1")]
    assert provider.settled == ["confirmed"]
    states = EffectEvent.objects.filter(effect=effect).values_list("to_state", flat=True)
    assert list(states) == ["planned", "preparing", "prepared", "armed", "confirmed"]


def test_every_later_step_of_it_does_nothing(plan: Plan, provider: Provider) -> None:
    effect = plan()
    until(effect, "confirmed")
    for work in DueWork.objects.filter(task="effects.step"):
        DueWork.objects.filter(pk=work.pk).update(due_at=clock.now())
        work_run(work.pk)

    assert provider.ledger == [("page-1", "1")]
    assert provider.settled == ["confirmed"]


def test_a_worker_killed_after_the_call_leaves_a_row_that_is_looked_up(
    plan: Plan, provider: Provider
) -> None:
    provider.after = [Killed()]
    effect = plan()
    with pytest.raises(Killed):
        step(effect)
    effect.refresh_from_db()
    assert effect.state == "armed"

    step(effect)
    assert (effect.state, provider.calls, provider.looks) == ("armed", 1, 0)

    lease_over(effect)
    step(effect)
    assert (effect.state, provider.calls) == ("unknown", 1)
    step(effect)
    assert (effect.state, effect.remote_id) == ("confirmed", "found")
    assert provider.ledger == [("page-1", "1")]


def test_a_worker_killed_before_the_call_is_sent_once_a_look_showed_nothing(
    plan: Plan, provider: Provider
) -> None:
    provider.before = [Killed()]
    effect = plan()
    with pytest.raises(Killed):
        step(effect)
    lease_over(effect)
    until(effect, "confirmed")

    assert (provider.ledger, provider.looks, effect.attempts) == ([("page-1", "1")], 1, 2)


def test_a_worker_killed_while_preparing_is_prepared_again(plan: Plan, provider: Provider) -> None:
    provider.preparing = [Killed()]
    effect = plan()
    with pytest.raises(Killed):
        step(effect)
    step(effect)
    assert provider.prepared == 1  # somebody still holds it

    lease_over(effect)
    until(effect, "confirmed")
    assert (provider.prepared, provider.ledger) == (2, [("page-1", "1")])


@pytest.mark.parametrize("kind", ["timeout", "server"])
def test_a_lost_answer_is_looked_up_and_found(plan: Plan, provider: Provider, kind: str) -> None:
    provider.after = [failure(kind, "unknown")]
    effect = plan()
    step(effect)
    assert effect.state == "unknown"
    assert provider.settled == []

    until(effect, "confirmed")
    assert (provider.calls, provider.ledger) == (1, [("page-1", "1")])
    assert provider.settled == ["confirmed"]


def test_an_error_before_anything_was_applied_is_looked_up_and_then_sent(
    plan: Plan, provider: Provider
) -> None:
    provider.before = [failure("server", "unknown")]
    effect = plan()
    until(effect, "confirmed")

    assert (provider.calls, provider.looks, provider.ledger) == (2, 1, [("page-1", "1")])


def test_what_provably_never_left_is_sent_again_without_a_look(
    plan: Plan, provider: Provider
) -> None:
    provider.before = [failure("unreachable", "not_applied")] * 3
    effect, now = plan(), clock.now()
    step(effect, now)
    assert effect.state == "planned"
    assert 30 <= (effect.next_at - now).total_seconds() <= 40
    step(effect, now)
    assert 60 <= (effect.next_at - now).total_seconds() <= 80

    until(effect, "confirmed")
    assert (provider.looks, provider.calls) == (0, 4)


def test_a_broken_handler_may_have_sent_it(plan: Plan, provider: Provider) -> None:
    provider.after = [RuntimeError("a bug of ours")]
    effect = plan()
    step(effect)

    assert effect.state == "unknown"
    until(effect, "confirmed")
    assert provider.calls == 1


def test_a_refusal_ends_it_with_its_sentence(plan: Plan, provider: Provider) -> None:
    provider.before = [failure("rejected", "rejected")]
    effect = until(plan(), "rejected")

    assert said(effect.failure_sentence, effect.failure_params) == "Facebook refused this: too long"
    assert (provider.calls, provider.settled) == (1, ["rejected"])
    assert Notification.objects.get().kind == "effect"


def test_a_refusal_that_is_sent_for_live_posts_is_looked_up_first(
    plan: Plan, provider: Provider
) -> None:
    class Careful(Post):
        def may_be_live(self, failure: Any) -> bool:
            return failure.kind == "rejected"

    registry.HANDLERS.pop("test.post")
    effect_kind("test.post")(Careful)
    provider.after = [failure("rejected", "rejected")]
    effect = until(plan(), "confirmed", "rejected")

    assert (effect.state, provider.ledger) == ("confirmed", [("page-1", "1")])


def test_a_rate_limit_waits_as_long_as_it_says(plan: Plan, provider: Provider) -> None:
    provider.before = [failure("rate_limited", "not_applied", retry_after=600)]
    effect, now = plan(), clock.now()
    step(effect, now)

    assert effect.state == "planned"
    assert effect.next_at == now + timedelta(seconds=600)
    until(effect, "confirmed")
    assert provider.ledger == [("page-1", "1")]


def test_an_expired_sign_in_waits_for_the_owner(
    plan: Plan, provider: Provider, page: Connection
) -> None:
    provider.before = [failure("needs_sign_in", "not_applied")]
    effect = plan()
    step(effect)
    page.refresh_from_db()
    assert (effect.state, page.state) == ("planned", "needs_sign_in")

    step(effect, effect.next_at)
    assert (effect.state, effect.failure_kind, provider.calls) == ("planned", "needs_sign_in", 1)

    Connection.objects.filter(pk=page.pk).update(state="connected")
    until(effect, "confirmed")
    assert provider.ledger == [("page-1", "1")]


def test_when_no_look_helps_a_person_is_asked(plan: Plan, provider: Provider) -> None:
    provider.after, provider.can_look = [failure("timeout", "unknown")], False
    effect = until(plan(), "needs_check")

    assert (provider.calls, provider.looks) == (1, 4)
    assert provider.asked == [str(effect.pk)]
    assert provider.settled == []
    notice = Notification.objects.get(url=f"/effects/{effect.pk}/")
    assert notice.params["subject"] == "Post 1"
    before = effect.step
    step(effect)
    assert (effect.step, provider.looks) == (before, 4)


def test_marketing_is_not_sent_again_even_when_it_never_arrived(
    plan: Plan, provider: Provider
) -> None:
    class Once(Post):
        resends = False

    registry.HANDLERS.pop("test.post")
    effect_kind("test.post")(Once)
    provider.before = [failure("timeout", "unknown")]
    effect = until(plan(), "rejected")

    assert (effect.failure_kind, provider.calls) == ("not_applied", 1)


def test_it_is_armed_a_few_times_at_most(plan: Plan, provider: Provider) -> None:
    provider.before = [failure("timeout", "unknown")] * 9
    effect = until(plan(), "rejected", "needs_check", steps=40)

    assert (effect.state, provider.calls) == ("rejected", Post.arms_at_most)


def test_what_is_not_live_yet_is_looked_up_until_it_is(plan: Plan, provider: Provider) -> None:
    class Slow(Post):
        def commit(self, effect: Effect, client: Any) -> Committed:
            done = super().commit(effect, client)
            return Committed(done.remote_id, done.answer, is_pending=True)

        def verify(self, effect: Effect, client: Any) -> Verdict:
            client.provider.looks += 1
            if client.provider.looks < 3:
                return Verdict.NOT_APPLIED  # not shown yet, which is no reason to send it again
            return Verdict.REJECTED("The photo was refused.")

    registry.HANDLERS.pop("test.post")
    effect_kind("test.post")(Slow)
    effect = plan()
    step(effect)
    assert (effect.state, effect.remote_id) == ("pending_remote", "post-1")
    until(effect, "rejected")

    assert (provider.calls, effect.failure_sentence) == (1, "The photo was refused.")


def test_an_answer_after_the_lease_is_still_the_truth(plan: Plan, provider: Provider) -> None:
    effect = plan()

    def others_meanwhile() -> None:
        lease_over(effect)
        provider.can_look = False
        step(effect)
        assert effect.state == "unknown"

    provider.on_call = others_meanwhile
    step(effect)

    assert (effect.state, effect.remote_id, provider.calls) == ("confirmed", "post-1", 1)
    assert provider.settled == ["confirmed"]


def test_an_answer_that_cannot_be_kept_as_it_is_does_not_lose_the_fact(
    plan: Plan, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = Committed("id\x00" + "x" * 500, {"note": "\x00\ud800", "set": {1}})
    monkeypatch.setattr(Post, "commit", lambda self, effect, client: odd)
    effect = plan()
    step(effect)

    assert effect.state == "confirmed"
    assert effect.answer["note"] == "?"
