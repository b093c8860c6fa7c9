from marketing_platform.core.errors import InvalidInput, NotFound
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
