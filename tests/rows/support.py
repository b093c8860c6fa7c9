"""Help and error codes in the tests that walk over everything."""

from tests.isolation.kinds import BARE, OWN

WORKSPACE = {"help/": OWN}
PUBLIC = {"help/": BARE, "talk/": BARE}
ADMIN = {}
