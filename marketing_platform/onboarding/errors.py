from marketing_platform.core.errors import LimitReached, Refused
from marketing_platform.core.text import mark as _


class CodesUsedUp(LimitReached):
    code = "codes_used_up"
    sentence = _(
        "No more codes can be sent today (%(limit)s). Sign in with your password, or ask us."
    )


class IdleAccount(Refused):
    """Said to who has the number's code, so it tells nothing to strangers."""

    code = "idle_account"
    sentence = _(
        "This account was not used for a long time, so a code alone does not open it. Sign in"
        " with your e-mail and password, or ask us on the help page."
    )
