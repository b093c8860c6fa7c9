"""What could be done today: read from every feature, in every language."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from local.automation.google_business.selectors import hours_facts, reviews_of
from local.automation.google_business.services.replies import reply_ensure
from local.automation.social_media.front_door import SocialMediaAutomation
from local.business.engine import BusinessFacts
from local.business.models import LocalBusiness
from local.business.selectors import facts_of
from local.customers.selectors import customer_count
from local.execution.engine.plan import Candidate
from local.execution.engine.texts import LANGUAGES, Texts, texts_of
from local.intelligence.front_door import (
    BusinessInsightsRequest,
    LocalInsightsRequest,
    LocalIntelligenceEngine,
)
from marketing_platform.connections.selectors import connection_for
from marketing_platform.core.clock import IST

ANONYMOUS = {"en": "a customer", "hi": "एक ग्राहक", "mr": "एक ग्राहक"}
OCCASIONS_AHEAD = 30
# Which kind of task an insight's action is, and the minutes it takes: our estimates.
OF_ACTIONS: dict[str, tuple[str, int]] = {
    "slack_offer": ("offer", 4),
    "thank_vip": ("campaign", 5),
    "remind": ("campaign", 5),
    "win_back": ("campaign", 5),
    "ask_everyone_for_reviews": ("guide", 5),
    "set_hours": ("hours", 2),
}
GUIDES = {"ask_everyone_for_reviews": "ask-for-reviews"}


@dataclass(frozen=True)
class Proposal:
    """A candidate with its kind, its words and what would be carried out (for the approval)."""

    kind: str
    candidate: Candidate
    texts: Texts
    content_hash: str = ""


def proposals(business: LocalBusiness, *, today: date, now: datetime) -> list[Proposal]:
    """Everything that could be done today in the acting workspace."""
    facts = facts_of(business)
    return [
        *_post(business, today),
        *_reviews(today, now),
        *_insights(facts, today, now),
        *_occasions(facts, today),
        *_setup(),
    ]


def _post(business: LocalBusiness, today: date) -> Iterator[Proposal]:
    (day,) = SocialMediaAutomation(business).plan_days(today, today)
    headline = {language: day.headline(language) for language in LANGUAGES}
    reason = {language: day.pick.reason(language) for language in LANGUAGES}
    candidate = Candidate(
        key="post",
        type_key="post",
        family="post",
        minutes=2,
        grade="B",
        due_on=today,
        is_pinned=True,
        facts={"on": today.isoformat()},
    )
    yield Proposal("post", candidate, texts_of("post", headline=headline, reason=reason))


def _reviews(today: date, now: datetime) -> Iterator[Proposal]:
    """The unanswered review that has waited longest among the latest."""
    unanswered = reviews_of(is_unanswered=True)
    lately = list(unanswered[:50])
    if not lately:
        return
    review = lately[-1]
    reply = reply_ensure(review_id=review.pk, now=now)
    days = max(0, (today - review.created_at.astimezone(IST).date()).days)
    waiting = unanswered.count()
    reviewer: Any = review.reviewer or ANONYMOUS
    candidate = Candidate(
        key=f"review:{review.pk}",
        type_key="review_reply",
        # Its own: an insight about reviews must not push a written answer off the day.
        family="replies",
        minutes=2,
        grade="B",
        facts={"review_id": review.pk},
    )
    texts = texts_of(
        "review_reply", reviewer=reviewer, stars=review.stars, waiting=waiting, days=days
    )
    yield Proposal("review_reply", candidate, texts, reply.content_hash)


def _insights(facts: BusinessFacts, today: date, now: datetime) -> Iterator[Proposal]:
    found = LocalIntelligenceEngine().get_business_insights(
        BusinessInsightsRequest(business=facts, today=today, now=now)
    )
    for row in found.insights:
        action = row["action"]
        if action["kind"] not in OF_ACTIONS or not row["value"]:
            continue
        kind, minutes = OF_ACTIONS[action["kind"]]
        on = action["facts"].get("on")
        candidate = Candidate(
            key=f"insight:{row['key']}",
            type_key=f"{kind}:{row['key']}",
            family=row["family"],
            minutes=minutes,
            grade=row["grade"],
            due_on=date.fromisoformat(on) if on else None,
            is_by_hand=kind != "campaign",
            facts={
                **action["facts"],
                "insight": row["key"],
                "run_hash": found.run_hash,
                **({"guide": GUIDES[action["kind"]]} if action["kind"] in GUIDES else {}),
            },
        )
        texts = {
            language: {
                "title": words["title"],
                "why": words["sentence"],
                "skip": words["skip"],
                "button": words["action"],
            }
            for language, words in row["texts"].items()
        }
        yield Proposal(kind, candidate, texts)


def _occasions(facts: BusinessFacts, today: date) -> Iterator[Proposal]:
    """The next occasion whose work should have begun. On the day itself the post is the work."""
    answers = {
        language: LocalIntelligenceEngine().get_local_insights(
            LocalInsightsRequest(facts, today, OCCASIONS_AHEAD, language)
        )
        for language in LANGUAGES
    }
    for same in zip(*(answers[language].insights for language in LANGUAGES), strict=True):
        said = dict(zip(LANGUAGES, same, strict=True))
        english = said["en"]
        if english.prepare_by > today or english.date <= today or english.weight < 2:
            continue
        candidate = Candidate(
            key=f"occasion:{english.occasion}",
            type_key=f"occasion:{english.occasion}",
            family="occasion",
            minutes=4,
            grade=english.grade,
            due_on=english.date - timedelta(days=1),
            is_by_hand=True,
            facts={"occasion": english.occasion, "date": english.date.isoformat()},
        )
        texts = texts_of(
            "occasion",
            occasion={language: each.name for language, each in said.items()},
            reason={language: each.reason for language, each in said.items()},
            days=english.days_left,
        )
        yield Proposal("occasion", candidate, texts)
        return


def _setup() -> Iterator[Proposal]:
    """What would make the next days' plan better, as tasks of the same form."""
    missing = {
        "setup_customers": customer_count() == 0,
        "setup_reviews": not reviews_of().exists(),
        "setup_connect": connection_for("meta") is None,
        "setup_hours": not hours_facts().is_known,
    }
    for kind, is_missing in missing.items():
        if is_missing:
            candidate = Candidate(
                key=kind, type_key=kind, family="setup", minutes=3, grade="B", is_by_hand=True
            )
            yield Proposal(kind, candidate, texts_of(kind))
            return
