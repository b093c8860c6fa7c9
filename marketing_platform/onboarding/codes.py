"""Sending a code and turning a good one into a person."""

from django.utils.translation import gettext as _

from marketing_platform.api.limits import limit_per_hour
from marketing_platform.core import clock
from marketing_platform.messaging.services import message_send
from marketing_platform.users.codes import code_issue
from marketing_platform.users.models import CodePurpose

CODES_PER_ADDRESS_AND_HOUR = 30


def code_send(
    *, phone: str | None, email: str | None, purpose: CodePurpose, language: str, address: str
) -> str:
    """Send six digits; returns the code's id. Raises LimitReached or OutsideFailure."""
    limit_per_hour("codes per internet address and hour", address, CODES_PER_ADDRESS_AND_HOUR)
    destination = phone or email or ""
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
    limit_per_hour("codes per internet address and hour", address, CODES_PER_ADDRESS_AND_HOUR)
    row, _digits = code_issue(destination=destination, purpose=purpose, now=clock.now())
    return str(row.pk)
