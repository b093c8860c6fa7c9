"""Texts of each channel from the company's own facts; nothing is added to them.

Short slots are the facts themselves, those that fit. Longer texts are a draft for a copywriter,
who may say it in other words within the same facts and the same limit.
"""

from collections.abc import Iterable

from enterprise.campaign_generator.engine.contracts import Creative, Facts, Slot
from enterprise.campaign_generator.engine.limits import ChannelLimits, limits
from enterprise.campaign_generator.engine.tracking import tracked
from marketing_platform.writing.contracts import Copywriter, Part, WritingBrief

ACTIONS = {
    "learn_more": {"en": "Learn more", "hi": "और जानिए"},
    "get_quote": {"en": "Get a quote", "hi": "कीमत पूछिए"},
    "book_demo": {"en": "Book a demo", "hi": "डेमो बुक कीजिए"},
    "buy_now": {"en": "Buy now", "hi": "अभी ख़रीदिए"},
    "contact_us": {"en": "Contact us", "hi": "हमसे बात कीजिए"},
}
FROM = {"en": "{product} from {company}", "hi": "{company} का {product}"}
STOP = {"en": "Reply STOP to get no more messages.", "hi": "संदेश बंद करने के लिए STOP लिखिए।"}
HELLO = {"en": "Hello,", "hi": "नमस्ते,"}


def creatives(
    facts: Facts, channels: Iterable[str], name: str, writer: Copywriter
) -> tuple[Creative, ...]:
    """One for each channel that has limits, in the given order."""
    return tuple(
        Creative(channel, _slots(facts, channel, writer), address(facts, channel, name))
        for channel in channels
        if channel in limits()
    )


def address(facts: Facts, channel: str, name: str) -> str:
    if not facts.landing_url:
        return ""
    return tracked(
        facts.landing_url, campaign=name, channel=channel, content=f"{channel}_{facts.language}"
    )


def _slots(facts: Facts, channel: str, writer: Copywriter) -> tuple[Slot, ...]:
    told = limits()[channel]
    if channel == "google_ads":
        return _search(facts, told)
    if channel == "email":
        return _email(facts, told, writer)
    if channel == "whatsapp":
        return (Slot("body", _long(facts, channel, "body", told, writer, STOP[facts.language])),)
    lines = _lines(facts)
    return (
        Slot("primary_text", _long(facts, channel, "primary_text", told, writer)),
        *_fitting("headline", lines[:1], told),
        *_fitting("description", facts.benefits[:1], told),
    )


def _search(facts: Facts, told: ChannelLimits) -> tuple[Slot, ...]:
    product = facts.product
    pairs = [f"{product}: {benefit}" for benefit in facts.benefits]
    headlines = _fitting("headline", [*_lines(facts), *pairs], told)
    action = _action(facts)
    longer = [f"{_from(facts)}. {benefit}." for benefit in facts.benefits]
    closing = [f"{facts.offer}. {action}."] if facts.offer else []
    texts = [*longer, *closing, *(f"{benefit}. {action}." for benefit in facts.benefits)]
    return (*headlines, *_fitting("description", texts, told))


def _email(facts: Facts, told: ChannelLimits, writer: Copywriter) -> tuple[Slot, ...]:
    subject = facts.offer or _from(facts)
    return (
        *_fitting("subject", [subject, _from(facts), facts.product], told, most=1),
        *_fitting("preheader", facts.benefits[:1], told),
        Slot("body", _long(facts, "email", "body", told, writer)),
    )


def _lines(facts: Facts) -> list[str]:
    return [
        one
        for one in (
            _from(facts), facts.product, facts.company, facts.offer, *facts.benefits, _action(facts)
        )
        if one
    ]  # fmt: skip


def _from(facts: Facts) -> str:
    words = FROM[facts.language]
    return words.replace("{company}", facts.company).replace("{product}", facts.product)


def _action(facts: Facts) -> str:
    return ACTIONS[facts.action][facts.language]


def _fitting(
    kind: str, texts: Iterable[str], told: ChannelLimits, *, most: int | None = None
) -> tuple[Slot, ...]:
    """Those that fit whole, each once; a cut text would promise half a sentence."""
    slot = told.slots[kind]
    fitting = [text for text in dict.fromkeys(texts) if told.length(text) <= slot.limit]
    return tuple(Slot(kind, text) for text in fitting[: most or slot.most])


def _long(
    facts: Facts, channel: str, kind: str, told: ChannelLimits, writer: Copywriter, last: str = ""
) -> str:
    is_message = channel in ("email", "whatsapp")
    opening = [Part(HELLO[facts.language], 0)] if is_message else []
    body = [Part(_sentence(facts, _from(facts)), 0)]
    offer = [Part(_sentence(facts, facts.offer), 0)] if facts.offer else []
    benefits = [
        Part(_sentence(facts, text), place + 1) for place, text in enumerate(facts.benefits)
    ]
    closing = [Part(_sentence(facts, _action(facts)), 0)] + ([Part(last, 0)] if last else [])
    brief = WritingBrief(
        purpose="campaign",
        language=facts.language,
        network=channel,
        limit=told.slots[kind].limit,
        parts=(*opening, *body, *offer, *benefits, *closing),
        must_include=(last,) if last else (),
        separator="\n\n" if is_message else " ",
        measure=told.length,
    )
    return writer.write(brief).text


def _sentence(facts: Facts, text: str) -> str:
    stop = "।" if facts.language == "hi" else "."
    return text if text.endswith((".", "।", "!", "?")) else text + stop
