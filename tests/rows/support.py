"""Help, error codes and visits in the tests that walk over everything."""

from tests.isolation.kinds import BARE, OWN, Kind, Row

TOPIC = {"slug": "cancel"}
WORKSPACE = {
    "help/": OWN,
    "help/<slug:slug>/": Row(Kind.OWN, TOPIC),
    "support-visit/end/": BARE,
    "support-visit/<str:token>/": Row(Kind.BARE, {"token": "junk"}),
}
PUBLIC = {
    "help/": BARE,
    "help/<slug:slug>/": Row(Kind.BARE, TOPIC),
    "talk/": BARE,
    "sign-in/link/<str:token>/": Row(Kind.BARE, {"token": "junk"}),
}
ADMIN = {}
