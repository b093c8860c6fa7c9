"""Second factors and proving again, in the tests that walk over everything."""

from tests.isolation.kinds import BARE, OWN, Kind, Row

PASSKEY = Row(Kind.OWN, {"passkey_id": "00000000-0000-0000-0000-000000000001"})

PUBLIC = {
    "sign-in/factor/": BARE,
    "my/security/": OWN,
    "my/security/app/": OWN,
    "my/security/off/": OWN,
    "my/security/codes/": OWN,
    "my/security/passkeys/begin/": OWN,
    "my/security/passkeys/": OWN,
    "my/security/passkeys/<uuid:passkey_id>/remove/": PASSKEY,
    "sign-in/passkey/begin/": BARE,
    "sign-in/passkey/": BARE,
    "my/confirm/": OWN,
}
ADMIN = {
    "login/factor/": BARE,
    "security/": OWN,
    "security/app/": OWN,
    "security/off/": OWN,
    "security/codes/": OWN,
    "security/passkeys/begin/": OWN,
    "security/passkeys/": OWN,
    "security/passkeys/<uuid:passkey_id>/remove/": PASSKEY,
    "login/passkey/begin/": BARE,
    "login/passkey/": BARE,
    "security/confirm/": OWN,
}
