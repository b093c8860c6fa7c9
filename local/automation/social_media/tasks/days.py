"""What is done about posts when nobody looks."""

from datetime import date, time, timedelta
from typing import Any

from local.automation.social_media.engine import DailyContentRequest
from local.automation.social_media.front_door import SocialMediaAutomation
from local.automation.social_media.selectors import chosen_variant, is_posted_since
from local.automation.social_media.services import (
    RESULT_SUBJECT,
    coaching_result_hide,
    posts_tidy,
)
from local.business.selectors import business_of
from marketing_platform.core import clock
from marketing_platform.core.text import mark as _
from marketing_platform.jobs.registry import Progress, job_kind
from marketing_platform.schedule.periodic import Daily, Every, periodic
from marketing_platform.tenants.context import current_tenant
from marketing_platform.tenants.models import Tenant
from marketing_platform.tenants.restoring import subject_handler


@subject_handler(RESULT_SUBJECT)
def result_leaves(_tenant: Tenant, subject: str, _act: str) -> None:
    """A student's consent was taken back; a restored backup must not show the result again."""
    coaching_result_hide(result_id=int(subject))


@job_kind("local.plan_week", label=_("Preparing the week's posts"))
def week_plan(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Seven days for each connected network; running again changes nothing."""
    today = date.fromisoformat(arguments["today"])
    door = SocialMediaAutomation(business_of(current_tenant()))
    made = door.plan_week(today=today, now=clock.now(), report=progress)
    return {"count": len(made), "url": "/posts/"}


POSTS_LATELY = timedelta(days=14)


@periodic("local.prepare_day", times=Daily(time(4), time(6)), tiers=("local",))
def day_prepare(tenant: Tenant) -> None:
    """Draw today's poster before the owner wakes, for shops that do post: pictures are kept."""
    today = clock.today()
    if not is_posted_since(today - POSTS_LATELY):
        return
    business = business_of(tenant)
    # As the first page asks for it.
    SocialMediaAutomation(business).generate_daily_content(
        DailyContentRequest(
            date=today, languages=(business.languages[0],), variant=chosen_variant(today)
        ),
        today=today,
    )


@periodic("local.posts_tidy", times=Every(timedelta(minutes=15)), tiers=("local",))
def posts_tidy_up(_tenant: Tenant) -> None:
    """A post of yesterday that nobody said yes to is over."""
    posts_tidy(now=clock.now())
