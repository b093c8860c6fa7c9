"""Second factors and proving again, in the tests that walk over everything."""

from tests.isolation.kinds import BARE, OWN

PUBLIC = {
    "sign-in/factor/": BARE,
    "my/security/": OWN,
    "my/security/app/": OWN,
    "my/security/off/": OWN,
    "my/security/codes/": OWN,
    "my/confirm/": OWN,
}
ADMIN = {
    "login/factor/": BARE,
    "security/": OWN,
    "security/app/": OWN,
    "security/off/": OWN,
    "security/codes/": OWN,
    "security/confirm/": OWN,
}
