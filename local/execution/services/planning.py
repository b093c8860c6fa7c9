"""Making the day's plan, once a day; and following what became of it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from local.business.models import LocalBusiness
from local.execution.engine.plan import MINUTES, Candidate, Dismissal, plan_day
from local.execution.engine.states import OPEN, UNDER_WAY, State, check_step
from local.execution.engine.texts import effect_of
from local.execution.errors import IllegalStep, MinutesOutOfRange
from local.execution.models import Action, Decision, PlanSettings
from local.execution.services.kinds import KINDS
from local.execution.services.proposing import Proposal, proposals
from local.execution.services.steps import action_step
from marketing_platform.core.clock import IST

LOOKED_BACK = timedelta(days=90)
SECOND = timedelta(seconds=1)


def day_plan(business: LocalBusiness, *, today: date, now: datetime) -> list[Action]:
    """The plan of a day; made on the first call and the same afterwards."""
    found = list(Action.objects.filter(on=today))
    return found or _made(business, today, now)


def day_plan_again(business: LocalBusiness, *, today: date, now: datetime) -> list[Action]:
    """Fill up what is open; what was done, begun or dismissed today stays as it is."""
    Action.objects.filter(on=today, state__in=[State.PROPOSED, State.AWAITING_APPROVAL]).delete()
    Action.objects.filter(on=today, state=State.HUMAN_TODO).delete()
    return _made(business, today, now)


def minutes_set(*, minutes: int) -> None:
    """Raises MinutesOutOfRange."""
    if minutes not in MINUTES:
        raise MinutesOutOfRange(field="minutes")
    PlanSettings.objects.update_or_create(id=1, defaults={"minutes": minutes})


def minutes_a_day() -> int:
    settings = PlanSettings.objects.first()
    return settings.minutes if settings else PlanSettings().minutes


def plan_follow(*, on: date, now: datetime) -> None:
    """Take over what features say of the day's tasks, and let those expire whose time is over."""
    mine = Q(on=on) | Q(expires_at__lte=now)
    rows = Action.objects.filter(mine, state__in=[*OPEN, *UNDER_WAY])
    for action in rows:
        _words_follow(action, now)
        follow = KINDS[action.kind].follow
        said = follow(action) if follow else None
        if said is not None and said.value != action.state:
            _lead_to(action, said, now)
        elif said is None and action.expires_at <= now:
            _lead_to(action, State.EXPIRED, now)


def _made(business: LocalBusiness, today: date, now: datetime) -> list[Action]:
    kept = {each.key: each for each in Action.objects.filter(on=today)}
    found = {each.candidate.key: each for each in proposals(business, today=today, now=now)}
    families = {each.family for each in kept.values()}
    spent = sum(each.minutes for each in kept.values() if each.state != State.SKIPPED)
    candidates = [
        each.candidate
        for key, each in found.items()
        if key not in kept and each.candidate.family not in families
    ]
    chosen = plan_day(
        candidates,
        minutes=max(0, minutes_a_day() - spent),
        today=today,
        dismissals=_dismissals(today),
    )
    with transaction.atomic():
        # Two first looks at once make one plan: the key of a day is unique.
        Action.objects.bulk_create(
            [
                _row(found[each.key], len(kept) + place, today, now)
                for place, each in enumerate(chosen)
            ],
            ignore_conflicts=True,
        )
    return list(Action.objects.filter(on=today))


def _row(proposal: Proposal, place: int, today: date, now: datetime) -> Action:
    candidate = proposal.candidate
    effect = effect_of(candidate.low_paise, candidate.high_paise)
    kind = KINDS[proposal.kind]
    return Action(
        on=today,
        key=candidate.key,
        kind=proposal.kind,
        family=candidate.family,
        type_key=candidate.type_key,
        place=place,
        minutes=candidate.minutes,
        is_by_hand=candidate.is_by_hand,
        grade=candidate.grade,
        low_paise=candidate.low_paise,
        high_paise=candidate.high_paise,
        cost_paise=candidate.cost_paise,
        texts={lang: {**words, "effect": effect[lang]} for lang, words in proposal.texts.items()},
        facts=dict(candidate.facts),
        content_hash=proposal.content_hash,
        state=State.AWAITING_APPROVAL if kind.approve else State.HUMAN_TODO,
        expires_at=_end_of(candidate, today),
        created_at=now,
        changed_at=now,
    )


def _end_of(candidate: Candidate, today: date) -> datetime:
    """The end of the day in India: tomorrow has a plan of its own."""
    return datetime.combine(today + timedelta(days=1), time.min, tzinfo=IST)


def _dismissals(today: date) -> list[Dismissal]:
    """Per type: the last day it was refused, and how often since it was last done. What was put off
    twice running counts as refused.
    """
    said = _standing(
        Decision.objects.filter(action__on__gte=today - LOOKED_BACK, action__on__lt=today)
        .order_by("decided_at", "id")
        .values_list("action_id", "action__type_key", "action__on", "said")
    )
    times: dict[str, int] = defaultdict(int)
    put_off: dict[str, int] = defaultdict(int)
    last: dict[str, date] = {}
    for type_key, on, word in said:
        if word in ("approved", "done"):
            times[type_key] = put_off[type_key] = 0
            continue
        put_off[type_key] += word == "later"
        if word == "refused" or put_off[type_key] >= 2:
            times[type_key] += 1
            put_off[type_key] = 0
            last[type_key] = on
    return [Dismissal(key, on, times[key]) for key, on in last.items() if times[key]]


def _standing(said: Iterable[tuple[UUID, str, date, str]]) -> list[tuple[str, date, str]]:
    """Without what was taken back."""
    found: dict[int, tuple[UUID, str, date, str]] = {}
    for number, (action_id, type_key, on, word) in enumerate(said):
        if word == "undone":
            mine = [place for place, row in found.items() if row[0] == action_id]
            found.pop(mine[-1] if mine else -1, None)
        else:
            found[number] = (action_id, type_key, on, word)
    return [row[1:] for row in found.values()]


# How an action gets to where its feature says it is; the first way that is open is taken.
PATHS: dict[State, tuple[tuple[State, ...], ...]] = {
    State.DONE: (
        (State.DONE,),
        # Done elsewhere, without this page: the owner's own doing, told by its feature.
        (State.EVIDENCE, State.SELF_REPORTED),
        (State.HUMAN_TODO, State.EVIDENCE, State.SELF_REPORTED),
    ),
    State.RUNNING: (
        (State.RUNNING,),
        # Approved on its feature's own page, as the feature keeps it.
        (State.SCHEDULED, State.RUNNING),
    ),
    State.FAILED: ((State.FAILED,),),
    State.NEEDS_CHECK: ((State.NEEDS_CHECK,),),
    State.EXPIRED: ((State.EXPIRED,),),
}


def _words_follow(action: Action, now: datetime) -> None:
    """What waits for a yes is what its feature holds now; who saw other words is refused."""
    content = KINDS[action.kind].content
    held = content(action) if content and action.state == State.AWAITING_APPROVAL else None
    if held and held != action.content_hash:
        rows = Action.objects.filter(pk=action.pk, state=State.AWAITING_APPROVAL)
        rows.update(content_hash=held, changed_at=now)


def _lead_to(action: Action, said: State, now: datetime) -> None:
    path = next((each for each in PATHS[said] if _is_open_way(State(action.state), each)), ())
    # What is told late happened on its day.
    moment = now if said is State.EXPIRED else min(now, action.expires_at - SECOND)
    try:
        with transaction.atomic():
            for step in path:
                action_step(
                    action_id=action.pk,
                    to=step,
                    actor_kind="system",
                    actor_id=None,
                    now=moment,
                    facts={"approved_hash": F("content_hash")} if step is State.SCHEDULED else None,
                    detail={"rule": "follow/1"},
                )
    except IllegalStep:
        # Another look at the same moment was quicker, or the owner.
        return


def _is_open_way(before: State, path: Iterable[State]) -> bool:
    try:
        for step in path:
            check_step(before, step)
            before = step
    except IllegalStep:
        return False
    return True
