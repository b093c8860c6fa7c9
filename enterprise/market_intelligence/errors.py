"""What can be wrong with a request for insights. Plain Python: the engine raises these."""

from marketing_platform.core.errors import InvalidInput, NotFound
from marketing_platform.core.text import mark as _


class SeriesInvalid(InvalidInput):
    """`field` names the place, such as ``series[0].points[3]``."""

    code = "series_invalid"
    sentence = _("This series cannot be read.")


class RunMissing(NotFound):
    code = "run_missing"
    sentence = _(
        "There is no run with this hash. Runs are kept for the last 100 states of your figures."
    )


class FindingMissing(NotFound):
    code = "finding_missing"
    sentence = _("This finding is not in your figures any more. Load the page again.")


class CommentInvalid(InvalidInput):
    code = "comment_invalid"
    sentence = _("Write a comment of 1 to 1,000 characters.")

    def __init__(self) -> None:
        super().__init__(field="text")


class SnoozeInvalid(InvalidInput):
    code = "snooze_invalid"
    sentence = _("Choose for how long: 7, 30 or 90 days.")

    def __init__(self) -> None:
        super().__init__(field="days")


class AssigneeUnknown(InvalidInput):
    code = "assignee_unknown"
    sentence = _("This person is not in your team. Choose somebody from the list.")

    def __init__(self) -> None:
        super().__init__(field="assignee")
