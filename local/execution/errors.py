from marketing_platform.core.errors import Conflict, InvalidInput, NotFound
from marketing_platform.core.text import mark as _


class ActionMissing(NotFound):
    code = "no_such_action"
    sentence = _("This task is not on your list any more.")


class IllegalStep(Conflict):
    code = "illegal_step"
    sentence = _("This task was moved on already. Load the page again.")


class ActionChanged(Conflict):
    code = "action_changed"
    sentence = _("This changed since you looked at it. Look again, then approve.")


class ActionExpired(Conflict):
    code = "action_expired"
    sentence = _("The day for this has passed.")


class MinutesOutOfRange(InvalidInput):
    code = "minutes_out_of_range"
    sentence = _("Minutes: choose 5, 10, 15 or 20.")


class ReasonUnknown(InvalidInput):
    code = "reason_unknown"
    sentence = _("Reason: choose one of the reasons shown.")
