from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from local.occasions.services import TITLE_LENGTH


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class OccasionKeyForm(forms.Form):
    """Which occasion, in which year."""

    slug = forms.CharField(max_length=80)
    year = forms.IntegerField(min_value=2001, max_value=2100)


class OccasionMoveForm(OccasionKeyForm):
    on = forms.DateField(
        label=_("New date"),
        input_formats=["%Y-%m-%d"],
        widget=DateInput(),
        error_messages={"required": _("Date: choose the day you keep it on.")},
    )


class OccasionAddForm(forms.Form):
    title = forms.CharField(
        label=_("What is it?"),
        max_length=TITLE_LENGTH,
        help_text=_("For example: shop anniversary, village fair."),
        error_messages={"required": _("Name: write what the day is called.")},
    )
    on = forms.DateField(
        label=_("Date"),
        input_formats=["%Y-%m-%d"],
        widget=DateInput(),
        error_messages={"required": _("Date: choose a day.")},
    )
    offers_allowed = forms.BooleanField(
        label=_("Offers are fine on this day"), required=False, initial=True
    )
