"""What can be wrong with a request for insights. Plain Python: the engine raises these."""

from marketing_platform.core.errors import InvalidInput
from marketing_platform.core.text import mark as _


class SeriesInvalid(InvalidInput):
    """`field` names the place, such as ``series[0].points[3]``."""

    code = "series_invalid"
    sentence = _("This series cannot be read.")
