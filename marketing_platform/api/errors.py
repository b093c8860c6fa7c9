from marketing_platform.core.errors import Conflict, InvalidInput, NotFound, PlatformError, Refused
from marketing_platform.core.text import mark as _


class KeyMissing(PlatformError):
    code = "key_missing"
    status = 401
    sentence = _("Send your API key in the Authorization header: Bearer live_…")


class KeyInvalid(PlatformError):
    code = "key_invalid"
    status = 401
    sentence = _("This API key is not valid. It may be mistyped, revoked or expired.")


class KeyOfAnotherWorkspace(Refused):
    code = "key_of_another_workspace"
    sentence = _("This API key belongs to another workspace.")


class ScopeMissing(Refused):
    code = "scope_missing"
    sentence = _("This API key may only read. Make a key that may write.")


class PermissionMissing(Refused):
    code = "permission_missing"
    sentence = _("Your role in this workspace does not allow this.")


class ReadOnlyWorkspace(Refused):
    code = "read_only"
    sentence = _("This workspace is read-only until its subscription is paid.")


class UnknownHost(NotFound):
    code = "unknown_host"
    sentence = _("There is no workspace at this address.")


class WorkspaceNotReady(PlatformError):
    code = "workspace_not_ready"
    status = 503
    permanent = False
    sentence = _("This workspace is still being prepared. Try again in a moment.")


class WorkspaceBlocked(Refused):
    code = "workspace_blocked"
    sentence = _("This workspace is blocked. Please contact support.")


class TierMismatch(NotFound):
    code = "tier_mismatch"
    sentence = _("This workspace is of the %(tier)s tier; this address belongs to the other one.")


class IdempotencyKeyReused(InvalidInput):
    code = "idempotency_key_reused"
    status = 422
    sentence = _("This Idempotency-Key was used with a different request. Use a new key.")


class RequestInFlight(Conflict):
    code = "request_in_flight"
    permanent = False
    sentence = _("The first request with this Idempotency-Key is still running. Try again shortly.")


class InvalidIdempotencyKey(InvalidInput):
    code = "invalid_idempotency_key"
    sentence = _("The Idempotency-Key must be 8 to 64 letters, digits, hyphens or underscores.")


class UnreadableRequest(InvalidInput):
    code = "unreadable_request"
    sentence = _("The request has characters or a text encoding that cannot be read. Send UTF-8.")


class ServiceAway(PlatformError):
    code = "service_away"
    status = 503
    permanent = False
    sentence = _("This does not work just now. Please try again in a minute.")


class CsrfFailed(Refused):
    code = "csrf_failed"
    sentence = _("Load the page again: its security token is missing or old.")
