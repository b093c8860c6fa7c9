from marketing_platform.core.errors import Conflict, InvalidInput, NotFound, Refused
from marketing_platform.core.text import mark as _


class WordsBreakRule(InvalidInput):
    """The owner's words break a rule of their trade; the sentence says which, in plain words."""

    code = "words_break_a_rule"
    sentence = _("%(rule)s")


class OfferDatesWrong(InvalidInput):
    code = "offer_dates_wrong"
    sentence = _("The last day must be on or after the first day, and not in the past.")


class TooManyOffers(InvalidInput):
    code = "too_many_offers"
    sentence = _("You can run %(most)d offers at a time. End one first.")


class UnknownOffer(NotFound):
    code = "unknown_offer"
    sentence = _("We could not find this offer. It may have ended already.")


class ConsentTooEarly(InvalidInput):
    code = "consent_too_early"
    sentence = _("Consent counts only when it is given after the result.")


class ResultIncomplete(InvalidInput):
    code = "result_incomplete"
    sentence = _("A result may be shown only with this beside it. Please fill it in.")


class DayToCome(InvalidInput):
    code = "day_to_come"
    sentence = _("This day is still to come. Choose today or an earlier day.")


class ResultTooOld(InvalidInput):
    code = "result_too_old"
    sentence = _("Posts show a result for one year. This one is older.")


class TooManyResults(InvalidInput):
    code = "too_many_results"
    sentence = _("You can keep %(most)d results. Remove one first.")


class UnknownResult(NotFound):
    code = "unknown_result"
    sentence = _("We could not find this result. It may have been removed already.")


class CountTooOld(InvalidInput):
    code = "count_too_old"
    sentence = _("Posts say a number of seats for %(days)d days. Count again and enter today's.")


class DateOutOfRange(InvalidInput):
    code = "date_out_of_range"
    sentence = _("Choose a date from %(first)s to %(last)s.")


class PostMissing(NotFound):
    code = "post_not_found"
    sentence = _("We could not find this post. Load the page again.")


class PostChanged(Conflict):
    code = "post_changed"
    sentence = _("This changed since you looked. Read it again, then approve.")


class PostSettled(Conflict):
    code = "post_settled"
    sentence = _("This post is already on its way or done. Load the page again.")


class PostUnderway(Conflict):
    code = "post_underway"
    sentence = _("It is going out right now, so it can no longer be changed or stopped.")


class DayOver(InvalidInput):
    code = "day_over"
    sentence = _("This day is over. A post goes out on its own day only.")


class NetworkNotConnected(Refused):
    code = "network_not_connected"
    sentence = _("%(network)s is not connected. Connect it, or share the post by hand.")


class NothingToPost(Conflict):
    code = "nothing_to_post"
    sentence = _("There is no post for this day, network and language. Try another idea.")


class CaptionRefused(InvalidInput):
    """The network would refuse these words."""

    code = "caption_refused"
    sentence = _("Please change the words of the post.")


class FactsGone(Conflict):
    code = "facts_gone"
    sentence = _("The post names an offer that ended or a result that was taken back.")


class ReasonUnknown(InvalidInput):
    code = "reason_unknown"
    sentence = _("Choose one of the reasons.")


class TimeWrong(InvalidInput):
    code = "time_wrong"
    sentence = _("Enter a time of this day, such as 18:30.")
