"""Help and error codes in the tests that walk over everything."""

from tests.isolation.kinds import BARE, OWN, Kind, Row

TOPIC = {"slug": "cancel"}
WORKSPACE = {"help/": OWN, "help/<slug:slug>/": Row(Kind.OWN, TOPIC)}
PUBLIC = {"help/": BARE, "help/<slug:slug>/": Row(Kind.BARE, TOPIC), "talk/": BARE}
ADMIN = {}
