"""What other features may know about a shop's Google profile."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class ReviewFact:
    """One review. `stars` is 1 to 5; `text` may be empty; `language` is en, hi, hinglish, mr or "".

    `created_at` is when the customer wrote it, as far as is known; `replied_at` is None while no
    reply is live.
    """

    id: int
    stars: int
    text: str
    created_at: datetime
    replied_at: datetime | None
    language: str


@dataclass(frozen=True)
class HoursFacts:
    """The opening hours on Google. `is_known` is False before the first read or word of the owner.

    `special_days` are the days that have hours of their own (or are marked closed). `as_of` is
    when Google was last read.
    """

    is_known: bool
    as_of: datetime | None
    has_regular_hours: bool
    special_days: frozenset[date]
