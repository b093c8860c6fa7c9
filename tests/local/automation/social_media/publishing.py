"""What the tests of sending share: a connected page, a proposed post, and a worker's steps."""

from datetime import datetime, timedelta

from local.automation.social_media.front_door import SocialMediaAutomation
from local.automation.social_media.models import PlannedPost
from local.business.selectors import business_of
from marketing_platform.connections.services import connection_save
from marketing_platform.core import clock
from marketing_platform.effects.models import Effect
from marketing_platform.effects.running import effect_step
from marketing_platform.tenants.context import current_tenant

PAGE, INSTAGRAM = "100200300400", "178000000000001"


def connect(page: str = PAGE, token: str = f"page-token-{PAGE}"):
    """Asha's page and Instagram on the twin, as signing in leaves them."""
    return connection_save(
        provider="meta",
        account_id=page,
        account_name="Asha Sweets",
        credentials={"access_token": token},
        details={
            "page_id": page,
            "instagram_id": INSTAGRAM,
            "instagram_name": "ashasweets.example",
        },
        actor_id=None,
        now=clock.now(),
    )


def door() -> SocialMediaAutomation:
    return SocialMediaAutomation(business_of(current_tenant()))


def tomorrow():
    return clock.today() + timedelta(days=1)


def propose(network: str = "facebook", on=None, **more) -> PlannedPost:
    return door().propose(on or tomorrow(), network, now=clock.now(), **more)


def send(network: str = "facebook", **more) -> PlannedPost:
    """Proposed, approved as read, and planned."""
    post = propose(network)
    return door().approve_and_schedule(post.pk, post.content_hash, now=clock.now(), **more)


def step(post: PlannedPost, now: datetime | None = None) -> PlannedPost:
    """The latest step of its effect, at its time, as a worker takes it."""
    effect = Effect.objects.get(pk=post.effect_id)
    effect_step(effect.pk, effect.step, now=now or max(clock.now(), effect.next_at))
    post.refresh_from_db()
    return post


def until(post: PlannedPost, *states: str, steps: int = 12) -> PlannedPost:
    for _number in range(steps):
        if post.state in states:
            return post
        step(post)
    raise AssertionError(f"it stays {post.state}")
