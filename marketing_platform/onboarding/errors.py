from marketing_platform.core.errors import LimitReached
from marketing_platform.core.text import mark as _


class CodesUsedUp(LimitReached):
    code = "codes_used_up"
    sentence = _(
        "No more codes can be sent today (%(limit)s). Sign in with your password, or ask us."
    )
