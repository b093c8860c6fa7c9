"""What can go wrong between us and a provider, in kinds that decide what happens next."""

from typing import Any

from marketing_platform.core.errors import Conflict, InvalidInput, NotFound, OutsideFailure, Refused
from marketing_platform.core.text import mark as _

SENTENCES = {
    "needs_sign_in": _("%(provider)s needs you to sign in again."),
    "rate_limited": _("%(provider)s asks us to wait. We go on later by ourselves."),
    "rejected": _("%(provider)s refused this: %(detail)s"),
    "unreachable": _("%(provider)s could not be reached. We try again."),
    "server": _("%(provider)s had a fault of its own. We look again later."),
    "timeout": _("%(provider)s took too long to answer. We look again later."),
    "not_found": _("%(provider)s does not know this any more."),
}
NO_DETAIL = _("no reason given")


class ProviderFailure(OutsideFailure):
    """A provider did not do what was asked.

    `kind`: a key of SENTENCES. `code`, `subcode`: the provider's own (Meta's numbers, Google's
    status word), `http_status`: 0 when no answer came. `retry_after`: seconds, or None.
    `outcome`: "not_applied" (it surely did nothing), "rejected" (it looked and refused) or
    "unknown" (it may have done it: look before anything is sent again).
    """

    code: Any = "provider_failure"

    def __init__(
        self,
        kind: str,
        *,
        provider: str = "",
        code: int | str = "",
        subcode: int | str = "",
        http_status: int = 0,
        retry_after: float | None = None,
        outcome: str = "not_applied",
        detail: str = "",
    ):
        self.kind, self.subcode, self.http_status = kind, subcode, http_status
        self.retry_after, self.outcome, self.detail = retry_after, outcome, detail
        params = {"provider": provider or "The service"}
        if kind == "rejected":
            params["detail"] = detail or NO_DETAIL
        super().__init__(SENTENCES[kind], **params)
        if code != "":
            self.code = code

    @property
    def is_permanent(self) -> bool:
        return self.kind in {"rejected", "not_found"}


class ProviderUnknown(NotFound):
    code = "provider_unknown"
    sentence = _("We cannot connect to this service.")


class ConnectionMissing(NotFound):
    code = "connection_not_found"
    sentence = _("This account is not connected here.")


class ConnectionBusy(Conflict):
    code = "connection_changed"
    sentence = _("This connection was just changed by somebody else. Load the page again.")


class SignInUnfinished(Refused):
    """An answer of a provider that nobody here asked for."""

    code = "connection_refused"
    sentence = _("This sign-in was not started here, or took too long. Press “Connect” again.")


class SignInDenied(Refused):
    code = "connection_denied"
    sentence = _("You said no at %(provider)s, so nothing was connected.")


class PermissionsMissing(Refused):
    code = "connection_permissions_missing"
    sentence = _("%(provider)s did not give us: %(missing)s. Connect again and leave all ticks on.")


class OfflineAccessMissing(Refused):
    code = "connection_without_refresh"
    sentence = _(
        "%(provider)s did not allow us to work while you are away. Remove our access in your "
        "account there, then connect again."
    )


class NothingToConnect(Refused):
    code = "nothing_to_connect"
    sentence = _("%(provider)s shows no page or place of yours that we may manage.")


class TokenFieldWrong(InvalidInput):
    code = "token_field_wrong"
    sentence = _("Please check “%(field_label)s”: %(hint)s")


class ConnectionsNotReady(Refused):
    code = "provider_not_set_up"
    sentence = _("Connecting %(provider)s is not set up on this installation yet.")
