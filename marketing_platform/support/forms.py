from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketing_platform.api.problems import sentence_of
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.text import clean_line
from marketing_platform.support.models import BestTime
from marketing_platform.users.phones import phone_parse


class CallForm(forms.Form):
    """Who is to be called, and about what; a company only where somebody buys for one."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"})
    )
    company = forms.CharField(
        label=_("Company"),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "organization"}),
    )
    phone = forms.CharField(
        label=_("Mobile number"),
        max_length=24,
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "tel-national"}),
    )
    words = forms.CharField(
        label=_("What is it about?"),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )
    best_time = forms.ChoiceField(
        label=_("When is a good time?"), choices=BestTime, required=False, initial=BestTime.ANY
    )

    def clean_best_time(self) -> str:
        return self.cleaned_data["best_time"] or BestTime.ANY

    def __init__(self, *args: Any, with_company: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not with_company:
            del self.fields["company"]

    def clean_name(self) -> str:
        return clean_line(self.cleaned_data["name"])

    def clean_phone(self) -> str:
        try:
            return phone_parse(self.cleaned_data["phone"])
        except PlatformError as error:
            raise forms.ValidationError(sentence_of(error)) from error
