"""Which step comes when; the days are written out here, not taken from the module."""

from datetime import UTC, datetime, timedelta

import pytest

from billing.engine.access import AFTER_LAST_ATTEMPT, GRACE
from billing.engine.dunning import (
    ANSWERED_WITHIN,
    FAILED_PAYMENT,
    NOTICE,
    OPEN_INVOICE,
    Step,
    episode_is_over,
    step_next,
    suspends_at,
)

BEGAN = datetime(2026, 11, 2, 4, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CALLED = BEGAN + timedelta(days=6)


def at(days, *, less=timedelta(0)):
    return BEGAN + timedelta(days=days) - less


@pytest.mark.parametrize(
    ("days", "step"),
    [(0, "failed"), (2, "reminder_1"), (4, "reminder_2"), (6, "last_call")],
)
def test_a_failed_payment_is_told_on_these_days(days, step):
    ask = {"ladder": FAILED_PAYMENT, "began_at": BEGAN, "done": {}}
    assert step_next(**ask, now=at(days)) == step
    assert step_next(**ask, now=at(days, less=SECOND)) != step


@pytest.mark.parametrize(
    ("days", "step"),
    [(-3, "due_soon"), (0, "due"), (3, "overdue_1"), (7, "overdue_2"), (12, "last_call")],
)
def test_an_invoice_is_spoken_of_on_these_days(days, step):
    ask = {"ladder": OPEN_INVOICE, "began_at": BEGAN, "done": {}}
    assert step_next(**ask, now=at(days)) == step
    assert step_next(**ask, now=at(days, less=SECOND)) != step


def test_before_the_first_day_nothing_is_said():
    assert step_next(FAILED_PAYMENT, began_at=BEGAN, done={}, now=BEGAN - SECOND) is None
    assert step_next(OPEN_INVOICE, began_at=BEGAN, done={}, now=at(-3, less=SECOND)) is None


@pytest.mark.parametrize(("ladder", "days"), [(FAILED_PAYMENT, 7), (OPEN_INVOICE, 15)])
def test_suspension_comes_after_the_grace_and_a_last_call(ladder, days):
    done = {"last_call": at(days - 1)}
    assert step_next(ladder, began_at=BEGAN, done=done, now=at(days, less=SECOND)) is None
    assert step_next(ladder, began_at=BEGAN, done=done, now=at(days)) == Step.SUSPENDED


def test_without_a_last_call_nothing_is_taken_away():
    ask = {"ladder": FAILED_PAYMENT, "began_at": BEGAN}
    assert step_next(**ask, done={}, now=at(40)) == Step.LAST_CALL
    told = {"last_call": at(40)}
    assert step_next(**ask, done=told, now=at(41, less=SECOND)) is None
    assert step_next(**ask, done=told, now=at(41)) == Step.SUSPENDED


@pytest.mark.parametrize("step", [rung.step for rung in FAILED_PAYMENT])
def test_a_step_is_done_once(step):
    days = {"failed": 0, "reminder_1": 2, "reminder_2": 4, "last_call": 6, "suspended": 7}[step]
    done = {"last_call": CALLED, step: at(days)}
    assert step_next(FAILED_PAYMENT, began_at=BEGAN, done=done, now=at(days)) is None


def test_what_a_standstill_left_behind_is_skipped():
    assert step_next(FAILED_PAYMENT, began_at=BEGAN, done={}, now=at(5)) == Step.REMINDER_2
    done = {"reminder_2": at(5)}
    assert step_next(FAILED_PAYMENT, began_at=BEGAN, done=done, now=at(3)) is None


def test_nothing_while_the_gateway_tries_by_itself():
    ask = {"ladder": FAILED_PAYMENT, "began_at": BEGAN, "done": {"last_call": CALLED}}
    assert step_next(**ask, now=at(9), held_until=at(9) + SECOND) is None
    # And what it began is answered by the bank the next morning.
    begun = at(9) - timedelta(hours=20)
    assert step_next(**ask, now=at(9), held_until=begun + SECOND) is None
    assert step_next(**ask, now=at(9), held_until=begun) == Step.SUSPENDED


def test_after_the_last_attempt_there_is_time_for_its_answer_a_call_and_a_notice():
    """Looked at once a day, nine to twelve: never read-only before the day that is named."""
    longest_wait = timedelta(days=1, hours=3)
    assert ANSWERED_WITHIN + longest_wait + NOTICE <= AFTER_LAST_ATTEMPT
    assert min(GRACE, AFTER_LAST_ATTEMPT) >= timedelta(hours=72)


def test_the_day_that_the_messages_promise():
    ask = {"ladder": FAILED_PAYMENT, "began_at": BEGAN}
    assert suspends_at(**ask, done={}) == at(7)
    assert suspends_at(**ask, done={"last_call": at(6)}) == at(7)
    assert suspends_at(**ask, done={"last_call": at(9)}) == at(10)
    assert suspends_at(OPEN_INVOICE, began_at=BEGAN, done={}) == at(15)


def test_the_grace_of_the_ladder_is_the_grace_of_access():
    assert timedelta(days=7) == GRACE


def test_a_recovery_ends_the_episode():
    assert episode_is_over({"failed": BEGAN, "recovered": at(1)})
    assert not episode_is_over({"failed": BEGAN})


@pytest.mark.parametrize("ladder", [FAILED_PAYMENT, OPEN_INVOICE])
def test_run_every_hour_each_step_is_done_once_and_in_order(ladder):
    done, order = {}, []
    for hour in range(-24 * 5, 24 * 20):
        now = BEGAN + timedelta(hours=hour)
        step = step_next(ladder, began_at=BEGAN, done=done, now=now)
        if step:
            order.append(step)
            done[step] = now
    assert order == [rung.step for rung in ladder]
