"""Billing's due work. All of it runs on the public side."""

from typing import Any

from billing import services
from marketing_platform.core import clock
from marketing_platform.schedule.registry import work_handler


@work_handler("billing.apply_event", public=True)
def apply_event(_tenant: None, *, event_id: int, **_unused: Any) -> None:
    services.event_apply(event_id=event_id, now=clock.now())


@work_handler("billing.refresh_checkout", public=True)
def refresh_checkout(_tenant: None, *, checkout_id: str, turn: int, **_unused: Any) -> None:
    services.checkout_follow_up(checkout_id=checkout_id, turn=turn, now=clock.now())


@work_handler("billing.refresh_subscription", public=True)
def refresh_subscription(_tenant: None, *, subscription_id: int, **_unused: Any) -> None:
    services.subscription_refresh(subscription_id=subscription_id, now=clock.now())


@work_handler("billing.end_trial", public=True)
def end_trial(_tenant: None, *, subscription_id: int, **_unused: Any) -> None:
    services.trial_end(subscription_id=subscription_id, now=clock.now())
