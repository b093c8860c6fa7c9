"""Deals that still wait: a figure without an upper end is told as that, or not at all."""

from datetime import timedelta

import pytest

from enterprise.market_intelligence.api.outputs import finding_json
from enterprise.market_intelligence.engine.contracts import Kind
from enterprise.market_intelligence.engine.deals import DealRow, Stay
from enterprise.market_intelligence.engine.pipeline import pipeline
from enterprise.market_intelligence.engine.pipeline_report import pipeline_report
from tests.enterprise.market_intelligence.made_deals import NOW


def deals(count, gone_on, first_days=5, waiting_days=200):
    """All pass New in ``first_days``; ``gone_on`` of ``count`` leave Legal after 20 days or more,
    the others have waited there for ``waiting_days``."""
    made = []
    for place in range(count):
        at = NOW - timedelta(days=waiting_days + first_days)
        entered = at + timedelta(days=first_days + place % 3 / 10)
        has_gone = place < gone_on
        left = entered + timedelta(days=20 + place / 10) if has_gone else None
        history = (Stay("New", at, entered), Stay("Legal", entered, left))
        made.append(
            DealRow(
                id=str(place), account="", amount_paise=1_00_000_00,
                stage="Won" if has_gone else "Legal", created_on=at.date(),
                closed_on=left.date() if left else None, is_won=True if left else None,
                source="", history=history,
            )
        )  # fmt: skip
    return made


def slow(given):
    report = pipeline_report(pipeline(given, NOW), len(given), NOW)
    return next((each for each in report.findings if "|slow|" in each.key), None)


def test_a_stage_that_half_of_the_deals_never_left_breaks_nothing():
    assert slow(deals(300, 145)) is None


def test_an_interval_without_an_upper_end_is_not_given_one():
    found = slow(deals(300, 155))
    assert found.is_open_ended
    assert "95 in 100: at least " in found.sentence
    assert found.high > found.value
    assert finding_json(found)["high"] is None


def test_an_interval_with_both_ends_keeps_them():
    found = slow(deals(300, 290))
    assert not found.is_open_ended
    assert "95 in 100: at least" not in found.sentence
    assert finding_json(found)["high"] == found.high


@pytest.mark.parametrize("gone_on", [0, 5, 29])
def test_no_other_stage_is_called_the_slowest_while_many_wait_in_one(gone_on):
    """Legal is the slowest, but too few have left it to say how slow; New may not be blamed."""
    given = []
    for deal in deals(300, gone_on):
        begun = deal.history[0].entered_at - timedelta(days=1)
        lead = Stay("Lead", begun, deal.history[0].entered_at)
        given.append(
            DealRow(**{**deal.__dict__, "created_on": begun.date(),
                       "history": (lead, *deal.history)})
        )  # fmt: skip
    assert slow(given) is None


def test_the_time_to_close_says_when_it_has_no_upper_end():
    given = deals(300, 155)
    report = pipeline_report(pipeline(given, NOW), len(given), NOW)
    found = next(each for each in report.findings if each.kind is Kind.VELOCITY)
    assert found.is_open_ended
    assert finding_json(found)["high"] is None
