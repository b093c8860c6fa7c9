from datetime import date, datetime, time, timedelta

from local.automation.google_business.selectors import hours_facts, reviews_facts
from local.business.engine import BusinessFacts
from local.customers.selectors import visits_between
from local.intelligence.engine.hours_risk import AHEAD, Holiday
from local.intelligence.engine.own_records import Hours, OwnRecords
from local.intelligence.engine.wording import LANGUAGES
from local.intelligence.models import InsightRun
from local.occasions.selectors import occasions_for
from marketing_platform.core.clock import IST

YEARS_READ = 2
# From this weight on a trade keeps other hours on the day.
MATTERS = 2


def records_of(facts: BusinessFacts, *, today: date) -> OwnRecords:
    """The acting workspace's bills of the last two years, reviews, holidays and hours."""
    end = datetime.combine(today + timedelta(days=1), time.min, tzinfo=IST)
    start = end - timedelta(days=365 * YEARS_READ)
    hours = hours_facts()
    return OwnRecords(
        category=facts.category,
        visits=visits_between(start, end),
        reviews=reviews_facts(),
        holidays=_holidays(facts, today),
        hours=Hours(
            is_known=hours.is_known,
            # Told by hand alone, the regular hours are the owner's own affair.
            has_regular_hours=hours.has_regular_hours or hours.as_of is None,
            special_days=hours.special_days,
        ),
    )


def latest_run(today: date) -> InsightRun | None:
    """The newest computation of that day."""
    return InsightRun.objects.filter(on=today).first()


def _holidays(facts: BusinessFacts, today: date) -> list[Holiday]:
    days = occasions_for(facts, today, today + AHEAD)
    return [
        Holiday(each.slug, each.date, {said: each.name_in(said) for said in LANGUAGES})
        for each in days
        if each.kind == "civic"
        or (each.kind in ("festive", "solemn") and each.weight_for(facts.category) >= MATTERS)
    ]
