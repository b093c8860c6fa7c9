"""Countries of payers, as ISO 3166-1 has them, with their names in the languages of the product."""

from functools import cache

from babel import Locale

# What CLDR lists by two letters beside them: unions, tests, and places without a code of their own.
NO_COUNTRIES = frozenset(
    ("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ")
)
COUNTRIES = frozenset(
    code
    for code in Locale("en").territories
    if len(code) == 2 and code.isalpha() and code not in NO_COUNTRIES
)


@cache
def country_names(language: str) -> tuple[tuple[str, str], ...]:
    """Code and name, India first and the others in the order of their names.

    In English for a language that is not the product's.
    """
    names = Locale(language if language in {"en", "hi", "mr"} else "en").territories
    others = sorted((names[code], code) for code in COUNTRIES - {"IN"})
    return (("IN", names["IN"]), *((code, name) for name, code in others))


def country_name(code: str, language: str) -> str:
    """The code itself when it is none of COUNTRIES: documents of long ago keep what they say."""
    return dict(country_names(language)).get(code, code)
