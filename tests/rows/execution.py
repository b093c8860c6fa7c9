"""The day's tasks in the tests that walk over everything."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from marketing_platform.core import clock
from tests.isolation.kinds import OWN, Kind, Row

TASK = Row(Kind.ROW, {"action_id": "@uuid_row"})
LOCAL = {
    "first/": OWN,
    "first/put-away/": OWN,
    "first/<slug:step>/": Row(Kind.OWN, {"step": "shop"}),
    "tasks/minutes/": Row(Kind.OWN, form={"minutes": "15"}),
    "tasks/<uuid:action_id>/approve/": TASK,
    "tasks/<uuid:action_id>/not-today/": TASK,
    "tasks/<uuid:action_id>/back/": TASK,
    "tasks/<uuid:action_id>/start/": TASK,
    "tasks/<uuid:action_id>/finish/": TASK,
    "api/local/today": OWN,
    "api/local/tasks/<uuid:action_id>/approve": TASK,
    "api/local/tasks/<uuid:action_id>/dismiss": TASK,
    "api/local/tasks/<uuid:action_id>/finish": TASK,
}
ONE_ROW = {"local_execution.PlanSettings", "local_execution.FirstHour"}
WORDS = ("title", "why", "effect", "skip")


def texts(said: str) -> dict[str, dict[str, str]]:
    return {language: dict.fromkeys(WORDS, said) for language in ("en", "hi")}


OVERRIDES = {
    "local_execution.PlanSettings": lambda key, letter: {"minutes": 10},
    "local_execution.Action": lambda key, letter: {
        "on": clock.today(),
        "kind": "setup_customers",
        "texts": texts(f"CANARY-{letter}-{key}"),
        "facts": {},
        "grade": "B",
        "content_hash": "",
        "approved_hash": "",
        "state": "human_todo",
        "expires_at": clock.now() + timedelta(hours=1),
    },
    "local_execution.Decision": lambda key, letter: {"said": "later"},
    "local_execution.Autonomy": lambda key, letter: {"level": 1},
}


def fill_local(name: str, _picture: Any) -> None:
    from local.execution.models import Action, Autonomy, Decision, FirstHour, PlanSettings

    at = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    PlanSettings.objects.create(minutes=15)
    FirstHour.objects.create(settled={"shop": "done"})
    action = Action.objects.create(
        on=date(2026, 11, 1),
        key="post",
        kind="post",
        family="post",
        type_key="post",
        place=0,
        minutes=2,
        texts=texts(name),
        state="done",
        expires_at=at,
        created_at=at,
        changed_at=at,
    )
    Decision.objects.create(action=action, said="done", actor_id=uuid.uuid4(), decided_at=at)
    Autonomy.objects.create(kind="post", channel="facebook", level=1, changed_at=at)
