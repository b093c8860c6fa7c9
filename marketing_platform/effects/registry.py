"""Kinds of effects by name: how each is prepared, sent once, and looked up."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from marketing_platform.core.text import mark as _
from marketing_platform.schedule.registry import handlers_load
from marketing_platform.tenants.context import current_tenant
from marketing_platform.tiers.contracts import resolve
from marketing_platform.tiers.registry import REGISTRY

if TYPE_CHECKING:
    from marketing_platform.connections.errors import ProviderFailure
    from marketing_platform.connections.http import ProviderClient
    from marketing_platform.effects.models import Effect


@dataclass(frozen=True)
class Committed:
    """The provider took it. `is_pending`: it is not live yet, so it is looked up later."""

    remote_id: str
    answer: dict[str, Any] = field(default_factory=dict)
    is_pending: bool = False


@dataclass(frozen=True)
class Verdict:
    """What a look at the provider showed: Verdict.CONFIRMED(id), .NOT_APPLIED, .STILL_UNKNOWN, or
    .REJECTED(sentence, **params) for what was taken and then turned down.
    """

    outcome: str
    remote_id: str = ""
    sentence: str = ""
    params: dict[str, Any] = field(default_factory=dict)

    NOT_APPLIED: ClassVar["Verdict"]
    STILL_UNKNOWN: ClassVar["Verdict"]

    @classmethod
    def CONFIRMED(cls, remote_id: str = "") -> "Verdict":
        return cls("confirmed", remote_id=remote_id)

    @classmethod
    def REJECTED(cls, sentence: str, **params: Any) -> "Verdict":
        return cls("rejected", sentence=sentence, params=params)


Verdict.NOT_APPLIED = Verdict("not_applied")
Verdict.STILL_UNKNOWN = Verdict("still_unknown")


class EffectHandler:
    """What a kind says about itself; see effect_kind. All but `commit` has a default.

    `freshness`: how late it may still go out (None: until it expires). `verify_waits`: when to look
    after an outcome that is not known; after the last a person is asked. `pending_waits`: the same
    for what the provider has taken and not shown yet. `resends`: whether a look that proves that
    nothing arrived may send it again by itself, `may_go_again` whether a person who found that may.
    `done_words`: what is said of it once it is confirmed. `arms_at_most`: callings of `commit`.
    """

    provider = ""
    label = _("Something sent out")
    done_words = _("Live")
    freshness: timedelta | None = timedelta(hours=6)
    verify_waits: tuple[timedelta, ...] | None = None
    pending_waits: tuple[timedelta, ...] | None = None
    resends = True
    may_go_again = True
    arms_at_most = 4

    def prepare(self, effect: "Effect", client: "ProviderClient") -> dict[str, Any]:
        """What nobody sees yet: uploads, unpublished parts. May be called again."""
        return {}

    def commit(self, effect: "Effect", client: "ProviderClient") -> Committed:
        """The one call. Called at most once per arming; never retry inside."""
        raise NotImplementedError

    def verify(self, effect: "Effect", client: "ProviderClient") -> Verdict:
        """Look whether it is there; reads only, may be called again."""
        return Verdict.STILL_UNKNOWN

    def may_be_live(self, failure: "ProviderFailure") -> bool:
        """Whether this refusal of `commit` is known to be sent for posts that are live."""
        return False

    def settled(self, effect: "Effect") -> None:
        """Called once, in the transaction that ends it: confirmed, rejected, cancelled, expired."""

    def asks(self, effect: "Effect") -> None:
        """Called in the transaction that hands it to a person."""


HANDLERS: dict[str, EffectHandler] = {}


def effect_kind(name: str) -> Callable[[type], type]:
    """Register a handler class for a kind of effect, from a feature's `tasks` module.

    A class that does not inherit EffectHandler is given its defaults.
    """

    def register(handler: type) -> type:
        known = HANDLERS.get(name)
        whole = handler
        if not issubclass(handler, EffectHandler):
            whole = type(handler.__name__, (handler, EffectHandler), {"__doc__": handler.__doc__})
        if known is not None and type(known).__qualname__ != whole.__qualname__:
            raise ValueError(f"two handlers for the effect {name}")
        HANDLERS[name] = whole()
        return handler

    return register


def handler_of(kind: str) -> EffectHandler:
    """Raises ValueError when no feature handles such effects."""
    if kind not in HANDLERS:
        handlers_load()
    tenant = current_tenant()
    if kind not in HANDLERS and tenant is not None:
        for module in REGISTRY[tenant.tier].effect_handlers:
            resolve(module)
    if kind not in HANDLERS:
        raise ValueError(f"no handler for the effect {kind}")
    return HANDLERS[kind]
