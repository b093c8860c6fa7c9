from marketing_platform.core.errors import Conflict, InvalidInput, NotFound
from marketing_platform.core.text import mark as _


class UnknownOccasion(NotFound):
    code = "unknown_occasion"
    sentence = _("There is no such occasion in your city that year.")


class CannotBeMoved(InvalidInput):
    code = "occasion_cannot_be_moved"
    sentence = _("A season has no single day to move. You can leave it out instead.")


class MovedTooFar(InvalidInput):
    code = "occasion_moved_too_far"
    sentence = _("Date: choose a day within %(days)d days of %(date)s.")


class InvalidOccasion(InvalidInput):
    code = "invalid_occasion"


class OccasionAlreadyAdded(Conflict):
    code = "occasion_already_added"
    sentence = _("You have already added “%(title)s” on that day.")
