"""How a row is shown to staff: rupees, percent, names of people and States, and where to go on."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import FieldDoesNotExist
from django.db.models import BooleanField, Field, JSONField, Model
from django.forms import RadioSelect, Select, Textarea
from django.urls import NoReverseMatch, reverse
from django.utils.formats import localize
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import is_aware, localtime
from unfold.widgets import INPUT_CLASSES, SELECT_CLASSES, TEXTAREA_CLASSES

from billing.engine.gst import STATES
from marketing_platform.core.money import Rupees
from marketing_platform.users.models import User

EMPTY = "–"
GATEWAYS = {"razorpay": "Razorpay", "stripe": "Stripe", "sandbox": "Sandbox", "": "None"}
METHODS = {
    "upi": "UPI",
    "emandate": "eMandate",
    "card": "Card",
    "netbanking": "Net banking",
    "bank_transfer": "Bank transfer",
    "wallet": "Wallet",
}
LINK = "text-primary-600 dark:text-primary-500 underline"
PEOPLE = frozenset({"actor_id", "user_id"})
OF_STATE = frozenset({"state_code", "place_of_supply"})
Show = Callable[[Any], Any]


def shown_fields(model: type[Model], names: Iterable[Any]) -> list[Any]:
    """The same fields, those that a person cannot read as they stand in words."""
    return [_shown(model, name) if isinstance(name, str) else name for name in names]


@cache
def _shown(model: type[Model], name: str) -> Any:
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return name
    words = words_of(field)
    if words is None:
        return name

    def show(row: Any) -> Any:
        value = getattr(row, field.attname)
        return EMPTY if value in (None, "", [], {}) else words(value)

    show.short_description = _label(field)  # type: ignore[attr-defined]
    return show


def words_of(field: Any) -> Show | None:
    """How this kind of value is told; None when it is readable as it stands."""
    name = field.name
    if name.endswith("_paise"):
        return lambda paise: Rupees(paise).format()
    if name.endswith("_basis_points"):
        return lambda points: f"{points / 100:g} %"
    if name in PEOPLE:
        return person
    if name in OF_STATE:
        return state_words
    if name == "gateway":
        return lambda code: GATEWAYS.get(code, code)
    if name == "method":
        return method_words
    if isinstance(field, BooleanField):
        return lambda is_so: "Yes" if is_so else "No"
    if isinstance(field, JSONField):
        return json_words
    return None


def _label(field: Any) -> str:
    text = str(field.verbose_name)
    for end in (" paise", " basis points", " id"):
        text = text.removesuffix(end)
    return {"actor": "by"}.get(text, text)


def person(pk: Any) -> str | SafeString:
    """The name of who did it, with a link; the id of somebody who is no more."""
    user = User.objects.filter(pk=pk).first()
    return str(pk) if user is None else link(user, str(user))


def method_words(code: str) -> str:
    """How it was paid, as people say it."""
    return METHODS.get(code, code.replace("_", " ").capitalize()) or EMPTY


def state_words(code: str) -> str:
    return f"{code} {STATES.get(code, '')}".strip() or EMPTY


def json_words(value: Any) -> SafeString | str:
    """Names and values in lines; what ends in `_paise` as rupees."""
    if isinstance(value, dict):
        rows = ((_key_words(key), _of_key(key, each)) for key, each in value.items())
        return format_html_join("", "<div>{}: {}</div>", rows)
    if isinstance(value, list):
        return format_html_join("", "<div>{}</div>", ((json_words(each),) for each in value))
    return EMPTY if value in (None, "") else str(value)


def _key_words(key: str) -> str:
    return key.removesuffix("_paise").replace("_", " ").capitalize()


def _of_key(key: str, value: Any) -> Any:
    is_money = key.endswith("_paise") and isinstance(value, int)
    return Rupees(value).format() if is_money else json_words(value)


def facts_of(row: Any, model_admin: Any) -> list[tuple[str, Any]]:
    """What the list shows of this row, as pairs: for a form that asks before an act."""
    found = []
    for name in model_admin.list_display:
        label = label_for_field(name, row._meta.model, model_admin)
        words = str(label)
        found.append((words[:1].upper() + words[1:], _value(row, name, model_admin)))
    return found


def _value(row: Any, name: str, model_admin: Any) -> Any:
    field, _attribute, value = lookup_field(name, row, model_admin)
    if isinstance(field, Field) and field.choices:
        value = getattr(row, f"get_{field.name}_display")()
    if value is None or value == "":
        return EMPTY
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if hasattr(value, "tzinfo") and hasattr(value, "date") and is_aware(value):
        value = localtime(value)
    return localize(value)


def link(row: Model, words: str = "") -> SafeString:
    """To the page of a row; the words alone for what has no page."""
    meta = row._meta
    name = f"admin:{meta.app_label}_{meta.model_name}_change"
    try:
        address = reverse(name, args=[row.pk])
    except NoReverseMatch:
        return format_html("{}", words or str(row))
    return format_html('<a class="{}" href="{}">{}</a>', LINK, address, words or str(row))


def styled(form: Any) -> Any:
    """The fields of a form of ours look like those of the rest of the admin."""
    for bound in form.visible_fields():
        widget = bound.field.widget
        if isinstance(widget, Textarea):
            classes = TEXTAREA_CLASSES
        elif isinstance(widget, RadioSelect):
            continue
        else:
            classes = SELECT_CLASSES if isinstance(widget, Select) else INPUT_CLASSES
        widget.attrs["class"] = " ".join(classes)
    return form


def link_list(name: str, query: str, words: str) -> SafeString:
    """To a list, filtered."""
    return anchor(f"{reverse(f'admin:{name}_changelist')}?{query}", words)


def anchor(address: str, words: str) -> SafeString:
    return format_html('<a class="{}" href="{}">{}</a>', LINK, address, words)


def joined(links: Iterable[Any]) -> SafeString | str:
    return format_html_join(" · ", "{}", ((each,) for each in links)) or EMPTY
