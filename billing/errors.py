"""What can go wrong with money, in sentences that an owner understands."""

from marketing_platform.core.errors import Conflict, NotFound, OutsideFailure, PlatformError
from marketing_platform.core.text import mark as _


class AlreadyPaid(Conflict):
    code = "already_paid"
    sentence = _("This workspace already has a paid plan. Nothing was charged.")


class TrialUsed(Conflict):
    code = "trial_used"
    sentence = _("The free trial of this workspace is over. Choose a plan to go on.")


class PlanNotOnSale(NotFound):
    code = "plan_not_on_sale"
    sentence = _("This plan is not on sale here.")


class UnknownGateway(NotFound):
    code = "unknown_gateway"
    sentence = _("There is no payment gateway of this name.")


class NoGateway(PlatformError):
    code = "no_gateway"
    status = 503
    sentence = _("Online payment is not set up here. Please write to us.")


class GatewayUnavailable(OutsideFailure):
    """The gateway did not answer, or answered with a failure of its own."""

    code = "gateway_unavailable"
    sentence = _("The payment page did not open. Nothing was charged. Please try again.")


class GatewayRefused(OutsideFailure):
    """The gateway understood and said no: asking again will not help."""

    code = "gateway_refused"
    permanent = True
    sentence = _("The payment company refused this. Nothing was charged. Please write to us.")


class RemoteNotFound(GatewayRefused):
    """The gateway does not know the checkout or subscription that we ask for."""

    code = "remote_not_found"
    sentence = _("The payment company no longer knows this payment. Please start again.")


class InvalidSignature(PlatformError):
    """A webhook that is not provably the gateway's. `english` says only that, on purpose."""

    code = "invalid_signature"
    sentence = _("The signature of this message is missing, wrong or out of date.")


class WebhookTooLarge(PlatformError):
    code = "too_large"
    status = 413
    sentence = _("The message is larger than %(kilobytes)d KB.")


class MalformedEvent(PlatformError):
    """A signed event that does not have the documented shape."""

    code = "malformed_event"
    sentence = _("The event could not be read: %(what)s.")


class EventRefused(PlatformError):
    """A signed event that contradicts our own rows; it grants nothing."""

    code = "event_refused"
    sentence = _("The event was refused: %(reason)s.")
