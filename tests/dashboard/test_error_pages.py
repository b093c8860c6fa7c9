"""What a browser shows when an address is asked for in a way it does not have."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
HOST = {"HTTP_HOST": "localhost"}


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "This address belongs to a button. Go back and press the button again."),
        ("hi", "यह पता एक बटन का है। वापस जाएँ और बटन फिर से दबाएँ।"),
        ("mr", "हा पत्ता एका बटणाचा आहे. मागे जा आणि बटण पुन्हा दाबा."),
    ],
)
def test_an_address_of_a_button_says_what_to_do(language: str, sentence: str) -> None:
    browser = Client()
    browser.cookies["django_language"] = language

    answer = browser.get("/sign-out/", **HOST)

    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert sentence in answer.content.decode()


def test_the_api_keeps_its_problem_details() -> None:
    answer = Client().delete("/api/schema/", **HOST)

    assert answer.status_code == 405
    assert b"<html" not in answer.content
