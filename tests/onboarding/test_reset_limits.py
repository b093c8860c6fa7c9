"""Asking for a new password is counted, and tells nobody who has an account."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client

from marketing_platform.messaging.models import OutgoingMessage
from marketing_platform.users.models import User

pytestmark = pytest.mark.django_db
HOST = {"HTTP_HOST": "localhost"}


def ask(email: str, address: str = "198.51.100.7") -> int:
    browser = Client(REMOTE_ADDR=address)
    return browser.post("/account/password/reset/", {"email": email}, **HOST).status_code


def test_five_an_hour_and_the_answer_says_which_limit(vikram: User) -> None:
    assert [ask(vikram.email) for _time in range(5)] == [302] * 5
    answer = Client(REMOTE_ADDR="198.51.100.7").post(
        "/account/password/reset/", {"email": vikram.email}, **HOST
    )
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "password resets per hour" in answer.content.decode()
    assert OutgoingMessage.objects.filter(to_email=vikram.email).count() == 5


def test_a_stranger_does_not_keep_a_person_from_theirs(vikram: User) -> None:
    while ask(vikram.email, "203.0.113.9") == 302:
        pass
    assert ask(vikram.email, "198.51.100.8") == 302


def test_an_unknown_address_is_answered_and_counted_alike() -> None:
    assert [ask("nobody@x.example") for _time in range(6)] == [302] * 5 + [429]


@pytest.mark.django_db(transaction=True)
def test_thirty_two_at_once_get_exactly_as_many_as_are_allowed() -> None:
    def one(_number: int) -> int:
        try:
            return ask("many@x.example")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(32) as threads:
        found = list(threads.map(one, range(32)))
    assert (found.count(302), found.count(429)) == (5, 27)
