"""Lists of customers by how they come back. Pure: facts of one customer in, names of lists out.

How long a customer stays away usually is taken from their own days, drawn towards what is usual
for the kind of business while they have few of them:

    gap = (n · own + 3 · usual) / (n + 3)     n = own gaps seen, own = their mean, in days

(shrinkage towards a prior worth three observations). `usual` is an assumption, stated on the page.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

PRIOR_WEIGHT = 3
NEW_DAYS = 30
DUE, SLIPPING, LOST = 0.9, 1.3, 2.0
REGULAR_DAYS = 3
VIP_SHARE = 0.1
VIP_FROM = 20  # customers with bills, before a tenth of them says anything
# Assumption: days between two visits that are usual for the kind of business, until the shop's
# own bills say more. An estimate of ours; the shop sees it named as such.
USUAL_GAP = {
    "sweet_shop": 21, "bakery": 14, "restaurant": 21, "grocery": 10, "salon": 35, "clinic": 60,
    "gym": 7, "coaching_class": 30, "boutique": 60, "electronics": 180, "pharmacy": 30,
    "home_services": 120,
}  # fmt: skip
OTHER_GAP = 30


class Segment(StrEnum):
    ALL_AGREED = "all_agreed"
    NEW = "new"
    REGULAR = "regular"
    VIP = "vip"
    DUE = "due"
    SLIPPING = "slipping"
    LOST = "lost"
    BIRTHDAY_WEEK = "birthday_week"


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """`days` are different days with a visit; `spent_paise` is of all bills."""

    customer_id: object
    has_agreed: bool
    days: int
    first_on: date | None
    last_on: date | None
    spent_paise: int
    birthday: tuple[int, int] | None
    is_minor: bool = False


def usual_gap(category: str) -> int:
    """Days between visits that we assume for a kind of business."""
    return USUAL_GAP.get(category, OTHER_GAP)


def expected_gap(facts: CustomerFacts, usual: float) -> float:
    """Days until this customer usually comes again."""
    gaps = facts.days - 1
    if gaps < 1 or facts.first_on is None or facts.last_on is None:
        return float(usual)
    own = (facts.last_on - facts.first_on).days / gaps
    return (gaps * own + PRIOR_WEIGHT * usual) / (gaps + PRIOR_WEIGHT)


def vip_from_paise(every: list[CustomerFacts]) -> int | None:
    """What the tenth that spends most has spent at least; None while there are too few."""
    known = [each.spent_paise for each in every if each.spent_paise and not each.is_minor]
    spent = sorted(known, reverse=True)
    return spent[max(0, int(len(spent) * VIP_SHARE) - 1)] if len(spent) >= VIP_FROM else None


def segments_of(
    facts: CustomerFacts, *, today: date, usual: float, vip_from: int | None
) -> frozenset[Segment]:
    """The lists that a customer is in. A child is in none but those who agreed (DPDP Act, s.9)."""
    found = {Segment.ALL_AGREED} if facts.has_agreed else set()
    if facts.is_minor:
        return frozenset(found)
    if facts.birthday is not None and is_birthday_week(facts.birthday, today):
        found.add(Segment.BIRTHDAY_WEEK)
    if facts.last_on is None or facts.first_on is None:
        return frozenset(found)
    if vip_from is not None and facts.spent_paise >= vip_from:
        found.add(Segment.VIP)
    away = (today - facts.last_on).days
    if facts.days == 1 and away <= NEW_DAYS:
        return frozenset(found | {Segment.NEW})
    ratio = away / expected_gap(facts, usual)
    if ratio >= LOST:
        found.add(Segment.LOST)
    elif ratio >= SLIPPING:
        found.add(Segment.SLIPPING)
    else:
        found |= {Segment.DUE} if ratio >= DUE and facts.days >= 2 else set()
        found |= {Segment.REGULAR} if facts.days >= REGULAR_DAYS else set()
    return frozenset(found)


def is_birthday_week(birthday: tuple[int, int], today: date) -> bool:
    """Whether it is within the seven days that begin today; 29 February is kept on the 28th too."""
    week = [today + timedelta(days=ahead) for ahead in range(7)]
    days = {(day.month, day.day) for day in week}
    if birthday == (2, 29) and not any(_is_leap(day.year) for day in week):
        birthday = (2, 28)
    return birthday in days


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
