"""What is refused and what is warned of, each by figures that have exactly that fault."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from enterprise.optimization_engine.engine.contracts import MixData, Promotion, Severity
from enterprise.optimization_engine.engine.preflight import look, prepare
from enterprise.optimization_engine.errors import MixInvalid
from tests.enterprise.optimization_engine.generators import hard_market


@pytest.fixture(scope="module")
def good():
    return hard_market(12, weeks=130, channels=3).data


def spend(data, place, values):
    rows = np.array(data.spend_paise)
    rows[:, place] = values
    return replace(data, spend_paise=tuple(tuple(int(x) for x in row) for row in rows))


def outcome(data, **by_week):
    values = list(data.outcome)
    for week, value in by_week.items():
        values[int(week[1:])] = value
    return replace(data, outcome=tuple(values))


def cut(data, weeks):
    return replace(
        data, weeks=data.weeks[:weeks], spend_paise=data.spend_paise[:weeks],
        outcome=data.outcome[:weeks],
    )  # fmt: skip


def codes(data, severity=None):
    return {one.code for one in look(data) if severity in (None, one.severity)}


def test_good_figures_have_no_remark(good):
    assert codes(good) <= {"outliers"}
    prepared = prepare(good)
    assert prepared.kept == (0, 1, 2)
    assert prepared.outcome == pytest.approx(good.outcome)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda d: replace(d, weeks=(), spend_paise=(), outcome=()), "empty"),
        (lambda d: replace(d, channels=()), "empty"),
        (lambda d: cut(d, 51), "short"),
        (lambda d: cut(d, 1), "short"),
        (lambda d: replace(d, outcome=d.outcome[:-1]), "shape"),
        (lambda d: replace(d, weeks=(*d.weeks[:-1], d.weeks[-1] + timedelta(7))), "weeks"),
        (lambda d: replace(d, channels=("A", "B", "A")), "names"),
        (lambda d: spend(d, 1, [-5] + [100] * 129), "spend"),
        (lambda d: spend(d, 1, [10**18] + [100] * 129), "spend"),
        (lambda d: outcome(d, w3=float("nan")), "outcome"),
        (lambda d: outcome(d, w3=float("inf")), "outcome"),
        (lambda d: outcome(d, w3=1e200), "outcome"),
        (lambda d: outcome(d, **{f"w{i}": None for i in range(7)}), "gaps"),
        (lambda d: replace(d, outcome=(5.0,) * 130), "flat"),
        (lambda d: replace(d, outcome=(None,) * 130), "gaps"),
        (lambda d: replace(d, outcome=(0.0,) * 100 + d.outcome[100:]), "mostly_zero"),
        (lambda d: spend(d, 1, [row[0] for row in d.spend_paise]), "same"),
        (lambda d: spend(spend(spend(d, 0, 500), 1, 500), 2, 500), "nothing_moves"),
        (lambda d: replace(d, channels=tuple(f"C{i}" for i in range(21))), "too_much"),
    ],
)
def test_what_cannot_be_fitted_is_refused(good, change, code):
    data = change(good)
    assert code in codes(data, Severity.REFUSE)
    with pytest.raises(MixInvalid) as refused:
        prepare(data)
    assert "%" not in refused.value.english.replace("%%", "")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda d: cut(d, 80), "one_season"),
        (lambda d: cut(d, 60), "many_channels"),
        (lambda d: outcome(d, w9=None), "filled"),
        (lambda d: outcome(d, w9=-5.0), "negative_outcome"),
        (lambda d: spend(d, 2, 70_000), "constant"),
        (lambda d: spend(d, 2, [9_000_000] * 7 + [0] * 123), "constant"),
        (lambda d: spend(d, 2, [i % 5 + 1 for i in range(130)]), "small"),
        (lambda d: outcome(d, w60=10 * max(d.outcome)), "outliers"),
        (lambda d: spend(d, 2, [row[0] * 2 + (i % 3) * 8_000_000 for i, row in
                                enumerate(d.spend_paise)]), "collinear"),
        (lambda d: replace(d, covered=((d.weeks[0], d.weeks[-1] + timedelta(6)),) * 2
                           + ((date(2025, 1, 6), d.weeks[-1] + timedelta(6)),)), "starts_late"),
        (lambda d: replace(d, covered=((d.weeks[0], date(2025, 1, 6)),) * 3), "ends_early"),
    ],
)  # fmt: skip
def test_what_weakens_a_fit_is_said(good, change, code):
    data = change(good)
    assert code in codes(data, Severity.WARN)
    for check in look(data):
        said = check.said.message % dict(check.said.values) if check.said.values else "x"
        assert said and check.fix is not None
    prepare(data)


ADD_UP = (
    lambda first, second: first + second,
    lambda first, second: (first + second) // 2,
    lambda first, second: first.max() - first,
)


@pytest.mark.parametrize("of_others", ADD_UP)
def test_a_channel_that_follows_from_others_is_warned_of(good, of_others):
    rows = np.array(good.spend_paise)
    data = spend(good, 2, of_others(rows[:, 0], rows[:, 1]))
    found = [dict(one.said.values) for one in look(data) if one.code == "collinear"]
    named = {name for one in found for name in (one["channel"], one["other"])}
    assert good.channels[2] in named
    assert good.channels[0] in named


def test_a_pair_that_moves_together_is_named_once(good):
    rows = np.array(good.spend_paise)
    wobble = np.random.default_rng(1).normal(1, 0.1, len(rows))
    found = [one for one in look(spend(good, 2, rows[:, 0] * wobble)) if one.code == "collinear"]
    assert len(found) == 1
    assert 90 < dict(found[0].said.values)["percent"] < 99


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda d: outcome(d, w9=None), "filled"),
        (lambda d: outcome(d, w9=-5.0), "negative_outcome"),
        (lambda d: outcome(d, w60=10 * max(d.outcome)), "outliers"),
        (lambda d: cut(d, 1), "short"),
    ],
)
def test_one_week_is_not_called_weeks(good, change, code):
    (found,) = [one for one in look(change(good)) if one.code == code]
    assert "weeks" not in found.said.message % dict(found.said.values)


def test_a_channel_with_figures_for_a_part_hears_it_once(good):
    inside = (good.weeks[20], good.weeks[90])
    data = replace(good, covered=(inside, inside, inside))
    assert [one.code for one in look(data) if one.channel] == ["part_only"] * 3
    left_out = spend(data, 1, 70_000)
    assert [one.code for one in look(left_out) if one.channel == good.channels[1]] == ["constant"]


def test_holes_are_filled_from_their_neighbours(good):
    data = outcome(good, w9=None)
    assert prepare(data).outcome[9] == pytest.approx((good.outcome[8] + good.outcome[10]) / 2)


def test_a_constant_channel_is_left_out(good):
    assert prepare(spend(good, 1, 70_000)).kept == (0, 2)


def test_an_outlier_that_an_offer_explains_is_not_one(good):
    data = outcome(good, w60=10 * max(good.outcome))
    week = good.weeks[60]
    named = replace(data, promotions=(Promotion("Sale", week, week + timedelta(days=2)),))
    assert "outliers" not in codes(named) or len(codes(good) & {"outliers"}) == 1


def test_hundreds_of_hostile_tables_never_break_the_look():
    random = np.random.default_rng(1)
    for _turn in range(300):
        weeks = int(random.integers(0, 70))
        channels = int(random.integers(0, 4))
        values = random.choice([0.0, 1.0, -1.0, 1e9, np.nan, np.inf], weeks)
        data = MixData(
            weeks=tuple(date(2024, 1, 1) + timedelta(weeks=w) for w in range(weeks)),
            channels=tuple(f"C{c}" for c in range(channels)),
            spend_paise=tuple(
                tuple(int(x) for x in random.choice([0, 1, 10**9], channels))
                for _week in range(weeks)
            ),
            outcome=tuple(None if random.uniform() < 0.1 else float(x) for x in values),
            outcome_name="100% %(x)s",
        )  # fmt: skip
        for check in look(data):
            assert check.said.message % dict(check.said.values) if check.said.values else True
