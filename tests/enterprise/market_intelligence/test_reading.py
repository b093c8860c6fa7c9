import math

import pytest

from enterprise.market_intelligence.engine.contracts import Grain
from enterprise.market_intelligence.engine.reading import series_from_json
from enterprise.market_intelligence.errors import SeriesInvalid

GOOD = {"name": "Leads", "unit": "leads", "grain": "week", "points": [["2026-01-05", 3]]}


def test_json_becomes_series():
    (series,) = series_from_json([GOOD])
    assert (series.name, series.grain, series.points[0][1]) == ("Leads", Grain.WEEK, 3.0)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "series"),
        ([], "series"),
        ("text", "series"),
        (None, "series"),
        ([GOOD] * 51, "series"),
        ([7], "series[0]"),
        ([{**GOOD, "colour": "red"}], "series[0].colour"),
        ([{**GOOD, "name": ""}], "series[0].name"),
        ([{**GOOD, "name": None}], "series[0].name"),
        ([{**GOOD, "name": "x" * 121}], "series[0].name"),
        ([{**GOOD, "unit": 5}], "series[0].unit"),
        ([{**GOOD, "grain": "year"}], "series[0].grain"),
        ([{**GOOD, "grain": ["week"]}], "series[0].grain"),
        ([{**GOOD, "points": {}}], "series[0].points"),
        ([{**GOOD, "points": []}], "series[0].points"),
        ([{**GOOD, "points": [["2026-01-05", 1]] * 5001}], "series[0].points"),
        ([GOOD, {**GOOD, "points": [["2026-01-05", 1], "x"]}], "series[1].points[1]"),
        ([{**GOOD, "points": [["2026-01-05"]]}], "series[0].points[0]"),
        ([{**GOOD, "points": [["2026-01-05", 1, 2]]}], "series[0].points[0]"),
        ([{**GOOD, "points": [["05/01/2026", 1]]}], "series[0].points[0]"),
        ([{**GOOD, "points": [["2026-02-30", 1]]}], "series[0].points[0]"),
        ([{**GOOD, "points": [["20260105", 1]]}], "series[0].points[0]"),
        ([{**GOOD, "points": [[20260105, 1]]}], "series[0].points[0]"),
        ([{**GOOD, "points": [["2026-01-05", "1"]]}], "series[0].points[0]"),
        ([{**GOOD, "points": [["2026-01-05", "NaN"]]}], "series[0].points[0]"),
        ([{**GOOD, "points": [["2026-01-05", None]]}], "series[0].points[0]"),
        ([{**GOOD, "points": [["2026-01-05", True]]}], "series[0].points[0]"),
        ([{**GOOD, "points": [["2026-01-05", math.inf]]}], "series[0].points[0]"),
        ([{**GOOD, "points": [["2026-01-05", 10**400]]}], "series[0].points[0]"),
    ],
)
def test_a_wrong_shape_is_named(sent, field):
    with pytest.raises(SeriesInvalid) as caught:
        series_from_json(sent)
    assert caught.value.field == field
