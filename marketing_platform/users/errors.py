from marketing_platform.core.errors import InvalidInput, Refused
from marketing_platform.core.text import mark as _


class WrongCode(InvalidInput):
    code = "wrong_code"
    sentence = _("That code is not right. Check the message and try again.")


class CodeExpired(InvalidInput):
    code = "code_expired"
    sentence = _("This code no longer works. Ask for a new one.")


class WrongSignIn(InvalidInput):
    code = "wrong_sign_in"
    sentence = _("The e-mail and password do not match.")


class HandOffRefused(Refused):
    code = "hand_off_refused"
    sentence = _("This sign-in link no longer works. Sign in again.")
