"""Tax deducted at source by a customer: how much, under which section, on which paper.

The deduction is on the value before GST (CBDT Circular 23/2017: where GST is shown separately, tax
is deducted without it). The customer declares section and rate; we book what it declared. Names of
forms and sections are dated: since 1 April 2026 the Income-tax Act 2025 and the Rules of 2026 hold
(certificate 131, statement 168, one section 393 with payment codes). Integer paise throughout.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from marketing_platform.core.text import mark as _

WHOLE = 10_000
MOST_BASIS_POINTS = 2_000
RUPEE = 100
SECTION = re.compile(r"[0-9A-Z][0-9A-Za-z()., /-]{1,39}")
FINANCIAL_YEAR = re.compile(r"20(\d\d)-(\d\d)")
NEW_ACT = date(2026, 4, 1)


@dataclass(frozen=True)
class Forms:
    """What the papers are called from `since` on."""

    since: date
    certificate: str
    statement: str
    act: str
    source: str


@dataclass(frozen=True)
class Section:
    """A section that customers name for services like ours, and the rates that stand in it."""

    since: date
    name: str
    formerly: str
    about: str
    rates: tuple[int, ...]
    source: str


FORMS: tuple[Forms, ...] = (
    Forms(
        date(1962, 4, 1),
        _("Form 16A"),
        _("Form 26AS"),
        "Income-tax Act, 1961",
        "Income-tax Rules 1962, rule 31 and rule 114-I",
    ),
    Forms(
        NEW_ACT,
        _("Form 131"),
        _("Form 168"),
        "Income-tax Act, 2025",
        "Income-tax Rules 2026: forms renumbered",
    ),
)
_OLD = "Income-tax Act 1961, s.194C and s.194J"
# Published lists of the payment codes of the new forms differ in places: an offer, never a check.
_NEW = "Income-tax Act 2025, s.393(1), Table Sl. No. 6; payment codes of forms 138 to 144"
SECTIONS: tuple[Section, ...] = (
    Section(date(1962, 4, 1), "194C", "", "contract for work", (200, 100), _OLD),
    Section(date(1962, 4, 1), "194J", "", "technical service", (200,), _OLD),
    Section(date(1962, 4, 1), "194J", "", "professional service", (1000,), _OLD),
    Section(NEW_ACT, "393(1) 1024", "194C", "contract for work", (200, 100), _NEW),
    Section(NEW_ACT, "393(1) 1026", "194J", "technical service", (200,), _NEW),
    Section(NEW_ACT, "393(1) 1027", "194J", "professional service", (1000,), _NEW),
)


def forms_at(on: date, table: Sequence[Forms] = FORMS) -> Forms:
    """The names that hold on a day; before the first, the first."""
    reached = [row for row in table if row.since <= on]
    return max(reached, key=lambda row: row.since) if reached else table[0]


def forms_of_year(financial_year: str) -> Forms:
    """By when it was deducted, not by when the certificate comes: "2025-26" keeps 16A."""
    return forms_at(quarter_bounds(financial_year, 1)[0])


def sections_at(on: date, table: Sequence[Section] = SECTIONS) -> tuple[Section, ...]:
    """The sections to offer on a day: those of the Act in force then."""
    newest = max((row.since for row in table if row.since <= on), default=table[0].since)
    return tuple(row for row in table if row.since == newest)


def is_section(text: str) -> bool:
    """Whether it reads like a section; which one applies is the customer's to say."""
    return SECTION.fullmatch(text) is not None and any(sign.isdigit() for sign in text)


def tds_of(base_paise: int, basis_points: int) -> int:
    """Half up to the paisa: 10 % of ₹25,000.00 is ₹2,500.00. Raises ValueError for a rate that no
    customer may declare or an amount below zero."""
    if not 0 <= basis_points <= MOST_BASIS_POINTS or base_paise < 0:
        raise ValueError(f"no deduction of {basis_points} on {base_paise}")
    return (2 * base_paise * basis_points + WHOLE) // (2 * WHOLE)


def deductions(base_paise: int, basis_points: int) -> tuple[int, ...]:
    """What customers deduct: to the paisa, or in whole rupees up or down; the exact one first.

    Nothing else is a deduction at this rate: it goes to a person.
    """
    exact = tds_of(base_paise, basis_points)
    if exact == 0:
        return (0,)
    lower = exact // RUPEE * RUPEE
    upper = -(-exact // RUPEE) * RUPEE
    return tuple(dict.fromkeys((exact, lower, upper)))


def expected_transfer(*, total_paise: int, base_paise: int, basis_points: int) -> int:
    """What should arrive for an invoice: 2950000 less 10 % of 2500000 is 2700000."""
    return total_paise - tds_of(base_paise, basis_points)


def base_left(*, taxable_paise: int, total_paise: int, open_paise: int) -> int:
    """The value before GST in what is still open of an invoice, half up."""
    if total_paise <= 0:
        return 0
    return (2 * taxable_paise * open_paise + total_paise) // (2 * total_paise)


def quarter_bounds(financial_year: str, quarter: int) -> tuple[date, date]:
    """The first day, and the day after the last: ("2026-27", 4) is January to March 2027.

    Raises ValueError for another form.
    """
    year = FINANCIAL_YEAR.fullmatch(financial_year)
    if not year or (int(year[1]) + 1) % 100 != int(year[2]) or quarter not in {1, 2, 3, 4}:
        raise ValueError(f"not a quarter: {financial_year} {quarter}")
    first = 2000 + int(year[1])
    starts = [date(first, month, 1) for month in (4, 7, 10)] + [date(first + 1, 1, 1)]
    return starts[quarter - 1], [*starts, date(first + 1, 4, 1)][quarter]


def quarter_before(financial_year: str, quarter: int) -> tuple[str, int]:
    first = quarter_bounds(financial_year, quarter)[0]
    if quarter > 1:
        return financial_year, quarter - 1
    return f"{first.year - 1}-{first.year % 100:02d}", 4


def certificate_due_on(financial_year: str, quarter: int) -> date:
    """When the customer must have given it: fifteen days after its quarterly statement is due
    (31 July, 31 October, 31 January, 31 May)."""
    first = quarter_bounds(financial_year, 1)[0].year
    day = {1: (first, 7, 31), 2: (first, 10, 31), 3: (first + 1, 1, 31), 4: (first + 1, 5, 31)}
    return date(*day[quarter]) + timedelta(days=15)


def is_certified(*, booked_paise: int, certified_paise: int, deductions_count: int) -> bool:
    """Whether a certificate covers what was booked: a rupee of rounding for each deduction."""
    return abs(booked_paise - certified_paise) <= RUPEE * max(1, deductions_count)
