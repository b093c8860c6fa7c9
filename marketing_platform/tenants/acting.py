"""Which workspace acts, held in a ContextVar: right in threads, tasks and coroutines alike.

A new thread starts with an empty context and so acts for nobody: the public side, where no
workspace table exists.
"""

import functools
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

PUBLIC_SCHEMA = "public"
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Acting:
    """The acting schema, the row it comes from (None on the public side) and the search path."""

    schema: str
    tenant: Any = field(default=None, compare=False)
    path: tuple[str, ...] = (PUBLIC_SCHEMA,)


PUBLIC = Acting(PUBLIC_SCHEMA)
ACTING: ContextVar[Acting] = ContextVar("acting_workspace", default=PUBLIC)


def acting_for(tenant: Any, *, include_public: bool = True) -> Acting:
    """The state of acting for a tenant row, or anything with a `schema_name`."""
    schema = tenant.schema_name
    if schema == PUBLIC_SCHEMA:
        return PUBLIC
    return Acting(schema, tenant, (schema, PUBLIC_SCHEMA) if include_public else (schema,))


def bound(func: Callable[P, R]) -> Callable[P, R]:
    """The function, run later for the workspace that acts now, wherever it is called."""
    acting = ACTING.get()

    @functools.wraps(func)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        token = ACTING.set(acting)
        try:
            return func(*args, **kwargs)
        finally:
            ACTING.reset(token)

    return run
