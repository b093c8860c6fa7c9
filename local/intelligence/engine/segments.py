"""Who the customers are (insight 5), who is due (6) and who slips away (7).

Recency is counted in the customer's own gap, frequency in visits of the last year, money in what
was spent in it. Thirds under 150 customers, fifths from there on (RFM; Hughes 1994).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from uuid import UUID

from local.intelligence.engine.contracts import Action, Bar, Insight, Missing, Visit, grade_of
from local.intelligence.engine.rhythm import Rhythm, rhythms_of, trade_gap
from local.intelligence.engine.wording import rupees, texts_of, words
from marketing_platform.core.clock import IST

NEED_CUSTOMERS = 60
FIFTHS_FROM = 150
NEED_RETURNING = 10
YEAR = timedelta(days=365)
SEGMENTS = ("vip", "regular", "new", "occasional", "slipping", "lost")
ACTIONS = {"due": "remind", "slipping": "win_back"}
# Where students are children their coming and going is not scored (DPDP Act 2023, section 9).
NOT_SCORED = frozenset({"coaching_class"})


@dataclass(frozen=True)
class Segmented:
    """Everybody who was written down, by segment; ids in order."""

    members: dict[str, tuple[UUID, ...]]
    revenue: dict[str, int]

    def share(self, segment: str) -> float:
        total = sum(self.revenue.values())
        return self.revenue[segment] / total if total else 0.0


def segments(
    rhythms: Sequence[Rhythm], *, year: dict[UUID, tuple[int, int]], today: date
) -> Segmented:
    """One segment for each customer. `year`: customer → (visits, paise) of the last 365 days."""
    parts = 5 if len(rhythms) >= FIFTHS_FROM else 3
    often = _ranks([year[each.customer_id][0] for each in rhythms], parts)
    much = _ranks([year[each.customer_id][1] for each in rhythms], parts)
    found: dict[str, list[UUID]] = {name: [] for name in SEGMENTS}
    revenue = dict.fromkeys(SEGMENTS, 0)
    for each, f, m in zip(rhythms, often, much, strict=True):
        name = _segment(each, f == parts, m == parts, f * 2 > parts, today)
        found[name].append(each.customer_id)
        revenue[name] += year[each.customer_id][1]
    return Segmented({name: tuple(ids) for name, ids in found.items()}, revenue)


def who_comes(visits: Iterable[Visit], *, category: str, today: date) -> Insight | Missing:
    """Insight 5; Missing under 60 customers, and always where customers are not scored."""
    visits = list(visits)
    refused = _refusal("segments", 5, category)
    if refused:
        return refused
    rhythms = rhythms_of(visits, category=category, today=today)
    if len(rhythms) < NEED_CUSTOMERS:
        texts = texts_of("segments_missing", have=len(rhythms), need=NEED_CUSTOMERS)
        return Missing("segments", 5, len(rhythms), NEED_CUSTOMERS, "counter", texts)
    year = year_of(visits, rhythms, today)
    found = segments(rhythms, year=year, today=today)
    count, share = len(found.members["vip"]), found.share("vip")
    params = {"vip": count, "share": round(100 * share), "all": len(rhythms)}
    return Insight(
        key="segments",
        family="customers",
        number=5,
        grade=grade_of(
            is_plenty=len(rhythms) >= FIFTHS_FROM,
            is_clear=count > 0 and share > count / len(rhythms),
        ),
        n=len(rhythms),
        period=_period(rhythms, today),
        value=count,
        low=None,
        high=None,
        unit="customers",
        formula="segments/1",
        action=Action("thank_vip", {"segment": "vip", "count": count}),
        texts=texts_of("segments" if count else "segments_no_vip", is_one=count == 1, **params),
        chart=tuple(
            Bar(words("segments", name), len(ids), str(len(ids)), is_focus=name == "vip")
            for name, ids in found.members.items()
        ),
        customers=found.members["vip"],
    )


def due_for_visit(visits: Iterable[Visit], *, category: str, today: date) -> Insight | Missing:
    """Insight 6: whose usual time has come. Missing under ten customers with two visits."""
    return _standing("due", 6, visits, ("due",), category=category, today=today)


def slipping_away(visits: Iterable[Visit], *, category: str, today: date) -> Insight | Missing:
    """Insight 7: who is well past their usual time, and who has been away for twice that."""
    return _standing("slipping", 7, visits, ("slipping", "lost"), category=category, today=today)


def year_of(
    visits: Iterable[Visit], rhythms: Iterable[Rhythm], today: date
) -> dict[UUID, tuple[int, int]]:
    """(visit days, paise) of the last 365 days for each customer."""
    days: dict[UUID, set[date]] = {each.customer_id: set() for each in rhythms}
    paise = dict.fromkeys(days, 0)
    for visit in visits:
        day = visit.happened_at.astimezone(IST).date()
        if visit.customer_id in days and today - YEAR < day <= today:
            days[visit.customer_id].add(day)
            paise[visit.customer_id] += visit.amount_paise or 0
    return {customer: (len(seen), paise[customer]) for customer, seen in days.items()}


def _standing(
    key: str,
    number: int,
    visits: Iterable[Visit],
    standings: tuple[str, ...],
    *,
    category: str,
    today: date,
) -> Insight | Missing:
    refused = _refusal(key, number, category)
    if refused:
        return refused
    returning = [
        each for each in rhythms_of(visits, category=category, today=today) if each.gap is not None
    ]
    if len(returning) < NEED_RETURNING:
        texts = texts_of("returning_missing", have=len(returning), need=NEED_RETURNING)
        return Missing(key, number, len(returning), NEED_RETURNING, "counter", texts)
    theirs = [each for each in returning if each.standing(today) in standings]
    theirs.sort(key=lambda each: (-each.basket, each.customer_id))
    lost = sum(each.standing(today) == "lost" for each in theirs)
    basket = median(each.basket for each in theirs) if theirs else 0
    params = {
        "count": len(theirs),
        "lost": lost,
        "slipping": len(theirs) - lost,
        "basket": rupees(basket),
        "worth": rupees(sum(each.basket for each in theirs)),
        "all": len(returning),
        "trade_gap": round(trade_gap(category)),
    }
    counts = _counts(returning, today)
    return Insight(
        key=key,
        family="customers",
        number=number,
        grade=grade_of(
            is_plenty=len(returning) >= NEED_CUSTOMERS,
            is_clear=median(each.visits for each in returning) >= 4,
        ),
        n=len(returning),
        period=_period(returning, today),
        value=len(theirs),
        low=None,
        high=None,
        unit="customers",
        formula=f"{key}/1",
        action=Action(
            "remind" if key == "due" else "win_back", {"segment": key, "count": len(theirs)}
        ),
        texts=texts_of(key if theirs else f"{key}_none", is_one=len(theirs) == 1, **params),
        chart=tuple(
            Bar(words("standings", name), counts[name], str(counts[name]), name in standings)
            for name in ("fresh", "due", "slipping", "lost")
        ),
        customers=tuple(each.customer_id for each in theirs),
    )


def _segment(each: Rhythm, is_often: bool, is_much: bool, is_rather: bool, today: date) -> str:
    standing = each.standing(today)
    if standing in ("slipping", "lost"):
        return standing
    if standing == "new":
        return "new"
    if is_often and is_much:
        return "vip"
    return "regular" if is_rather else "occasional"


def _ranks(values: Sequence[float], parts: int) -> list[int]:
    """1 to `parts` for each value; equal values get the same, by the share of smaller ones."""
    ordered = sorted(values)
    n = len(ordered)
    below = {value: place for place, value in reversed(list(enumerate(ordered)))}
    return [min(parts, 1 + parts * below[value] // n) for value in values]


def _counts(rhythms: Iterable[Rhythm], today: date) -> dict[str, int]:
    counts = dict.fromkeys(("fresh", "due", "slipping", "lost"), 0)
    for each in rhythms:
        counts[each.standing(today)] += 1
    return counts


def _period(rhythms: Sequence[Rhythm], today: date) -> tuple[date, date]:
    return min((each.first_on for each in rhythms), default=today), today


def _refusal(key: str, number: int, category: str) -> Missing | None:
    if category not in NOT_SCORED:
        return None
    return Missing(key, number, 0, 0, "", texts_of("not_scored"))
