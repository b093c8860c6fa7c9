"""Handlers of due work, by name."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.apps import apps
from django.utils.module_loading import module_has_submodule

Handler = Callable[..., Any]
HANDLERS: dict[str, Handler] = {}
GIVEN_UP: dict[str, Handler] = {}


def work_handler(name: str, *, given_up: Handler | None = None) -> Callable[[Handler], Handler]:
    """Register a function for a kind of work: handler(tenant, **arguments).

    It runs inside the workspace's context when the row names one. It may run again after a crash,
    so it looks before it acts. `given_up(tenant, reason=..., **arguments)` is called on the public
    side when a row dies, in the transaction that says so.
    """

    def register(handler: Handler) -> Handler:
        if HANDLERS.get(name, handler) is not handler:
            raise ValueError(f"two handlers for {name}")
        HANDLERS[name] = handler
        if given_up is not None:
            GIVEN_UP[name] = given_up
        return handler

    return register


def handlers_load() -> None:
    """Import the `tasks` module of every installed app, so that its handlers are known."""
    for config in apps.get_app_configs():
        is_ours = config.name.split(".")[0] in {
            "marketing_platform",
            "enterprise",
            "local",
            "billing",
        }
        if is_ours and config.module and module_has_submodule(config.module, "tasks"):
            import_module(f"{config.name}.tasks")
