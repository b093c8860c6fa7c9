"""What a tier promises the kernel, and what the kernel promises a tier."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib import import_module
from typing import Any, Literal, Protocol, runtime_checkable

from marketing_platform.core.money import Rupees

logger = logging.getLogger(__name__)

Access = Literal["full", "read_only", "none"]


@runtime_checkable
class IntelligenceService(Protocol):
    """Answers what is going on: `get_local_insights` or `get_intelligence_insights`."""


@runtime_checkable
class AutomationService(Protocol):
    """Makes the day's work for one business."""


class WebhookReceiver(Protocol):
    """Takes what a provider sends to /webhooks/<provider>/, on the public side."""

    def challenge(self, query: Mapping[str, str]) -> str:
        """The answer to the question with which the provider tries a new address.

        Raises a PlatformError for one that does not know our word.
        """

    def receive(self, *, raw: bytes, headers: Mapping[str, str], now: datetime) -> bool:
        """Verify, store and queue; False when it was here before. Raises a PlatformError."""


@dataclass(frozen=True)
class Entitlements:
    """What a workspace may do now. Quotas are counts per month unless named otherwise.

    `is_late`: a payment is open, and the pages say so.
    """

    access: Access
    quotas: Mapping[str, int] = field(default_factory=dict)
    until: datetime | None = None
    is_late: bool = False

    @property
    def may_write(self) -> bool:
        return self.access == "full"


@dataclass(frozen=True)
class NavItem:
    """One entry of a workspace's navigation; `permission` hides it from those without."""

    label: str
    url_name: str
    icon: str
    permission: str = "read"


@dataclass(frozen=True)
class SettingsLink:
    """A row on the settings page that leads to a page of the tier."""

    title: str
    text: str
    url_name: str
    icon: str
    permission: str = "work"


@dataclass(frozen=True)
class FrontDoors:
    """Dotted paths of the classes that the product plan names; None: not offered yet.

    `services` are all of a tier's systems by name, those two included.
    """

    intelligence: str
    automation: str | None = None
    services: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PassedOn:
    """A charge that another company makes for its service.

    `amount` and `with_gst` in 1/10,000 of a rupee for one; `label` is to be translated.
    """

    label: str
    amount: int
    with_gst: int
    valid_from: date
    source: str


@dataclass(frozen=True)
class TierSpec:
    """Everything a tier offers, by dotted path, resolved on use."""

    code: str
    label: str
    monthly_price: Rupees
    annual_price: Rupees
    complexity_level: str
    analysis_depth: str
    integrations: tuple[str, ...]
    queue: str
    limits: Mapping[str, int]
    apps_public: tuple[str, ...]
    apps_tenant: tuple[str, ...]
    urlconf: str
    api_urls: str
    navigation: str
    settings_links: str
    front_doors: FrontDoors
    profile: str
    signup_form: str
    demo: str
    on_ready: str | None = None
    sample: str | None = None
    # usage_of() -> dict[quota, int], called inside the workspace.
    usage: str | None = None
    # done_of() -> dict[label to be translated, int], called inside the workspace.
    done: str | None = None
    # consents_of() -> dict[label to be translated, int], called inside the workspace.
    consents: str | None = None
    # waiting_of(today) -> int: how much waits for a person, called inside the workspace.
    waiting: str | None = None
    # passed_on(today) -> tuple[PassedOn, ...]: what another company charges beside the plan.
    passed_on: str | None = None
    task_modules: tuple[str, ...] = ()
    effect_handlers: tuple[str, ...] = ()
    # By provider: the class that receives its webhooks (WebhookReceiver).
    webhooks: Mapping[str, str] = field(default_factory=dict)

    def dotted_paths(self) -> tuple[str, ...]:
        """Every dotted path of this row, for the test that resolves them all."""
        single = (self.navigation, self.settings_links, self.profile, self.signup_form, self.demo)
        optional = (
            self.on_ready,
            self.sample,
            self.usage,
            self.done,
            self.consents,
            self.waiting,
            self.passed_on,
            self.front_doors.automation,
        )
        modules = (self.urlconf, self.api_urls, *self.task_modules, *self.effect_handlers)
        doors = self.front_doors
        classes = (doors.intelligence, *doors.services.values(), *self.webhooks.values())
        paths = (*single, *classes, *optional, *modules)
        return tuple(path for path in paths if path)


def resolve(dotted_path: str) -> Any:
    """Import 'package.module.name' or 'package.module' on use."""
    module_path, _, name = dotted_path.rpartition(".")
    try:
        return getattr(import_module(module_path), name)
    except AttributeError:
        return import_module(dotted_path)


def entitlements_of(tenant: Any) -> Entitlements:
    """What this workspace may do, asked of billing; read-only when billing cannot answer."""
    from django.conf import settings

    try:
        answer: Entitlements = resolve(settings.ENTITLEMENTS)(tenant)
        return answer
    except Exception:
        # Whatever broke in billing, a shop must still see its own work.
        logger.exception("entitlements could not be read; answering read_only")
        return Entitlements(access="read_only")
