"""Which days matter in a place: festivals, solemn days, civic days, seasons. Plain Python.

Dates come from the `holidays` library (India, by state) and from the reviewed tables in
`content/`. The answer depends on the arguments alone.
"""

from local.occasions.engine.calendar import occasions_between, occurrence_in_year
from local.occasions.engine.catalogue import CATALOGUE, DATED_THROUGH, Definition, definition_of
from local.occasions.engine.occasion import KINDS, MOTIFS, Occasion
from local.occasions.engine.overrides import Override

__all__ = [
    "CATALOGUE",
    "DATED_THROUGH",
    "KINDS",
    "MOTIFS",
    "Definition",
    "Occasion",
    "Override",
    "definition_of",
    "occasions_between",
    "occurrence_in_year",
]
