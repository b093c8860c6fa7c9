from marketing_platform.core.errors import Conflict


class LetterStays(Conflict):
    """A dead letter that cannot be sent again."""

    code = "letter_stays"
    sentence = "This was not sent again: %(reason)s."
