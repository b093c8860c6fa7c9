"""Each named limit lets exactly its number through, however many ask at once."""

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.test import RequestFactory
from limits import RateLimitItem

from marketing_platform.api import limits
from marketing_platform.api.limits import limit_per_hour
from marketing_platform.core.errors import LimitReached
from marketing_platform.onboarding.codes import code_count, code_try
from marketing_platform.onboarding.pages import password_try

THREADS = 32
Ask = Callable[[str, int], None]


def password(email: str, address: str) -> None:
    password_try(RequestFactory().post("/sign-in/", REMOTE_ADDR=address), email)


def many(mark: str, number: int) -> str:
    """A different internet address for each number, and for each run of the test."""
    return f"10.{int(mark[:2], 16)}.{number // 250}.{number % 250 + 1}"


NAMED: dict[str, tuple[int, Ask]] = {
    "password tries per hour": (20, lambda m, n: password(f"{m}@x.example", many(m, 1))),
    "password tries per internet address and hour": (
        100,
        lambda m, n: password(f"{m}{n}@x.example", many(m, 2)),
    ),
    "password tries per account and hour": (
        200,
        lambda m, n: password(f"{m}@x.example", many(m, n)),
    ),
    "codes per hour": (
        6,
        lambda m, n: code_count(destination=f"{m}@x.example", address=many(m, 3)),
    ),
    "codes per internet address and hour": (
        30,
        lambda m, n: code_count(destination=f"{m}{n}@x.example", address=many(m, 4)),
    ),
    "codes per number and hour": (
        40,
        lambda m, n: code_count(destination=f"{m}@x.example", address=many(m, n)),
    ),
    "codes per number and day": (
        10,
        lambda m, n: code_count(destination=f"+91{int(m, 16)}", address=many(m, n)),
    ),
    "code tries per internet address and hour": (100, lambda m, n: code_try(address=many(m, 5))),
    "code tries per hour": (20, lambda m, n: code_try(address="10.0.0.1", browser=m)),
    "samples per hour": (60, lambda m, n: limit_per_hour("samples per hour", m, 60)),
}


def passed(ask: Ask, calls: int) -> tuple[int, set[str]]:
    mark = secrets.token_hex(5)

    def one(number: int) -> str:
        try:
            ask(mark, number)
        except LimitReached as reached:
            return reached.limit
        return ""

    with ThreadPoolExecutor(THREADS) as threads:
        found = list(threads.map(one, range(calls)))
    return found.count(""), set(found) - {""}


@pytest.mark.parametrize("name", NAMED)
def test_thirty_two_at_once_get_exactly_as_many_as_are_allowed(name: str) -> None:
    amount, ask = NAMED[name]

    assert passed(ask, amount + 26) == (amount, {name})


def test_a_day_of_everybody_is_counted_exactly(settings: Any) -> None:
    settings.CODES_PER_DAY = 7
    start = secrets.randbelow(10**8) * 100

    def ask(_mark: str, number: int) -> None:
        code_count(destination=f"+91{start + number}", address=f"10.7.{number}.{start % 250}")

    assert passed(ask, THREADS + 7) == (7, {"codes per day of everybody"})


def test_reading_first_and_counting_then_would_let_more_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: the same threads against a limiter that is not atomic."""
    real, together = limits._limiter(), Barrier(THREADS)

    class ReadsThenCounts:
        def hit(self, item: RateLimitItem, *who: str) -> bool:
            is_free = real.test(item, *who)
            together.wait(timeout=5)
            real.hit(item, *who)
            return is_free

        get_window_stats = staticmethod(real.get_window_stats)

    monkeypatch.setattr(limits, "_limiter", ReadsThenCounts)

    assert passed(lambda m, n: limit_per_hour("a control", m, 6), THREADS) == (THREADS, set())
