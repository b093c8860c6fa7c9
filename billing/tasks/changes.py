"""Due work of changes, wishes and referrals. All of it runs on the public side."""

from typing import Any

from billing.services.asking import ask_finish
from billing.services.changing import change_follow
from billing.services.referrals import referral_reward
from marketing_platform.core import clock
from marketing_platform.schedule.registry import work_handler


@work_handler("billing.follow_change", public=True)
def follow_change(_tenant: None, *, change_id: str, turn: int, **_unused: Any) -> None:
    change_follow(change_id=change_id, turn=turn, now=clock.now())


@work_handler("billing.finish_ask", public=True)
def finish_ask(
    _tenant: None, *, subscription_id: int, ask: Any, ask_id: str, **_unused: Any
) -> None:
    ask_finish(subscription_id=subscription_id, ask=ask, ask_id=ask_id, now=clock.now())


@work_handler("billing.reward_referral", public=True)
def reward_referral(_tenant: None, *, referral_id: int, **_unused: Any) -> None:
    referral_reward(referral_id=referral_id, now=clock.now())
