from marketing_platform.core.errors import Conflict, InvalidInput, NotFound, PlatformError, Refused
from marketing_platform.core.text import mark as _


class UnknownProvider(NotFound):
    code = "unknown_provider"
    sentence = _("No service sends its news to this address.")


class SignatureWrong(PlatformError):
    """Nothing is stored of what nobody signed."""

    code = "signature_wrong"
    status = 401
    sentence = _("The signature does not belong to this message.")


class ChallengeRefused(Refused):
    code = "challenge_refused"
    sentence = _("The code for setting up this address is not the right one.")


class DeliveryUnreadable(InvalidInput):
    code = "delivery_unreadable"
    sentence = _("This message is not readable JSON.")


class DeliveryTooLarge(PlatformError):
    code = "delivery_too_large"
    status = 413
    sentence = _("This message is larger than %(kilobytes)d kB.")


class AccountTaken(Conflict):
    code = "account_taken"
    sentence = _("This account is connected in another workspace. Disconnect it there first.")
