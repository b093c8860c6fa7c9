"""A number may have been given to somebody else: after half a year its code alone opens nothing."""

from datetime import timedelta

import pytest
from django.test import Client

from marketing_platform.core import clock
from marketing_platform.messaging.models import OutgoingMessage
from marketing_platform.users.models import User

pytestmark = pytest.mark.django_db
HOST = {"HTTP_HOST": "localhost"}


def code_typed(browser: Client, user: User) -> int:
    browser.post("/sign-in/", {"phone": user.phone}, **HOST)
    text = OutgoingMessage.objects.filter(to_phone=user.phone).latest("pk").text
    digits = next(word for word in text.split() if word.isdigit())
    return browser.post("/sign-in/code/", {"code": digits}, **HOST).status_code


@pytest.mark.parametrize(("days", "status"), [(179, 302), (181, 200)])
def test_a_code_alone_opens_an_account_for_half_a_year(asha: User, days: int, status: int) -> None:
    User.objects.filter(pk=asha.pk).update(last_login=clock.now() - timedelta(days=days))
    browser = Client()

    assert code_typed(browser, asha) == status
    assert ("_auth_user_id" in browser.session) == (status == 302)


def test_the_password_opens_it_and_then_codes_do_again(asha: User) -> None:
    asha.email = "asha.idle@x.example"
    asha.set_password("a long enough passphrase")
    asha.last_login = clock.now() - timedelta(days=400)
    asha.save()
    form = {"way": "email", "email": asha.email, "password": "a long enough passphrase"}

    assert Client().post("/sign-in/", form, **HOST).status_code == 302
    assert code_typed(Client(), asha) == 302
