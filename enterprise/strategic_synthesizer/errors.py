from marketing_platform.core.errors import Conflict, NotFound, PlatformError
from marketing_platform.core.text import mark as _


class UntracedNumber(PlatformError):
    """A brief with a number that nobody can trace is never shown."""

    code = "untraced_number"
    status = 500
    sentence = _("The brief was not made: “%(number)s” has no evidence.")


class BriefMissing(NotFound):
    code = "no_brief"
    sentence = _("There is no such brief. Make one first.")


class BriefChanged(Conflict):
    code = "brief_changed"
    sentence = _("This brief was changed since you looked at it. Read it again, then approve.")
