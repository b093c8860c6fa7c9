"""The errors every layer raises: a stable code, a status and a sentence a shopkeeper understands.

`sentence` is an English message id; `params` fill it after translation at the edge.
"""

from typing import Any, ClassVar

from marketing_platform.core.text import mark as _


class PlatformError(Exception):
    """Something the caller can be told about. Subclasses set `code`, `status`, `sentence`.

    `field` names the input at fault; `permanent` says whether trying again can help.
    """

    code: ClassVar[str] = "platform_error"
    status: ClassVar[int] = 400
    permanent: ClassVar[bool] = True
    sentence: str = _("This could not be done.")

    def __init__(self, sentence: str | None = None, *, field: str | None = None, **params: Any):
        if sentence is not None:
            self.sentence = sentence
        self.field = field
        self.params = params
        super().__init__(self.english)

    @property
    def english(self) -> str:
        return self.sentence % self.params if self.params else self.sentence


class InvalidInput(PlatformError):
    code = "invalid_input"
    sentence = _("Please correct the marked field.")


class NotFound(PlatformError):
    code = "not_found"
    status = 404
    sentence = _("We could not find that.")


class Refused(PlatformError):
    code = "refused"
    status = 403
    sentence = _("You are not allowed to do this.")


class Conflict(PlatformError):
    code = "conflict"
    status = 409
    sentence = _("This was changed elsewhere. Load the page again.")


class LimitReached(PlatformError):
    """`retry_after` is in seconds; `limit` names the limit, such as 'sign-in codes per number'."""

    code = "limit_reached"
    status = 429
    permanent = False
    sentence = _("Too many tries (%(limit)s). Try again in %(minutes)d minutes.")

    def __init__(self, *, limit: str, retry_after: int):
        self.limit, self.retry_after = limit, retry_after
        super().__init__(limit=limit, minutes=max(1, -(-retry_after // 60)))


class OutsideFailure(PlatformError):
    """A provider did not do what we asked. Raise a subclass, or set `is_permanent`."""

    code = "outside_failure"
    status = 502
    permanent = False
    sentence = _("The other service did not answer. We will try again.")
