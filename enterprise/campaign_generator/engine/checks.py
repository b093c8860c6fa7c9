"""What stops a campaign and what it should be told before it starts."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from enterprise.campaign_generator.engine.contracts import Check, Creative, Document, Said
from enterprise.campaign_generator.engine.limits import forbidden_words, limits
from enterprise.campaign_generator.engine.tracking import is_web_address
from marketing_platform.core.text import mark as _

FORMULA_STARTS = ("=", "+", "-", "@")
CLAIMS_FROM = _("ASCI code, chapter I; Consumer Protection Act 2019, section 2(28)")
KINDS = {
    "headline": _("headline"),
    "description": _("description"),
    "primary_text": _("main text"),
    "subject": _("subject"),
    "preheader": _("preview line"),
    "body": _("message"),
}


def checks(document: Document, today: date) -> tuple[Check, ...]:
    """Blocking ones first. The same document on the same day gives the same checks."""
    found = [
        *_budget(document),
        *_dates(document, today),
        *_address(document),
        *_consent(document),
        *_target(document),
        *(check for one in document.creatives for check in _creative(one, today)),
        *_channels(document),
        *_audience(document),
        *_test(document),
    ]
    return tuple(sorted(found, key=lambda check: not check.blocks))


def blocking(document: Document, today: date) -> tuple[Check, ...]:
    return tuple(check for check in checks(document, today) if check.blocks)


def _budget(document: Document) -> Iterator[Check]:
    grid = document.grid
    over = grid.total_paise - grid.budget_paise
    if over > 0:
        said = Said(_("The weeks add up to %(over_paise)s more than the budget."),
                    (("over_paise", over),))  # fmt: skip
        yield Check("budget_over", True, said, "budget")
    if grid.total_paise == 0:
        said = Said(_("No money is planned. Give at least one channel a budget."))
        yield Check("budget_empty", True, said, "budget")
    if -over > 0 and grid.total_paise:
        said = Said(_("%(left_paise)s of the budget is not planned yet."), (("left_paise", -over),))
        yield Check("budget_left", False, said, "budget")


def _dates(document: Document, today: date) -> Iterator[Check]:
    first = document.grid.weeks[0]
    if first < today:
        said = Said(_("The first day, %(first_on)s, is past. Make the campaign for later days."),
                    (("first_on", first.isoformat()),))  # fmt: skip
        yield Check("dates_past", True, said, "calendar")


def _address(document: Document) -> Iterator[Check]:
    url = document.facts.landing_url
    if not url:
        said = Said(_("There is no landing page. Give the web address people shall reach."))
        yield Check("landing_page_missing", True, said, "landing_url")
    elif not is_web_address(url):
        said = Said(_("The landing page is no web address. It starts with https://."))
        yield Check("landing_page_wrong", True, said, "landing_url")
    elif url.startswith("http://"):
        said = Said(_("The landing page is not encrypted. Many platforms want https://."))
        yield Check("landing_page_plain", False, said, "landing_url")


def _consent(document: Document) -> Iterator[Check]:
    asks = {"email", "whatsapp"} & set(document.grid.channels)
    if asks and not document.audience.consent.strip():
        said = Said(_("E-mail and WhatsApp need people's consent. Say how and when they agreed."))
        yield Check("consent_missing", True, said, "consent")


def _target(document: Document) -> Iterator[Check]:
    target = document.target
    if target.low is None or target.high is None:
        said = Said(_("No model has judged the target. It is what you wish, not what is expected."))
        yield Check("target_not_judged", False, said, "target")
        return
    if target.judged_paise != document.grid.by_channel:
        said = Said(_("The budget is not the one the model judged, so the range no longer holds."))
        yield Check("target_not_judged", False, said, "target")
        return
    if not target.low <= target.value <= target.high:
        values = (("low", round(target.low)), ("high", round(target.high)))
        said = Said(
            _("The target lies outside what the model expects: %(low)s to %(high)s."), values
        )
        yield Check("target_outside", True, said, "target")


def _creative(creative: Creative, today: date) -> Iterator[Check]:
    told = limits()[creative.channel]
    counts = Counter(slot.kind for slot in creative.slots)
    for kind, limit in told.slots.items():
        values = (("channel", creative.channel), ("kind", KINDS[kind]), ("n", counts[kind]))
        if counts[kind] < limit.least:
            said = Said(_("%(channel)s needs at least %(least)s of: %(kind)s. It has %(n)s."),
                        (*values, ("least", limit.least)))  # fmt: skip
            yield Check("too_few", True, said, creative.channel)
        if counts[kind] > limit.most:
            said = Said(_("%(channel)s takes at most %(most)s of: %(kind)s. It has %(n)s."),
                        (*values, ("most", limit.most)))  # fmt: skip
            yield Check("too_many", True, said, creative.channel)
    if told.review_on < today:
        said = Said(_("The limits of %(channel)s, read on %(read_on)s, may be old."),
                    (("channel", creative.channel), ("read_on", str(told.read_on))))  # fmt: skip
        yield Check("limits_old", False, said, creative.channel)
    yield from _texts(creative)


def _texts(creative: Creative) -> Iterator[Check]:
    told = limits()[creative.channel]
    for slot in creative.slots:
        limit, length = told.slots[slot.kind], told.length(slot.text)
        values = (
            ("channel", creative.channel),
            ("kind", KINDS[slot.kind]),
            ("text", slot.text[:40]),
        )
        if length > limit.limit:
            said = Said(_("%(channel)s, %(kind)s “%(text)s”: %(n)s characters, at most %(limit)s."),
                        (*values, ("n", length), ("limit", limit.limit)))  # fmt: skip
            yield Check("too_long", True, said, creative.channel)
        elif limit.shown and length > limit.shown:
            said = Said(_("%(channel)s, %(kind)s “%(text)s”: %(shown)s characters are shown."),
                        (*values, ("shown", limit.shown)))  # fmt: skip
            yield Check("cut_when_shown", False, said, creative.channel)
        if slot.text.startswith(FORMULA_STARTS):
            said = Said(
                _("%(channel)s, %(kind)s “%(text)s”: a text may not begin with = + - or @."), values
            )
            yield Check("formula", True, said, creative.channel)
        words = forbidden_words(slot.text)
        if words:
            said = Said(_("%(channel)s, %(kind)s: nobody can prove “%(words)s”. (%(source)s)"),
                        (*values[:2], ("words", words), ("source", CLAIMS_FROM)))  # fmt: skip
            yield Check("forbidden_claim", True, said, creative.channel)


def _channels(document: Document) -> Iterator[Check]:
    written = {one.channel for one in document.creatives}
    for channel in document.grid.channels:
        if channel not in written:
            said = Said(
                _("We write no texts for %(channel)s. Plan them yourself."), (("channel", channel),)
            )
            yield Check("no_texts", False, said, channel)


def _audience(document: Document) -> Iterator[Check]:
    if document.audience.size is None:
        said = Said(_("The size of the audience is not known."))
        yield Check("audience_unknown", False, said, "audience")
    elif document.audience.size == 0:
        said = Said(_("Nobody is in the audience. Give its size, or leave it empty if you do not "
                      "know it."))  # fmt: skip
        yield Check("audience_empty", True, said, "audience")


def _test(document: Document) -> Iterator[Check]:
    test, weeks = document.test, len(document.grid.weeks)
    if test.weeks_needed is None:
        said = Said(
            _("No test is planned: conversion rate, lift or price of a visit is not stated.")
        )
        yield Check("test_unknown", False, said, "test")
    elif not test.visits_per_week:
        said = Said(_("The budget of a week buys no visit at this price, so no test can learn."))
        yield Check("test_too_small", False, said, "test")
    elif test.is_endless:
        said = Said(_("The budget is too small to learn: a test would take more than ten years."))
        yield Check("test_too_small", False, said, "test")
    elif test.weeks_needed > weeks:
        values = (("needed", test.weeks_needed), ("weeks", weeks))
        said = Said(
            _("The budget is too small to learn: %(needed)s weeks needed, %(weeks)s planned."),
            values,
        )
        yield Check("test_too_small", False, said, "test")
