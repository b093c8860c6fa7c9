"""Billing's due work, by what it is about. Every module of this package is loaded."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

from billing.tasks.gateways import (  # noqa: E402
    apply_event,
    end_trial,
    refresh_checkout,
    refresh_subscription,
)

__all__ = ["apply_event", "end_trial", "refresh_checkout", "refresh_subscription"]
