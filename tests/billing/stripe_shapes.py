"""Are a call's parameters of the shape that Stripe's SDK documents for its pinned API version?

The SDK's own TypedDicts (`stripe.params`) are the reference. It adds `| str` to every list of
words, for words of the future; here only the documented words count, so a wrong one is noticed.
"""

import inspect
import re
import types
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from importlib import import_module
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints

from stripe import RequestOptions
from typing_extensions import is_typeddict

OPTIONS = {"idempotency_key"}
# What the SDK's annotations name without having it at run time.
NAMES = {"StripeContext": Any, "Mapping": Mapping}


def wrong_shape(call: Callable[..., Any], arguments: tuple[Any, ...]) -> list[str]:
    """What is wrong with calling this method of a service so; [] when nothing is."""
    before = list(inspect.signature(call).parameters).index("params")
    params, options = (*arguments[before:], None, None)[:2]
    found = _wrong(params or {}, params_type(call), "")
    unknown = set(options or {}) - OPTIONS
    return found + [f"options.{name}: unknown" for name in sorted(unknown)]


def params_type(call: Callable[..., Any]) -> Any:
    """The TypedDict of `params`: its name stands in the method, its place follows the service's."""
    name = re.search(r"\w+Params", str(call.__annotations__["params"]))[0]
    folders = type(call.__self__).__module__.split(".")[1:-1]
    return getattr(import_module(".".join(["stripe.params", *folders])), name)


def _wrong(value: Any, wanted: Any, path: str) -> list[str]:
    origin = get_origin(wanted)
    if origin in (NotRequired, Required):
        return _wrong(value, get_args(wanted)[0], path)
    if is_typeddict(wanted):
        return _wrong_dict(value, wanted, path)
    if origin in (Union, types.UnionType):
        arms = _arms(get_args(wanted))
        tries = [_wrong(value, arm, path) for arm in arms]
        return [] if [] in tries else [fault for one in tries for fault in one]
    if origin is Literal:
        return [] if value in get_args(wanted) else [f"{path}: not one of {get_args(wanted)}"]
    if origin is list:
        if not isinstance(value, list):
            return [f"{path}: not a list"]
        return [
            fault
            for number, one in enumerate(value)
            for fault in _wrong(one, get_args(wanted)[0], f"{path}[{number}]")
        ]
    if origin is dict:
        is_good = isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
        return [] if is_good else [f"{path}: not text by name"]
    return _wrong_plain(value, wanted, path)


def _arms(arms: tuple[Any, ...]) -> list[Any]:
    """Without the SDK's open arm: beside documented words `str` means nothing. '' only clears."""
    has_words = any(get_origin(arm) is Literal and get_args(arm) != ("",) for arm in arms)
    closed = [arm for arm in arms if not (has_words and arm is str)]
    return [arm for arm in closed if "UntypedStripeObject" not in repr(arm)]


def _wrong_dict(value: Any, wanted: Any, path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: not an object"]
    hints = _hints(wanted)
    missing = [f"{path}.{name}: missing" for name in wanted.__required_keys__ - set(value)]
    faults = [f"{path}.{name}: unknown" for name in value if name not in hints]
    for name in set(value) & set(hints):
        faults += _wrong(value[name], hints[name], f"{path}.{name}")
    return missing + faults


@cache
def _hints(wanted: Any) -> dict[str, Any]:
    """Without the options of a call, which some of the SDK's types hold too."""
    hints = get_type_hints(wanted, localns=NAMES, include_extras=True)
    return {
        name: hint for name, hint in hints.items() if name not in RequestOptions.__annotations__
    }


def _wrong_plain(value: Any, wanted: Any, path: str) -> list[str]:
    if wanted is Any:
        return []
    allowed = {float: (int, float), Decimal: (Decimal, str)}.get(wanted, wanted)
    is_bool_for_number = isinstance(value, bool) and wanted is not bool
    if isinstance(value, allowed) and not is_bool_for_number:
        return []
    return [f"{path}: {type(value).__name__} for {getattr(wanted, '__name__', wanted)}"]
