"""Sending a code and trying one: counted, and what it costs capped per day."""

import logging
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from marketing_platform.api.limits import left_today, limit_per_day, limit_per_hour
from marketing_platform.core import clock
from marketing_platform.core.errors import LimitReached
from marketing_platform.messaging.background import send_without_waiting
from marketing_platform.messaging.services import message_send
from marketing_platform.onboarding.errors import CodesUsedUp, IdleAccount
from marketing_platform.onboarding.pages import client_address
from marketing_platform.users.codes import code_issue, code_use
from marketing_platform.users.known_browsers import browser_of
from marketing_platform.users.models import CodePurpose, User, VerificationCode
from marketing_platform.users.selectors import user_by_phone

logger = logging.getLogger(__name__)
CODES_PER_ADDRESS_AND_HOUR = 30
CODES_PER_NUMBER_AND_ADDRESS = 6
# Above what one caller can use up, so that strangers cannot keep an owner from signing in.
CODES_PER_NUMBER = 40


CODE_TRIES_PER_HOUR = 20
CODE_TRIES_PER_ADDRESS = 100
EVERYBODY, NOBODY, NO_END = "everybody", "nobody", 1_000_000_000
DAY_OF_ALL, DAY_OF_NUMBER = "codes per day of everybody", "codes per number and day"


def code_send(
    *,
    phone: str | None,
    email: str | None,
    purpose: CodePurpose,
    language: str,
    address: str,
    browser: str = "",
    waits: bool = True,
) -> str:
    """Send six digits; returns the code's id. `browser` is a known one of the person's.

    `waits` for the provider, except where that would tell that there is somebody to send to.
    Raises LimitReached (CodesUsedUp for a day's) or OutsideFailure.
    """
    destination = phone or email or ""
    code_count(destination=destination, address=address, browser=browser)
    row, digits = code_issue(destination=destination, purpose=purpose, now=clock.now())
    send = partial(
        message_send,
        to_phone=phone,
        to_email=email,
        kind="code",
        code=digits,
        language=language,
        subject=_("Your code is %(digits)s") % {"digits": digits},
        text=_("%(digits)s is your code. It works for 5 minutes. Do not share it with anyone.")
        % {"digits": digits},
    )
    send() if waits else send_without_waiting(send)
    return str(row.pk)


def code_pretend(*, destination: str, purpose: CodePurpose, address: str, browser: str = "") -> str:
    """For a number without an account: same limits and same answer, but nothing is sent."""
    code_count(destination=destination, address=address, browser=browser, costs=False)
    row, _digits = code_issue(destination=destination, purpose=purpose, now=clock.now())
    return str(row.pk)


def code_enter(
    *, request: HttpRequest, code_id: str, destination: str, digits: str
) -> VerificationCode:
    """Use the code up. Raises LimitReached, CodeExpired, WrongCode; IdleAccount for a number whose
    account was long unused: operators give such numbers to other people."""
    code_try(address=client_address(request), browser=browser_of(request, destination))
    used = code_use(code_id=code_id, digits=digits, now=clock.now())
    user = user_by_phone(destination) if destination.startswith("+") else None
    if user is not None and _is_idle(user):
        raise IdleAccount(field="code")
    return used


def _is_idle(user: User) -> bool:
    last = user.last_login or user.date_joined
    return clock.now() - last > timedelta(days=settings.IDLE_DAYS)


def code_try(*, address: str, browser: str = "") -> None:
    """A code has three tries of its own: this counts those who type into many."""
    if browser:
        limit_per_hour("code tries per hour", browser, CODE_TRIES_PER_HOUR)
    else:
        limit_per_hour("code tries per internet address and hour", address, CODE_TRIES_PER_ADDRESS)


def code_count(*, destination: str, address: str, browser: str = "", costs: bool = True) -> None:
    """Raises LimitReached; every way to ask for a code counts.

    A known browser has counts of its own, so that strangers cannot use up a person's codes.
    """
    is_phone = destination.startswith("+")
    pair = f"{destination}:{browser or address}"
    limit_per_hour("codes per hour", pair, CODES_PER_NUMBER_AND_ADDRESS)
    if not browser:
        limit_per_hour("codes per internet address and hour", address, CODES_PER_ADDRESS_AND_HOUR)
        limit_per_hour("codes per number and hour", destination, CODES_PER_NUMBER)
    if is_phone:
        _count_spending(f"{destination}:{browser}" if browser else destination, browser, costs)


def _count_spending(who: str, browser: str, costs: bool) -> None:
    """Messages to numbers cost money. A day's cap of all refuses known browsers nothing: theirs
    is the cap of their number."""
    try:
        limit_per_day(DAY_OF_NUMBER, who, settings.CODES_PER_NUMBER_AND_DAY)
        if browser:
            return
        left, wait = left_today(DAY_OF_ALL, EVERYBODY, settings.CODES_PER_DAY)
        if left < 1:
            logger.error("the day's %s codes are used up", settings.CODES_PER_DAY)
            raise LimitReached(limit=DAY_OF_ALL, retry_after=wait)
        # What costs nothing is counted too, apart and without an end: both answers take as long.
        who, most = (EVERYBODY, settings.CODES_PER_DAY) if costs else (NOBODY, NO_END)
        limit_per_day(DAY_OF_ALL, who, most)
    except LimitReached as reached:
        raise CodesUsedUp(limit=reached.limit, retry_after=reached.retry_after) from reached


def codes_left_today() -> int:
    """For staff: how many codes to numbers may still be sent. Raises ServiceAway."""
    return left_today(DAY_OF_ALL, EVERYBODY, settings.CODES_PER_DAY)[0]
