"""Asking for a code or a new password takes as long with an account as without one."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from marketing_platform.onboarding import pages
from marketing_platform.users.models import User

pytestmark = pytest.mark.django_db
RESET = "/account/password/reset/"


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[float]:
    """The waits; the clock stands still while an answer is made."""
    settings.ANSWER_FLOOR_MS = 250
    waits: list[float] = []
    clock = SimpleNamespace(monotonic=lambda: 100.0, sleep=waits.append)
    monkeypatch.setattr(pages, "time", clock)
    return waits


@pytest.mark.parametrize("phone", ["known", "+919800009999"])
def test_a_code_is_answered_at_the_floor(waited: list[float], asha: User, phone: str) -> None:
    browser = Client(HTTP_HOST="localhost")
    number = asha.phone if phone == "known" else phone
    answer = browser.post("/sign-in/", {"way": "phone", "phone": number})

    assert answer.status_code == 302
    assert waited == [0.25]
    browser.post("/sign-in/code/again/")
    assert waited == [0.25, 0.25]


@pytest.mark.parametrize("email", ["vikram@veda.example", "nobody@veda.example"])
def test_a_new_password_and_a_wrong_one_are_answered_at_the_floor(
    waited: list[float], vikram: User, email: str
) -> None:
    browser = Client(HTTP_HOST="localhost")

    assert browser.post(RESET, {"email": email}).status_code == 302
    wrong = {"way": "email", "email": email, "password": "not the password"}
    assert browser.post("/sign-in/", wrong).status_code == 200
    assert waited == [0.25, 0.25]


def test_looking_waits_for_nothing_and_neither_does_a_limit(waited: list[float]) -> None:
    browser = Client(HTTP_HOST="localhost")
    browser.get("/sign-in/")
    browser.get(RESET)
    assert waited == []

    answers = [
        browser.post("/sign-in/", {"way": "phone", "phone": "+919800009999"}).status_code
        for _each in range(12)
    ]
    assert 429 in answers
    assert len(waited) == answers.count(302)
