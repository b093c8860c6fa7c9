"""What other features and the other engines are handed: frozen, plain Python."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


@dataclass(frozen=True, slots=True)
class VisitFact:
    """One bill. `customer_id` is None for whoever gave no number, was erased, or is a child.

    `has_time` is False when only the day is known; then the hour of `happened_at` says nothing.
    """

    customer_id: UUID | None
    happened_at: datetime
    amount_paise: int | None
    has_time: bool


@dataclass(frozen=True, slots=True)
class BillFact:
    """One bill with its items, as the shop wrote them."""

    happened_at: datetime
    amount_paise: int
    items: str
    has_time: bool


class ConsentState(StrEnum):
    """How one purpose stands for one person."""

    NEVER_ASKED = ""
    GRANTED = "granted"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Consent:
    """The last word on one purpose; `at` is when it was said."""

    state: ConsentState
    at: datetime | None = None

    @property
    def is_granted(self) -> bool:
        return self.state is ConsentState.GRANTED
