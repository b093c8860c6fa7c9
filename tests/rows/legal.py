"""Public pages in every language, and the legal ones, in the tests that walk over everything."""

from tests.isolation.kinds import BARE, Kind, Row

TERMS = Row(Kind.BARE, {"key": "terms"})
PUBLIC = {
    "legal/": BARE,
    "legal/agree/": BARE,
    "legal/<slug:key>/": TERMS,
    "cancel/": BARE,
    "robots.txt": BARE,
    "sitemap.xml": BARE,
    "share-<slug:language>.png": Row(Kind.BARE, {"language": "hi"}),
    **{
        f"{code}/{page}": BARE for code in ("en", "hi", "mr") for page in ("", "pricing/", "legal/")
    },
    **{f"{code}/legal/<slug:key>/": TERMS for code in ("en", "hi", "mr")},
}
