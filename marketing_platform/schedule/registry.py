"""Handlers of due work, by name."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.apps import apps
from django.utils.module_loading import module_has_submodule

Handler = Callable[..., Any]


@dataclass(frozen=True)
class Work:
    """A kind of work; see work_handler. `is_passing` work is of no use later than planned."""

    handler: Handler
    given_up: Handler | None = None
    public: bool = False
    works_when_read_only: bool = False
    is_passing: bool = False


HANDLERS: dict[str, Work] = {}


def work_handler(
    name: str,
    *,
    given_up: Handler | None = None,
    public: bool = False,
    works_when_read_only: bool = False,
) -> Callable[[Handler], Handler]:
    """Register a function for a kind of work: handler(tenant, **arguments).

    It runs inside the workspace that its row names; a row that names none is dead, unless the work
    is marked `public`: then it runs on the public side and may name none. It may run again after a
    crash, so it looks before it acts. `given_up(tenant, reason=..., **arguments)` is called on the
    public side when a row dies, in the transaction that says so.

    Work of a workspace that is being prepared, failed or blocked waits, and nothing is lost. Work
    of one that may only read is given up with that reason, so that an owner's post of last week
    does not go out when they pay again; `works_when_read_only` work runs all the same.
    """

    def register(handler: Handler) -> Handler:
        work_register(
            name,
            Work(handler, given_up, public=public, works_when_read_only=works_when_read_only),
        )
        return handler

    return register


def work_register(name: str, work: Work) -> None:
    if name in HANDLERS and HANDLERS[name].handler is not work.handler:
        raise ValueError(f"two handlers for {name}")
    HANDLERS[name] = work


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
