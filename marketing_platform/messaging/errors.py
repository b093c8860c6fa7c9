from marketing_platform.core.errors import OutsideFailure
from marketing_platform.core.text import mark as _


class RecipientUnreachable(OutsideFailure):
    """This number or address cannot get messages this way: another way may work."""

    code = "recipient_unreachable"
    permanent = True
    sentence = _("We could not reach this number or e-mail. Check it, or use another one.")


class SenderRefused(OutsideFailure):
    """Our account, template or key at the provider is at fault: people of ours must act."""

    code = "sender_refused"
    permanent = True
    sentence = _("The message could not be sent. We have been told; please use another way.")


class SenderAway(OutsideFailure):
    """Too busy, away, or too slow: later it may work."""

    code = "sender_away"
    permanent = False
    sentence = _("The message could not be sent just now. Please try again in a minute.")


class SendersBusy(OutsideFailure):
    code = "senders_busy"
    sentence = _("Too many messages wait to be sent. Try again in a minute.")
