"""The business in forms: sign-up asks four things, settings all of them.

The rules are those of the engine; a form only turns their errors into field errors.
"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from local.business.engine import CATEGORIES, CITIES, LANGUAGES, category_of, city_of
from local.business.engine.details import (
    ADDRESS_LENGTH,
    clean_address,
    clean_licence,
    clean_name,
    clean_phone,
)
from local.business.models import BudgetBand
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.language import shown_language

LANGUAGE_CHOICES = [
    ("en", "English"),
    ("hi", "हिन्दी"),
    ("hinglish", _("Hinglish (Hindi in English letters)")),
    ("mr", "मराठी"),
]


class CityField(forms.CharField):
    """A city by any of its names; the browser offers the list as one types."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=60, widget=CityInput(), **options)

    def clean(self, value: Any) -> str:
        return _field_error(city_of, super().clean(value)).slug


class CityInput(forms.TextInput):
    template_name = "local/business/city_input.html"

    def format_value(self, value: Any) -> str | None:
        """A stored slug is shown as the city's name."""
        city = CITIES.get(value or "")
        return city.names[_interface_language()] if city else super().format_value(value)

    def get_context(self, name: str, value: Any, attrs: dict | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        language = _interface_language()
        names = sorted(city.names[language] for city in CITIES.values())
        list_id = f"{context['widget']['attrs'].get('id', name)}_list"
        context["widget"] |= {"cities": names, "list_id": list_id}
        context["widget"]["attrs"] |= {"list": list_id, "autocomplete": "address-level2"}
        return context


class BusinessStartForm(forms.Form):
    """The business step of sign-up."""

    name = forms.CharField(
        label=_("Name of your business"),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages={"required": _("Name: write the name that customers know.")},
    )
    category = forms.ChoiceField(label=_("What kind of business?"))
    city = CityField(
        label=_("City"),
        help_text=_("Festivals and seasons of your city decide what you post."),
        error_messages={"required": _("City: choose the city your customers live in.")},
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages of your posts"),
        choices=LANGUAGE_CHOICES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Languages: choose at least one.")},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        language = _interface_language()
        self.fields["category"].choices = [
            ("", gettext("Choose")),
            *((slug, category.names[language]) for slug, category in CATEGORIES.items()),
        ]

    def clean_name(self) -> str:
        return _field_error(clean_name, self.cleaned_data["name"])


def signup_form(data: Mapping[str, Any] | None = None, language: str = "en") -> BusinessStartForm:
    """The form of sign-up's business step; its `name` is the business's name."""
    chosen = {"hi": ["hi", "hinglish"], "mr": ["mr", "en"]}.get(language, ["en"])
    return BusinessStartForm(data, initial={"languages": chosen})


class BusinessForm(BusinessStartForm):
    """Everything about the business, in settings; its colours stand with the posters' look."""

    phone = forms.CharField(
        label=_("Phone for customers"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )
    address = forms.CharField(
        label=_("Address"),
        required=False,
        max_length=ADDRESS_LENGTH * 2,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"}),
    )
    licence_number = forms.CharField(
        label=_("Licence number"),
        required=False,
        max_length=60,
        help_text=_("Food businesses: your 14-digit FSSAI number. It is printed on posters."),
    )
    monthly_budget_band = forms.ChoiceField(
        label=_("Monthly marketing budget"), choices=BudgetBand, required=False
    )

    def clean_phone(self) -> str:
        return _field_error(clean_phone, self.cleaned_data["phone"])

    def clean_address(self) -> str:
        return _field_error(clean_address, self.cleaned_data["address"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        category = cleaned.get("category")
        if category and "licence_number" in cleaned:
            try:
                cleaned["licence_number"] = clean_licence(
                    cleaned["licence_number"], is_food=category_of(category).is_food
                )
            except PlatformError as error:
                self.add_error("licence_number", _sentence(error))
        return cleaned


def _field_error(check: Any, given: Any) -> Any:
    try:
        return check(given)
    except PlatformError as error:
        raise forms.ValidationError(_sentence(error)) from error


def _sentence(error: PlatformError) -> str:
    sentence = gettext(error.sentence)
    return sentence % error.params if error.params else sentence


def _interface_language() -> str:
    return shown_language(get_language(), LANGUAGES)
