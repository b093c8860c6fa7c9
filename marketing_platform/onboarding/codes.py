"""Sending a code and turning a good one into a person."""

from django.utils.translation import gettext as _

from marketing_platform.api.limits import limit_per_hour
from marketing_platform.core import clock
from marketing_platform.messaging.services import message_send
from marketing_platform.users.codes import code_issue
from marketing_platform.users.models import CodePurpose

CODES_PER_ADDRESS_AND_HOUR = 30
CODES_PER_NUMBER_AND_ADDRESS = 6
# Above what one caller can use up, so that strangers cannot keep an owner from signing in.
CODES_PER_NUMBER = 40


def code_send(
    *, phone: str | None, email: str | None, purpose: CodePurpose, language: str, address: str
) -> str:
    """Send six digits; returns the code's id. Raises LimitReached or OutsideFailure."""
    destination = phone or email or ""
    _count(destination, address)
    row, digits = code_issue(destination=destination, purpose=purpose, now=clock.now())
    message_send(
        to_phone=phone,
        to_email=email,
        kind="code",
        language=language,
        subject=_("Your code is %(digits)s") % {"digits": digits},
        text=_("%(digits)s is your code. It works for 5 minutes. Do not share it with anyone.")
        % {"digits": digits},
    )
    return str(row.pk)


def code_pretend(*, destination: str, purpose: CodePurpose, address: str) -> str:
    """For a number without an account: same limits and same answer, but nothing is sent."""
    _count(destination, address)
    row, _digits = code_issue(destination=destination, purpose=purpose, now=clock.now())
    return str(row.pk)


def _count(destination: str, address: str) -> None:
    """Raises LimitReached; every way to ask for a code counts."""
    pair = f"{destination}:{address}"
    limit_per_hour("codes per hour", pair, CODES_PER_NUMBER_AND_ADDRESS)
    limit_per_hour("codes per internet address and hour", address, CODES_PER_ADDRESS_AND_HOUR)
    limit_per_hour("codes per number and hour", destination, CODES_PER_NUMBER)
