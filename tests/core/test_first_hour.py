from datetime import UTC, datetime, timedelta

import pytest

from marketing_platform.core.first_hour import FirstHourOffer, next_step, offer, settled_with

STEPS = ("a", "b", "c", "d")
NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)


def test_the_first_open_step_comes_next() -> None:
    assert [next_step(STEPS, STEPS[:count]) for count in range(5)] == [*STEPS, None]
    assert next_step(STEPS, {"a", "d"}) == "b"
    assert next_step(STEPS, {"b"}, after="b") == "c"
    assert next_step(STEPS, {"b", "c", "d"}, after="d") == "a"


@pytest.mark.parametrize(
    ("settled", "is_put_away", "days", "offered"),
    [
        ((), False, 13, FirstHourOffer(0, 4)),
        ((), False, 14, None),
        (("a",), False, 60, FirstHourOffer(1, 4)),
        (("a",), True, 1, None),
        (STEPS, False, 1, None),
    ],
)
def test_it_is_offered_to_who_is_new_or_has_begun(
    settled: tuple[str, ...], is_put_away: bool, days: int, offered: FirstHourOffer | None
) -> None:
    opened = NOW - timedelta(days=days)
    assert offer(STEPS, settled, is_put_away=is_put_away, opened_at=opened, now=NOW) == offered


def test_what_is_done_is_not_left_again() -> None:
    assert settled_with({"a": "done"}, "a", is_done=False) == {"a": "done"}
    assert settled_with({"a": "left"}, "a", is_done=True) == {"a": "done"}
    assert settled_with({}, "b", is_done=False) == {"b": "left"}
