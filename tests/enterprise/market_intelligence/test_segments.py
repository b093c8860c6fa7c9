"""Segments are shown only when they are there; and then they are the right ones."""

from dataclasses import replace

import numpy as np
import pytest

from enterprise.market_intelligence.engine.segment_report import segment_report
from enterprise.market_intelligence.engine.segments import segments
from enterprise.market_intelligence.engine.sentences import english
from tests.enterprise.market_intelligence.made_deals import NOW, made

DAY = NOW.date()


def test_two_planted_groups_are_found_with_their_lift():
    found = segments(made(1500, 1, has_groups=True))
    assert (found.groups, found.refused) == (2, "")
    assert found.stability >= 0.6
    large = next(each for each in found.segments if each.traits[0].word == "LinkedIn Ads")
    assert large.lift[1] > 1.5
    assert abs(large.deals / 1500 - 0.6) < 0.08
    names = english(segment_report(found, 1500, (DAY, DAY)).findings[0].heading)
    assert names.startswith("Segment: mostly from LinkedIn Ads, large deals (half above ₹")


def test_features_that_do_not_hang_together_give_no_groups():
    assert sum(segments(made(400, seed)).refused == "" for seed in range(2)) == 0
    report = segment_report(segments(made(400, 1)), 400, (DAY, DAY))
    assert report.findings == ()
    assert "found no groups" in report.refusals[0].needs


@pytest.mark.slow
def test_false_segments_are_rare_whatever_the_amounts_look_like():
    random = np.random.default_rng(2)
    shown = 0
    for seed in range(100):
        deals = made(500, 1000 + seed)
        odd = random.choice([0, 1], size=500) * 4 + random.standard_t(4, 500)
        deals = [
            replace(deal, amount_paise=int(100 * np.exp(12 + size)))
            for deal, size in zip(deals, odd, strict=True)
        ]
        shown += segments(deals).refused == ""
    assert shown <= 5


def test_groups_that_change_from_sample_to_sample_are_not_shown():
    """A weak gradient: large deals a little more often from one source."""
    random = np.random.default_rng(3)
    deals = [
        replace(deal, source="Referral" if random.random() < 0.3 + 0.25 * (big > 0) else "Search")
        for deal in made(900, 4)
        for big in [np.log(deal.amount_paise / 100) - 14]
    ]
    found = segments(deals)
    assert found.refused in {"unstable", "unclear", "tiny", "one_group"}
    assert found.segments == ()


def test_the_same_deals_give_the_same_segments():
    deals = made(400, 5, has_groups=True)
    assert segments(deals) == segments(list(deals))


def test_too_few_amounts_are_refused():
    deals = [replace(deal, amount_paise=None) for deal in made(300, 6)]
    assert segments(deals) is None
    assert "0 deals have an amount" in segment_report(None, 0, None).refusals[0].needs


@pytest.mark.slow
def test_segments_that_do_not_win_more_or_less_are_not_clear():
    deals = made(1500, 7, has_groups=True)
    random = np.random.default_rng(8)
    deals = [
        replace(deal, is_won=bool(random.random() < 0.3)) if deal.is_won is not None else deal
        for deal in deals
    ]
    report = segment_report(segments(deals), 1500, (DAY, DAY))
    assert report.findings
    assert not any(each.is_clear or each.effect for each in report.findings)
