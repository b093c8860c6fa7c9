"""What keeps an effect back, and what lets it go again."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from billing.models import Subscription
from marketing_platform.connections.models import Connection
from marketing_platform.core import clock
from marketing_platform.effects import channels
from marketing_platform.effects.channels import channel_try_again
from marketing_platform.effects.control.services import global_stop_set
from marketing_platform.effects.errors import (
    ChannelMissing,
    ConnectionForeign,
    EffectOver,
    EffectTimesWrong,
    EffectTooLate,
    EffectUnderway,
)
from marketing_platform.effects.models import ChannelHealth, Effect
from marketing_platform.effects.selectors import is_stopped, paused_channels, stuck_effects
from marketing_platform.effects.services import (
    effect_cancel,
    effect_change,
    effect_plan,
    stop_everything,
)
from marketing_platform.effects.tasks import restored, step_given_up, sweep
from marketing_platform.notifications.models import Notification
from marketing_platform.schedule.models import DueWork
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.errors import CrossTenantError
from marketing_platform.tenants.models import Tenant
from tests.effects.conftest import Killed, Plan, Provider, connect, failure, step, until

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


# --- time


def test_late_is_said_and_too_late_never_goes_out(plan: Plan, provider: Provider) -> None:
    now = clock.now()
    on_time, late, stale, over = (
        plan(name, due_at=now - age, expires_at=now - age + timedelta(hours=hours))
        for name, age, hours in (
            ("on time", 14 * MINUTE, 12),
            ("late", 40 * MINUTE, 12),
            ("stale", 7 * HOUR, 24),
            ("over", 2 * HOUR, 3),
        )
    )
    for effect in (on_time, late, stale):
        step(effect, now)
    step(over, now + 2 * HOUR)

    assert [row.late_minutes for row in (on_time, late)] == [0, 40]
    assert [row.state for row in (on_time, late, stale, over)] == [
        *("confirmed", "confirmed", "expired", "expired")
    ]
    assert [sent for _page, sent in provider.ledger] == ["on time", "late"]
    assert Notification.objects.filter(url=f"/effects/{stale.pk}/").count() == 1


def test_what_waits_too_long_expires_with_the_reason_why_it_waited(
    plan: Plan, provider: Provider, page: Connection
) -> None:
    Connection.objects.filter(pk=page.pk).update(state="needs_sign_in")
    effect = until(plan(), "expired", steps=60)

    assert (effect.failure_kind, provider.calls) == ("needs_sign_in", 0)


def test_the_last_moment_must_make_sense(plan: Plan) -> None:
    now = clock.now()
    with pytest.raises(EffectTimesWrong):
        plan(due_at=now, expires_at=now)
    with pytest.raises(EffectTooLate):
        plan(due_at=now - 2 * HOUR, expires_at=now - HOUR)


# --- whose


def test_an_account_of_another_workspace_is_refused(
    plan: Plan, provider: Provider, enterprise_tenant: Tenant, page: Connection
) -> None:
    with tenant_context(enterprise_tenant):
        foreign = Connection.objects.create(
            pk=page.pk,
            provider="meta",
            account_id="theirs",
            state="connected",
            sealed=b"x",
            connected_at=clock.now(),
        )
    with pytest.raises(CrossTenantError):
        plan(connection=foreign)
    unsaved = Connection(pk=uuid.uuid4(), provider="meta", account_id="page-1")
    with pytest.raises(ConnectionForeign):
        plan(connection=unsaved)

    assert Effect.objects.count() == 0


def test_an_effect_never_leaves_through_another_account(
    plan: Plan, provider: Provider, page: Connection
) -> None:
    """The row's account changed (another page was chosen) after it was planned."""
    effect = plan()
    Connection.objects.filter(pk=page.pk).update(account_id="page-9")
    step(effect)
    assert (effect.state, effect.failure_kind, provider.calls) == ("planned", "other_account", 0)

    Connection.objects.filter(pk=page.pk).update(account_id="page-1")
    until(effect, "confirmed")
    assert provider.ledger == [("page-1", "1")]


def test_the_same_key_on_another_page_is_another_effect(plan: Plan) -> None:
    first, again, other = plan(), plan(), plan(connection=connect("page-2", "google_business"))

    assert first.pk == again.pk != other.pk
    assert DueWork.objects.filter(task="effects.step").count() == 2


# --- stops


def test_stop_while_due_cancels_and_start_again_lets_new_ones_go(
    plan: Plan, provider: Provider
) -> None:
    now, actor = clock.now(), uuid.uuid4()
    due, later = plan("due"), plan("later", due_at=now + 5 * HOUR)
    assert stop_everything(on=True, actor_id=actor, now=now) == 2
    assert stop_everything(on=True, actor_id=actor, now=now) == 0
    step(due)
    step(later, now + 5 * HOUR)
    planned_since = plan("since")
    step(planned_since)

    assert [row.state for row in (due, later, planned_since)] == ["cancelled"] * 2 + ["planned"]
    assert (planned_since.failure_kind, is_stopped()) == ("stopped", True)
    stop_everything(on=False, actor_id=actor, now=now)
    until(planned_since, "confirmed")
    assert provider.ledger == [("page-1", "since")]


def test_what_is_armed_is_not_touched_by_the_stop(plan: Plan, provider: Provider) -> None:
    effect = plan()
    provider.on_call = lambda: stop_everything(on=True, actor_id=None, now=clock.now()) and None
    step(effect)

    assert effect.state == "confirmed"


def test_a_stop_between_preparing_and_arming_holds(
    plan: Plan, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.effects.conftest import Post

    def prepare(self: Any, effect: Effect, client: Any) -> dict[str, Any]:
        global_stop_set(on=True, reason="Meta is broken", actor_id=None, now=clock.now())
        return {}

    monkeypatch.setattr(Post, "prepare", prepare)
    effect = step(plan())

    assert (effect.state, effect.failure_kind, provider.calls) == ("planned", "stopped_for_all", 0)


def test_the_stop_for_everybody_holds_back_and_cancels_nothing(
    plan: Plan, provider: Provider
) -> None:
    effect, now = plan(), clock.now()
    global_stop_set(on=True, reason="Meta is broken", actor_id=None, now=now)
    step(effect)
    assert (effect.state, effect.failure_kind) == ("planned", "stopped_for_all")

    global_stop_set(on=False, reason="Meta is back", actor_id=None, now=now)
    until(effect, "confirmed")
    assert provider.calls == 1


def test_a_workspace_that_may_only_read_arms_nothing_and_still_looks(
    plan: Plan, provider: Provider
) -> None:
    provider.after = [failure("timeout", "unknown")]
    sent = step(plan("sent"))
    waiting = plan("waiting")
    Subscription.objects.update(trial_ends_at=clock.now() - HOUR)
    step(waiting)
    until(sent, "confirmed")

    assert (waiting.state, waiting.failure_kind) == ("planned", "read_only")
    assert [key for _page, key in provider.ledger] == ["sent"]


# --- changing


def test_what_is_planned_may_be_changed_and_goes_out_as_changed(
    plan: Plan, provider: Provider
) -> None:
    now = clock.now()
    effect = plan(due_at=now + HOUR)
    changed = effect_change(effect_id=effect.pk, payload={"key": "new"}, due_at=now, now=now)
    until(changed, "confirmed")

    assert provider.ledger == [("page-1", "new")]


def test_a_change_while_it_is_prepared_takes_it_from_the_worker(
    plan: Plan, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.effects.conftest import Post

    now = clock.now()
    effect = plan()

    def prepare(self: Any, row: Effect, client: Any) -> dict[str, Any]:
        if row.payload["key"] == "1":
            effect_change(effect_id=row.pk, payload={"key": "new"}, now=now)
        return {}

    monkeypatch.setattr(Post, "prepare", prepare)
    step(effect)
    assert (effect.state, provider.calls) == ("planned", 0)
    until(effect, "confirmed")
    assert provider.ledger == [("page-1", "new")]


def test_what_is_armed_can_neither_be_changed_nor_cancelled(plan: Plan, provider: Provider) -> None:
    provider.before = [Killed()]
    effect = plan()
    with pytest.raises(Killed):
        step(effect)
    for act in (
        lambda: effect_cancel(effect_id=effect.pk, now=clock.now()),
        lambda: effect_change(effect_id=effect.pk, payload={}, now=clock.now()),
    ):
        with pytest.raises(EffectUnderway):
            act()

    effect.refresh_from_db()
    assert (effect.state, effect.payload) == ("armed", {"key": "1"})


def test_what_is_over_stays_over(plan: Plan, provider: Provider) -> None:
    effect = until(plan(), "confirmed")
    with pytest.raises(EffectOver):
        effect_cancel(effect_id=effect.pk, now=clock.now())


# --- the breaker


def test_five_failures_pause_the_account_until_somebody_says_go_on(
    plan: Plan, provider: Provider, page: Connection
) -> None:
    provider.before = [failure("unreachable", "not_applied")] * 5
    effect = plan()
    for _number in range(channels.MOST_FAILURES):
        assert not paused_channels()
        step(effect, clock.now())
    page.refresh_from_db()
    step(effect)

    assert (page.state, effect.failure_kind, provider.calls) == ("paused", "paused", 5)
    assert [row.account for row in paused_channels()] == ["Asha Sweets"]
    assert Notification.objects.filter(params__account="Asha Sweets").count() == 1

    channel_try_again(connection_id=page.pk, now=clock.now())
    until(effect, "confirmed")
    assert not paused_channels()
    with pytest.raises(ChannelMissing):
        channel_try_again(connection_id=page.pk, now=clock.now())


def test_a_success_forgets_the_failures(plan: Plan, provider: Provider, page: Connection) -> None:
    provider.before = [failure("unreachable", "not_applied")] * 4
    until(plan(), "confirmed")

    assert ChannelHealth.objects.get(pk=page.pk).failures == 0


def test_a_busy_or_particular_provider_is_not_a_broken_one(
    plan: Plan, provider: Provider, page: Connection
) -> None:
    provider.before = [failure("rate_limited", "not_applied")] * 3
    provider.before += [failure("rejected", "rejected")] * 6
    until(plan("busy"), "rejected")
    for number in range(5):
        until(plan(str(number)), "rejected")

    assert not ChannelHealth.objects.filter(failures__gt=0).exists()


# --- nothing stuck, nothing sent from a backup


def test_an_effect_whose_work_died_is_found(shop: Tenant, plan: Plan, provider: Provider) -> None:
    effect = plan()
    DueWork.objects.filter(task="effects.step").update(dead_at=clock.now())
    now = clock.now()
    assert not stuck_effects(now=now).exists()
    Effect.objects.update(next_at=now - HOUR)
    assert stuck_effects(now=now).get() == effect

    sweep(shop)
    effect.refresh_from_db()
    assert effect.step == 1
    work = DueWork.objects.get(task="effects.step", dead_at=None)
    assert work.arguments == {"effect_id": str(effect.pk), "step": effect.step}
    assert not stuck_effects(now=clock.now()).exists()


def test_an_armed_effect_whose_work_died_is_looked_up_and_not_sent(
    shop: Tenant, plan: Plan, provider: Provider
) -> None:
    provider.after = [Killed()]
    effect = plan()
    with pytest.raises(Killed):
        step(effect)
    now = clock.now()
    Effect.objects.update(next_at=now - HOUR, leased_until=now - HOUR)
    effect.refresh_from_db()
    step_given_up(shop, reason="six times", effect_id=str(effect.pk), step=effect.step)
    Effect.objects.update(next_at=now - HOUR)
    sweep(shop)
    effect.refresh_from_db()
    assert (effect.state, effect.step) == ("armed", 4)
    until(effect, "confirmed")

    assert (provider.calls, provider.ledger) == (1, [("page-1", "1")])


@pytest.mark.parametrize("state", ["planned", "armed", "unknown"])
def test_a_restored_row_is_never_sent_before_a_person_looked(
    shop: Tenant, plan: Plan, provider: Provider, state: str
) -> None:
    effect, now = plan(due_at=clock.now() + HOUR), clock.now()
    facts = {"attempt_id": uuid.uuid4(), "armed_at": now, "leased_until": now}
    Effect.objects.update(state=state, **(facts if state == "armed" else {}))

    assert restored(shop, now, now) == ["1 need a check"]
    for work in DueWork.objects.filter(task="effects.step"):
        step_number = work.arguments["step"]
        effect.refresh_from_db()
        assert step_number <= effect.step
    step(effect, now + 2 * HOUR)
    assert (effect.state, effect.failure_kind, provider.calls) == ("needs_check", "restored", 0)
    assert restored(shop, now, now) == []


def test_a_plan_without_a_handler_is_a_mistake_at_once(page: Connection) -> None:
    now = clock.now()
    with pytest.raises(ValueError, match="no handler"):
        effect_plan(
            kind="test.nobody",
            key=("1",),
            payload={},
            due_at=now,
            expires_at=now + HOUR,
            connection=page,
            now=now,
        )
