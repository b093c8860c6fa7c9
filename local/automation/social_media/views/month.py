"""The month at a glance, and a day's networks in a line."""

from calendar import Calendar
from collections.abc import Mapping, Set
from datetime import date
from typing import Any

from django.utils.translation import gettext

from local.automation.social_media.engine.posting import CLOSED, State
from local.automation.social_media.front_door import NETWORK_LABELS
from local.automation.social_media.models import PlannedPost
from local.automation.social_media.selectors import Channel, planned_between, posted_networks
from local.automation.social_media.views.states import told
from marketing_platform.core.text import mark as _

MONDAY_FIRST = Calendar(firstweekday=0)
# What a dot says, the most urgent first.
DOTS = (
    (frozenset({State.NEEDS_CHECK, State.REJECTED}), "error", _("Look here")),
    (frozenset({State.PROPOSED, State.DRAFT}), "accent", _("Needs you")),
    (frozenset({State.SCHEDULED, State.SENDING, State.APPROVED}), "info", _("Going out")),
    (frozenset({State.LIVE, State.SELF_REPORTED}), "success", _("Out")),
)


def month_of(today: date) -> dict[str, Any]:
    """The weeks of today's month: each day with its dot."""
    weeks = MONDAY_FIRST.monthdatescalendar(today.year, today.month)
    first, last = weeks[0][0], weeks[-1][-1]
    planned = planned_between(first, last)
    done = posted_networks([day for week in weeks for day in week])
    return {
        "on": today,
        "weekdays": weeks[0],
        "weeks": [
            [
                {
                    "on": day,
                    "is_today": day == today,
                    "is_in": day.month == today.month,
                    **_dot(planned.get(day, {}), day in done),
                }
                for day in week
            ]
            for week in weeks
        ],
        "legend": [(tone, gettext(words)) for _states, tone, words in DOTS],
    }


def network_lines(
    planned: Mapping[str, PlannedPost],
    posted: Set[str],
    on: date,
    today: date,
    networks: Mapping[str, Channel],
) -> dict[str, Any]:
    """`states`: each network's post in words; `posted`: where it was shared by hand; `needs_you`:
    today's networks that nobody decided about; `is_planned`: the same for a day to come.
    """
    lines = [told(post, today) for post in planned.values()]
    sent = {post.network for post in planned.values() if post.state not in CLOSED}
    undecided = [each for each in networks if each not in planned and each not in posted]
    return {
        "states": lines,
        "posted": [NETWORK_LABELS[each] for each in NETWORK_LABELS if each in posted - sent],
        "needs_you": bool(undecided) and on == today,
        "is_planned": not lines and not posted and on > today,
    }


def _dot(planned: Mapping[str, PlannedPost], is_posted: bool) -> dict[str, str]:
    states = {State(post.state) for post in planned.values()}
    if is_posted:
        states.add(State.SELF_REPORTED)
    for wanted, tone, words in DOTS:
        if states & wanted:
            return {"tone": tone, "words": gettext(words)}
    return {"tone": "", "words": ""}
