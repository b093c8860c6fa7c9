from collections.abc import Callable
from datetime import date, timedelta

import pytest

from local.automation.social_media.engine import DaySituation, OwnerBook
from local.business.engine import BusinessFacts
from local.occasions.engine import Occasion, occasions_between

DAY = date(2026, 11, 19)  # a Thursday with no occasion for a salon in Pune


def facts_for(category: str = "salon", business_id: str = "shop-1", **more) -> BusinessFacts:
    usual = {"name": "Asha Salon", "city": "pune", "state": "MH", "languages": ("en", "hi")}
    return BusinessFacts(id=business_id, category=category, **(usual | more))


@pytest.fixture
def situation() -> Callable[..., DaySituation]:
    """situation(day, category=…, book=…, occasions=…): occasions of Pune unless handed in."""

    def make(
        day: date = DAY,
        *,
        category: str = "salon",
        business_id: str = "shop-1",
        book: OwnerBook | None = None,
        occasions: tuple[Occasion, ...] | None = None,
        **more,
    ) -> DaySituation:
        facts = facts_for(category, business_id, **more)
        if occasions is None:
            occasions = occasions_between(
                day, day + timedelta(days=31), state="MH", city="pune", category=category
            )
        return DaySituation(facts, day, occasions, book or OwnerBook())

    return make
