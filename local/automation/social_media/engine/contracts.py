"""What goes in and out of the daily-content engine. Plain frozen values, no database, no clock."""

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from marketing_platform.core.language import said_in

LANGUAGES = ("en", "hi", "hinglish", "mr")
NETWORKS = ("facebook", "instagram", "google_business", "whatsapp_status")
LANGUAGE_ALIASES = {"hi-Latn": "hinglish"}
GREATEST_VARIANT = 20

SEATS_SAID_FOR = datetime.timedelta(days=7)

Sentences = Mapping[str, str]


@dataclass(frozen=True)
class DailyContentRequest:
    """One day's content. `date` None means today in India; `variant` 0–20 asks for another idea.

    `languages` None means captions in all four languages and posters in the business's own;
    named languages mean captions and posters in exactly these.
    """

    date: datetime.date | None = None
    languages: tuple[str, ...] | None = None
    networks: tuple[str, ...] = NETWORKS
    variant: int = 0


@dataclass(frozen=True)
class OwnerOffer:
    """An offer in the owner's own words. The machine quotes it and never changes or exceeds it."""

    id: str
    words: str
    valid_from: datetime.date
    valid_until: datetime.date

    def runs_on(self, day: datetime.date) -> bool:
        return self.valid_from <= day <= self.valid_until


@dataclass(frozen=True)
class ConsentedResult:
    """A student's result that may be named: consent after the result, all facts beside it."""

    id: str
    student: str
    exam: str
    rank: str
    course: str
    duration: str
    is_paid: bool
    result_on: datetime.date
    consent_on: datetime.date

    @property
    def is_usable(self) -> bool:
        facts = (self.student, self.exam, self.rank, self.course, self.duration)
        return all(fact.strip() for fact in facts) and self.consent_on > self.result_on


@dataclass(frozen=True)
class OpenSeats:
    """The number of open seats as the owner entered it on `counted_on`."""

    course: str
    number: int
    counted_on: datetime.date

    def is_current_on(self, day: datetime.date) -> bool:
        return self.counted_on <= day <= self.counted_on + SEATS_SAID_FOR


@dataclass(frozen=True)
class Brand:
    """The owner's look. Empty colours mean those of the business profile."""

    primary_colour: str = ""
    accent_colour: str = ""
    tagline: str = ""
    owner_photo_digest: str = ""


@dataclass(frozen=True)
class OwnerBook:
    """Everything only the owner may decide: offers, consented results, open seats, brand."""

    offers: tuple[OwnerOffer, ...] = ()
    results: tuple[ConsentedResult, ...] = ()
    seats: OpenSeats | None = None
    brand: Brand = field(default_factory=Brand)


@dataclass(frozen=True)
class Breach:
    """A rule that a text breaks, said in plain words (`sentences` by interface language)."""

    rule: str
    sentences: Sentences

    def sentence(self, language: str) -> str:
        return said_in(language, self.sentences)


@dataclass(frozen=True)
class Pick:
    """What the day's post is about and why. `kind`: occasion, coming, offer, result or idea."""

    kind: str
    key: str
    pillar: str
    reasons: Sentences
    occasion: str | None = None
    days_until: int = 0
    offer_id: str | None = None
    idea_id: str | None = None
    result_id: str | None = None

    def reason(self, language: str) -> str:
        return said_in(language, self.reasons)


@dataclass(frozen=True)
class Caption:
    """One network's text. What is pasted is `full_text`; limits hold for the whole of it."""

    caption: str
    hashtags: tuple[str, ...]
    call_to_action: str

    @property
    def full_text(self) -> str:
        parts = (self.caption, self.call_to_action, " ".join(self.hashtags))
        return "\n\n".join(part for part in parts if part)


@dataclass(frozen=True)
class PosterWords:
    """What the poster of one language says."""

    headline: str
    lines: tuple[str, ...]
    call_to_action: str


@dataclass(frozen=True)
class StoredPoster:
    """A rendered poster in the workspace's media store (1080×1080 PNG and a small WebP)."""

    language: str
    headline: str
    media_id: uuid.UUID
    preview_id: uuid.UUID
    file_name: str


@dataclass(frozen=True)
class DailyContent:
    """One day's post: captions by network and language, posters by language, blocked rules."""

    date: datetime.date
    variant: int
    pick: Pick
    networks: Mapping[str, Mapping[str, Caption]]
    posters: Mapping[str, StoredPoster]
    blocked: tuple[Breach, ...]


@dataclass(frozen=True)
class PlannedDay:
    """What a day's post will be about, without captions and posters."""

    date: datetime.date
    variant: int
    pick: Pick
    headlines: Sentences

    def headline(self, language: str) -> str:
        return said_in(language, self.headlines)
