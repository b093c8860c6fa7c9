"""What a figure's name says about how its periods add up."""

import re

# Of a figure with such a name a month is the mean of its weeks, not their sum.
MEANS = re.compile(
    r"\b(rate|ratio|average|avg|mean|price|per|share|score|index|ctr|cpc|cpl|cpa|cpm|roas|nps)\b|%",
    re.IGNORECASE,
)


def adds_up(name: str) -> bool:
    """Whether a coarser period's value is the sum of the finer ones; otherwise it is their mean."""
    return not MEANS.search(name)
