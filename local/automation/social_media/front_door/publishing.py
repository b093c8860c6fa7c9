"""Sending the day's posts: proposal, the owner's yes, the time, and what became of it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from local.automation.social_media.engine import (
    DailyContent,
    DailyContentRequest,
    DaySituation,
    PolicyContext,
    words_context,
)
from local.automation.social_media.engine.posting import State
from local.automation.social_media.errors import NothingToPost
from local.automation.social_media.models import PlannedPost
from local.automation.social_media.selectors import channels, chosen_variant, planned_post
from local.automation.social_media.services import (
    PostContent,
    post_approve,
    post_cancel,
    post_edit,
    post_later,
    post_no,
    post_propose,
    post_schedule,
)
from local.business.models import LocalBusiness
from marketing_platform.core import clock
from marketing_platform.media.models import MediaFile

WEEK = 7


class Publishing:
    """The part of SocialMediaAutomation that sends. Works in the acting workspace.

    Without a connected account nothing is sent: the owner shares by hand and says so.
    """

    _business: LocalBusiness

    def plan_week(
        self,
        *,
        today: date,
        now: datetime,
        actor_id: UUID | None = None,
        report: Callable[[float], None] = lambda done: None,
    ) -> list[PlannedPost]:
        """A proposal for each of seven days and each connected network, in the owner's language.

        What is there already stays. A day whose post is held back by a rule is left out.
        """
        made = []
        for passed in range(WEEK):
            report(passed / WEEK)
            on = today + timedelta(days=passed)
            content = self._content(on, self._business.languages[0], chosen_variant(on), today)
            for network in channels():
                one = post_content(content, network, self._business.languages[0])
                if one is not None:
                    made.append(post_propose(content=one, now=now, actor_id=actor_id))
        return made

    def propose(
        self,
        on: date,
        network: str,
        *,
        now: datetime,
        language: str | None = None,
        variant: int | None = None,
        actor_id: UUID | None = None,
    ) -> PlannedPost:
        """The post of one day and network. Raises NothingToPost, DayOver or DateOutOfRange."""
        language = language or self._business.languages[0]
        variant = chosen_variant(on) if variant is None else variant
        content = self._content(on, language, variant, clock.today(now))
        one = post_content(content, network, language)
        if one is None:
            raise NothingToPost
        return post_propose(content=one, now=now, actor_id=actor_id)

    def edit(
        self, post_id: UUID, caption: str, *, now: datetime, actor_id: UUID | None = None
    ) -> PlannedPost:
        """Raises what services.post_edit raises."""
        context = self._context(planned_post(post_id))
        return post_edit(
            post_id=post_id, caption=caption, context=context, now=now, actor_id=actor_id
        )

    def approve(
        self, post_id: UUID, seen_hash: str, *, now: datetime, actor_id: UUID | None = None
    ) -> PlannedPost:
        """Say yes to what was read. Raises what services.post_approve raises."""
        return post_approve(
            post_id=post_id,
            seen_hash=seen_hash,
            context=self._context(planned_post(post_id)),
            now=now,
            actor_id=actor_id,
        )

    def schedule(
        self,
        post_id: UUID,
        *,
        now: datetime,
        at: datetime | None = None,
        actor_id: UUID | None = None,
    ) -> PlannedPost:
        """Plan what was approved, or move it. None is the trade's best time of its day. Raises what
        services.post_schedule raises.
        """
        return post_schedule(
            post_id=post_id,
            category=self._business.category,
            now=now,
            at=at,
            actor_id=actor_id,
        )

    def publish_now(
        self, post_id: UUID, *, now: datetime, actor_id: UUID | None = None
    ) -> PlannedPost:
        return self.schedule(post_id, at=now, now=now, actor_id=actor_id)

    @transaction.atomic
    def approve_and_schedule(
        self,
        post_id: UUID,
        seen_hash: str,
        *,
        now: datetime,
        at: datetime | None = None,
        actor_id: UUID | None = None,
    ) -> PlannedPost:
        """One tap: yes, and when. A second tap on the same words finds it planned."""
        post = self.approve(post_id, seen_hash, now=now, actor_id=actor_id)
        if post.state != State.APPROVED:
            return post
        return self.schedule(post_id, at=at, now=now, actor_id=actor_id)

    def later(self, post_id: UUID, **who: Any) -> PlannedPost:
        return post_later(post_id=post_id, **who)

    def decline(self, post_id: UUID, reason: str, **who: Any) -> PlannedPost:
        return post_no(post_id=post_id, reason=reason, **who)

    def cancel(self, post_id: UUID, **who: Any) -> PlannedPost:
        return post_cancel(post_id=post_id, **who)

    def state(self, post_id: UUID) -> PlannedPost:
        """Raises PostMissing."""
        return planned_post(post_id)

    def generate_daily_content(
        self, request: DailyContentRequest | None = None, *, today: date | None = None
    ) -> DailyContent:
        raise NotImplementedError

    def _situation(self, day: date) -> DaySituation:
        raise NotImplementedError

    def _content(self, on: date, language: str, variant: int, today: date) -> DailyContent:
        request = DailyContentRequest(date=on, languages=(language,), variant=variant)
        return self.generate_daily_content(request, today=today)

    def _context(self, post: PlannedPost) -> PolicyContext:
        return words_context(self._situation(post.on), post.language, post.variant)


def post_content(content: DailyContent, network: str, language: str) -> PostContent | None:
    """One network's post of composed content; None where a rule holds back words or picture."""
    caption = content.networks.get(network, {}).get(language)
    poster = content.posters.get(language)
    if caption is None or poster is None:
        return None
    return PostContent(
        on=content.date,
        network=network,
        language=language,
        variant=content.variant,
        caption=caption.full_text,
        poster=MediaFile.objects.filter(pk=poster.media_id).first(),
        source={
            "offer_id": content.pick.offer_id or "",
            "result_id": content.pick.result_id or "",
        },
    )
