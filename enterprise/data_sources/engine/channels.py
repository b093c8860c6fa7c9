"""Names people give to the places leads come from, and our codes for the known ones."""

import re
from functools import lru_cache

from marketing_platform.core.text import clean_line
from marketing_platform.core.text import mark as _

CHANNELS = {
    "google_ads": _("Google Ads"),
    "meta_ads": _("Meta Ads"),
    "linkedin_ads": _("LinkedIn Ads"),
}
WORDS = (
    ("linkedin_ads", r"linked\s*in|\bli ads\b"),
    ("meta_ads", r"facebook|instagram|\bmeta\b|\bfb\b|\binsta\b|\big\b"),
    ("google_ads", r"adwords|google[ _-]*(ads|cpc|ppc|paid)|\bgclid\b|paid search|\bgoogle$"),
)
ORGANIC = re.compile(r"organic|direct|referral|\bseo\b")
LONGEST = 60


def channel_name(code: str) -> str:
    """What people call it: "google_ads" is Google Ads, any other name is itself."""
    return CHANNELS.get(code, code)


@lru_cache(maxsize=4_096)
def channel_of(source: str) -> str:
    """The known channel's code for a source's name; otherwise the name itself, cleaned.

    '' stays '': the lead's source is not known. Organic search is not an ad.
    """
    text = clean_line(source)[:LONGEST].strip()
    lowered = text.lower().replace("_", " ")
    if ORGANIC.search(lowered):
        return text
    for code, pattern in WORDS:
        if re.search(pattern, lowered):
            return code
    return text


@lru_cache(maxsize=4_096)
def channel_written(name: str) -> str:
    """A channel as a spend sheet writes it; only the very name of a known one becomes its code.

    "Google Ads" is google_ads, but "Google Shopping" stays apart: sheets tell channels apart on
    purpose.
    """
    text = clean_line(name)[:LONGEST].strip()
    key = " ".join(re.sub(r"[\W_]+", " ", text.lower()).split())
    return EXACT.get(key, text)


EXACT = {
    "google ads": "google_ads",
    "meta ads": "meta_ads",
    "facebook ads": "meta_ads",
    "linkedin ads": "linkedin_ads",
}
