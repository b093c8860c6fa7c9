from marketing_platform.core.errors import InvalidInput
from marketing_platform.core.text import mark as _


class DaysOutOfRange(InvalidInput):
    code = "days_out_of_range"
    sentence = _("Days: choose a number from 1 to %(most)d.")


class DateOutOfRange(InvalidInput):
    code = "date_out_of_range"
    sentence = _("Date: choose a day from %(first)s to %(last)s.")
