"""A page that does not wait for the provider: it answers first, and the message leaves after."""

import threading
from typing import Any

import pytest
from django.test import Client

from marketing_platform.messaging import background
from marketing_platform.messaging.contracts import Message
from marketing_platform.messaging.errors import SenderRefused, SendersBusy
from marketing_platform.users.models import User

HOST = {"HTTP_HOST": "localhost"}


class Held:
    """A provider that does not answer before it is let go."""

    name, keeps_text = "held", False
    go, sent = threading.Event(), threading.Event()

    def send(self, message: Message) -> None:
        assert self.go.wait(20)
        self.sent.set()
        raise SenderRefused  # nothing is stored: the thread has no part in the test's transaction


@pytest.mark.django_db
def test_signing_in_answers_before_the_provider_does(asha: User, settings: Any) -> None:
    settings.SENDS_IN_BACKGROUND = True
    settings.MESSENGER = f"{__name__}.Held"
    answer = Client().post("/sign-in/", {"way": "phone", "phone": asha.phone}, **HOST)
    assert answer["Location"] == "/sign-in/code/"
    assert not Held.sent.is_set()
    Held.go.set()
    assert Held.sent.wait(20)


def test_too_many_that_wait_are_refused_and_room_comes_back(settings: Any) -> None:
    settings.SENDS_IN_BACKGROUND = True
    go, done = threading.Event(), threading.Semaphore(0)

    def work() -> None:
        go.wait(20)
        done.release()

    for _each in range(background.MOST_WAITING):
        background.send_without_waiting(work)
    with pytest.raises(SendersBusy):
        background.send_without_waiting(work)
    go.set()
    for _each in range(background.MOST_WAITING):
        assert done.acquire(timeout=20)
    background.send_without_waiting(work)
    assert done.acquire(timeout=20)


def test_where_it_is_off_the_page_hears_of_a_failure(settings: Any) -> None:
    settings.SENDS_IN_BACKGROUND = False

    def refuse() -> None:
        raise SenderRefused

    with pytest.raises(SenderRefused):
        background.send_without_waiting(refuse)
