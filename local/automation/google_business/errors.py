from marketing_platform.core.errors import Conflict, InvalidInput, NotFound, Refused
from marketing_platform.core.text import mark as _


class HoursAlike(InvalidInput):
    code = "hours_alike"
    sentence = _("Opening and closing time are the same. For a closed day choose Closed.")


class HoursIncomplete(InvalidInput):
    code = "hours_incomplete"
    sentence = _("Enter when you open and when you close, or choose Closed.")


class HoursDayWrong(InvalidInput):
    code = "hours_day_wrong"
    sentence = _("Choose a day from today to %(last)s.")


class HoursUnderWay(Conflict):
    code = "hours_under_way"
    sentence = _("A change of this day is on its way to Google. Wait until it is done.")


class UnknownHours(NotFound):
    code = "unknown_hours"
    sentence = _("We could not find this change of hours.")


class RegularHoursMissing(Conflict):
    code = "regular_hours_missing"
    sentence = _("Google wants your usual opening hours first. The guide shows how to set them.")


class NotConnected(Conflict):
    code = "google_not_connected"
    sentence = _("Google is not connected. Connect it under More, or do it by hand with the guide.")


class UnknownReview(NotFound):
    code = "unknown_review"
    sentence = _("We could not find this review. It may have been removed.")


class ReviewIncomplete(InvalidInput):
    code = "review_incomplete"
    sentence = _("Choose the number of stars, 1 to 5.")


class ReviewTooLong(InvalidInput):
    code = "review_too_long"
    sentence = _("The review is longer than %(most)d characters. Paste only its text.")


class ReviewDayWrong(InvalidInput):
    code = "review_day_wrong"
    sentence = _("This day is still to come. Choose the day of the review.")


class TooManyReviews(Refused):
    code = "too_many_reviews"
    sentence = _("You can keep %(most)d pasted reviews. Remove old ones first.")


class ReplyRefused(InvalidInput):
    """The reply breaks a rule; the sentence says which."""

    code = "reply_refused"


class ReplyChanged(Conflict):
    code = "reply_changed"
    sentence = _("The reply was changed after you read it. Read it again and approve that.")


class ReplyUnderWay(Conflict):
    code = "reply_under_way"
    sentence = _("This reply is on its way to Google and cannot be changed now.")


class NeedsPerson(Refused):
    code = "needs_person"
    sentence = _("Replies to 3 stars or fewer, and all of a clinic's, need a person's approval.")


class PostRefused(InvalidInput):
    """The post breaks a rule of Google's; the sentence says which."""

    code = "post_refused"


class UnknownPost(NotFound):
    code = "unknown_post"
    sentence = _("We could not find this post.")
