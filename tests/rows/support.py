"""Help and error codes in the tests that walk over everything."""

from tests.isolation.kinds import BARE, OWN, Kind, Row

WORKSPACE = {
    "help/": OWN,
    "support-visit/end/": BARE,
    "support-visit/<str:token>/": Row(Kind.BARE, {"token": "junk"}),
}
PUBLIC = {
    "help/": BARE,
    "talk/": BARE,
    "sign-in/link/<str:token>/": Row(Kind.BARE, {"token": "junk"}),
}
ADMIN = {}
