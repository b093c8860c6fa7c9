"""Lives of subscriptions as two gateways would tell them, with the true end known.

A history is a list of steps in their true order: what happened, at the gateway's whole second, and
all that was true afterwards. What an event says of it is less: a Razorpay-like one never speaks of
`cancel_at_period_end`, a Stripe-like one never counts payments, and few speak of the mandate. Four
in ten steps share their second with the one before, as an activation and its first charge do.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

from billing.engine.lifecycle import (
    FINAL,
    Applied,
    Change,
    Facts,
    Ignored,
    Outcome,
    State,
    Undecided,
    reduce,
)

BEGAN = datetime(2026, 4, 1, 6, 0, tzinfo=UTC)
MONTH = timedelta(days=30)
GAPS = (0, 0, 1, 5, 3600, 86_400)
DELIVERIES = ("in_order", "one_swap", "shuffled", "late", "dropped")
Reducer = Callable[[Facts, Change], Outcome]


@dataclass(frozen=True)
class Step:
    """`said` is what the event carries; `truth` is the whole state after it."""

    kind: str
    said: Change
    truth: Change


@dataclass(frozen=True)
class History:
    steps: tuple[Step, ...]

    @property
    def truth(self) -> Change:
        return self.steps[-1].truth

    @property
    def ends_at(self) -> datetime:
        return self.truth.occurred_at

    def read(self, at: datetime, clock_error: timedelta = timedelta()) -> Change:
        """What the gateway answers when it is asked at `at` of our clock."""
        known = [step for step in self.steps if step.truth.occurred_at <= at + clock_error]
        truth = (known or self.steps[:1])[-1].truth
        return replace(truth, occurred_at=at, read_at=at)


@dataclass
class Life:
    """The gateway's own row while a history is being made."""

    random: Random
    counts_payments: bool
    tells_cancellation: bool
    state: State = State.INCOMPLETE
    at: datetime = BEGAN
    paid: int = 0
    since: datetime | None = None
    mandate: str = "none"
    is_ending: bool = False
    paused_by: str = ""

    def truth(self) -> Change:
        return Change(
            state=self.state,
            occurred_at=self.at,
            paid_count=self.paid if self.counts_payments else 0,
            period_start=BEGAN + MONTH * max(self.paid - 1, 0) if self.paid else None,
            period_end=BEGAN + MONTH * self.paid if self.paid else None,
            past_due_since=self.since,
            cancel_at_period_end=self.is_ending if self.tells_cancellation else None,
            mandate=self.mandate,
            paused_by=self.paused_by,
        )

    def step(self, kind: str, *, tells_mandate: bool = False) -> Step:
        truth = self.truth()
        said = truth if tells_mandate else replace(truth, mandate=None)
        # Neither gateway says in an event when the trouble began.
        return Step(kind, replace(said, past_due_since=None), truth)

    def wait(self) -> None:
        self.at += timedelta(seconds=self.random.choice(GAPS))

    def pay(self) -> None:
        self.paid += 1
        self.state, self.since, self.paused_by = State.ACTIVE, None, ""

    def fail(self) -> None:
        self.state = State.PAST_DUE
        self.since = self.since or self.at


def razorpay_history(random: Random) -> History:
    life = Life(random, counts_payments=True, tells_cancellation=False)
    life.mandate = "confirmed"
    steps = [life.step("subscription.authenticated", tells_mandate=True)]
    life.wait()
    life.pay()
    steps += [life.step("subscription.activated"), life.step("subscription.charged")]
    for _turn in range(random.randint(0, 8)):
        life.wait()
        steps += _razorpay_turn(life, random)
        if life.state in FINAL:
            break
    return History(tuple(steps))


def _razorpay_turn(life: Life, random: Random) -> Iterator[Step]:
    match life.state:
        case State.ACTIVE:
            happens = ("charged", "pending", "paused", "token", "updated", "cancelled", "completed")
            happened = random.choices(happens, (8, 5, 2, 2, 1, 1, 1))[0]
        case State.PAST_DUE:
            happened = random.choices(("charged", "pending", "halted", "cancelled"), (4, 4, 3, 1))[
                0
            ]
        case State.SUSPENDED:
            happened = random.choice(("charged", "charged", "cancelled"))
        case _:
            happened = random.choice(("resumed", "resumed", "cancelled"))
    yield from _razorpay_event(life, random, happened)


def _razorpay_event(life: Life, random: Random, happened: str) -> Iterator[Step]:
    if happened == "charged":
        life.pay()
    elif happened == "pending":
        life.fail()
    elif happened == "token":
        life.mandate = random.choice(("paused", "lost", "confirmed"))
        yield life.step(f"token.{life.mandate}", tells_mandate=True)
        return
    elif happened == "paused":
        life.paused_by = random.choice(("us", "customer"))
    elif happened == "resumed":
        life.paused_by = ""
    life.state = {
        "halted": State.SUSPENDED,
        "paused": State.PAUSED,
        "resumed": State.ACTIVE,
        "cancelled": State.CANCELED,
        "completed": State.ENDED,
    }.get(happened, life.state)
    if life.state in FINAL:
        life.since = None
        life.paused_by = ""
    yield life.step(f"subscription.{happened}")


def stripe_history(random: Random) -> History:
    life = Life(random, counts_payments=False, tells_cancellation=True)
    life.state = random.choice((State.INCOMPLETE, State.INCOMPLETE, State.TRIALING))
    steps = [life.step("customer.subscription.created")]
    life.wait()
    if random.random() < 0.05:
        life.state = State.EXPIRED
        return History((*steps, life.step("customer.subscription.updated")))
    life.pay()
    life.mandate = "confirmed"
    steps += [
        life.step("invoice.paid"),
        life.step("customer.subscription.updated", tells_mandate=True),
    ]
    for _turn in range(random.randint(0, 8)):
        life.wait()
        steps += _stripe_turn(life, random)
        if life.state in FINAL:
            break
    return History(tuple(steps))


def _stripe_turn(life: Life, random: Random) -> Iterator[Step]:
    match life.state:
        case State.ACTIVE:
            happens = ("paid", "failed", "flag", "paused", "mandate", "deleted")
            happened = random.choices(happens, (8, 5, 4, 2, 2, 1))[0]
        case State.PAST_DUE:
            happened = random.choices(
                ("paid", "failed", "unpaid", "action", "deleted"), (4, 3, 3, 2, 1)
            )[0]
        case State.SUSPENDED:
            happened = random.choice(("paid", "paid", "deleted"))
        case _:
            happened = random.choice(("resumed", "resumed", "deleted"))
    yield from _stripe_event(life, happened)


def _stripe_event(life: Life, happened: str) -> Iterator[Step]:
    if happened == "paid":
        life.pay()
        yield life.step("invoice.paid")
    elif happened == "failed":
        life.fail()
        yield life.step("invoice.payment_failed")
    elif happened == "flag":
        life.is_ending = not life.is_ending
    elif happened in {"mandate", "action"}:
        life.mandate = {"mandate": "lost", "action": "needs_afa"}[happened]
        yield life.step("mandate.updated", tells_mandate=True)
        return
    states = {"unpaid": State.SUSPENDED, "paused": State.PAUSED, "resumed": State.ACTIVE}
    life.state = states.get(happened, life.state)
    life.paused_by = "us" if life.state == State.PAUSED else ""
    if happened == "deleted":
        life.state, life.since = State.CANCELED, None
        yield life.step("customer.subscription.deleted")
        return
    yield life.step("customer.subscription.updated")


GATEWAYS: dict[str, Callable[[Random], History]] = {
    "razorpay": razorpay_history,
    "stripe": stripe_history,
}


def deliveries(
    history: History, way: str, random: Random
) -> tuple[tuple[tuple[datetime, Step], ...], bool]:
    """(when by our clock, what) in the order of arrival with 0-3 copies; whether some are lost."""
    end = history.ends_at + timedelta(hours=1)
    sent = [(step.truth.occurred_at + timedelta(seconds=2), step) for step in history.steps]
    is_lossy = way == "dropped"
    if is_lossy:
        sent = [each for each in sent if random.random() >= 0.2]
    if way == "one_swap" and len(sent) > 1:
        place = random.randrange(len(sent) - 1)
        (_when, one), (later, two) = sent[place : place + 2]
        sent[place : place + 2] = [(later, two), (later, one)]
    copies = [
        (when + timedelta(seconds=random.choice((0, 3, 600, 7200))), step)
        for when, step in sent
        for _copy in range(random.choice((0, 0, 1, 2, 3)))
    ]
    if way in {"in_order", "one_swap"}:
        # A copy follows its original at once.
        doubled = [each for each in sent for _copy in range(random.choice((1, 1, 2, 3, 4)))]
        return tuple(doubled), is_lossy
    sent += copies
    if way == "shuffled":
        random.shuffle(sent)
        return tuple((end, step) for _when, step in sent), is_lossy
    delayed = [
        (when + timedelta(seconds=random.choice((0, 1, 7, 60, 5000, 90_000))), step)
        for when, step in sent
    ]
    return tuple(sorted(delayed, key=lambda each: each[0])), is_lossy


def replay(
    history: History, way: str, random: Random, reducer: Reducer = reduce
) -> tuple[Facts, int, bool]:
    """Facts after all deliveries (and one reading, if some were lost), look-ups, was it lossy."""
    # The gateway's clock is ahead of ours by so much.
    error = timedelta(seconds=random.choice((-8, 0, 0, 8)))
    facts, lookups = Facts(State.INCOMPLETE), 0
    arrivals, is_lossy = deliveries(history, way, random)
    for gateway_time, step in arrivals:
        when = gateway_time - error
        outcome = reducer(facts, step.said)
        if isinstance(outcome, Undecided):
            lookups += 1
            outcome = reducer(facts, history.read(when, error))
        if isinstance(outcome, Applied):
            facts = outcome.facts
    if is_lossy:
        last = max([history.ends_at, *(when for when, _step in arrivals)]) + timedelta(hours=2)
        outcome = reducer(facts, history.read(last))
        facts = outcome.facts if isinstance(outcome, Applied) else facts
    return facts, lookups, is_lossy


def is_true(facts: Facts, truth: Change) -> bool:
    """Whether what we hold is what the gateway holds."""
    known = (facts.state, facts.paid_count, facts.period_end)
    if known != (truth.state, truth.paid_count, truth.period_end):
        return False
    if truth.state in FINAL:
        return True
    is_ending = bool(truth.cancel_at_period_end)
    return (facts.mandate, facts.cancel_at_period_end, facts.paused_by) == (
        truth.mandate,
        is_ending,
        truth.paused_by,
    )


def naive(facts: Facts, change: Change) -> Outcome:
    """The control: the last word to arrive is believed."""
    return Applied(_as_said(facts, change))


RANKS = {state: rank for rank, state in enumerate(State)}


def register_alone(facts: Facts, change: Change) -> Outcome:
    """The control: the largest key is kept, and nobody asks the gateway."""

    def key(state: State, at: datetime | None, count: int, end: datetime | None) -> tuple:
        return (state in FINAL, at or BEGAN - MONTH, count, end or BEGAN, RANKS[state])

    known = key(facts.state, facts.observed_at, facts.paid_count, facts.period_end)
    said = key(change.state, change.occurred_at, change.paid_count, change.period_end)
    return Applied(_as_said(facts, change)) if said > known else Ignored("smaller")


def _as_said(facts: Facts, change: Change) -> Facts:
    return replace(
        facts,
        state=change.state,
        observed_at=change.occurred_at,
        paid_count=change.paid_count,
        period_end=change.period_end,
        mandate=facts.mandate if change.mandate is None else change.mandate,
        cancel_at_period_end=bool(change.cancel_at_period_end),
        paused_by=change.paused_by,
    )


def wrong_ends(
    gateway: str, way: str, count: int, seed: int, reducer: Reducer = reduce
) -> tuple[int, int]:
    """How many of `count` histories end wrongly, and how many look-ups there were in all."""
    wrong = asked = 0
    for number in range(count):
        random = Random(f"{gateway}-{way}-{seed}-{number}")
        history = GATEWAYS[gateway](random)
        facts, lookups, _is_lossy = replay(history, way, random, reducer)
        wrong += not is_true(facts, history.truth)
        asked += lookups
    return wrong, asked
