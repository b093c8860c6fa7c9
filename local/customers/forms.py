"""The counter, a person's facts, consent, and files. The rules are those of the engines."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from local.customers.engine.cells import birthday_of, paise_of
from local.customers.engine.columns import Role
from local.customers.engine.phones import mobile_of
from local.customers.services import Preview
from marketing_platform.api.problems import sentence_of
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.tables import LARGEST_FILE

LANGUAGES = [
    ("", _("Not known")),
    ("en", "English"),
    ("hi", "हिन्दी"),
    ("hinglish", "Hinglish"),
    ("mr", "मराठी"),
]
ROLES = {
    Role.IGNORE: _("Leave out"),
    Role.NAME: _("Name"),
    Role.PHONE: _("Mobile number"),
    Role.AMOUNT: _("Bill amount"),
    Role.DATE: _("Date of the bill"),
    Role.ITEMS: _("What they bought"),
    Role.LANGUAGE: _("Language"),
    Role.BIRTHDAY: _("Birthday"),
    Role.NOTE: _("Note"),
    Role.CONSENT: _("Agreed to WhatsApp (yes or no)"),
    Role.CONSENT_DATE: _("Date they agreed"),
    Role.CONSENT_HOW: _("How they agreed"),
}


def read_as(read: Callable[[str], Any], text: str) -> Any:
    """An engine's reading, its sentence as the field's error."""
    try:
        return read(text)
    except PlatformError as error:
        raise forms.ValidationError(sentence_of(error)) from error


class PhoneField(forms.CharField):
    def __init__(self, **options: Any) -> None:
        attrs = {"inputmode": "tel", "autocomplete": "off"}
        super().__init__(max_length=80, widget=forms.TextInput(attrs), **options)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        return read_as(mobile_of, text) if text else ""


class AmountField(forms.CharField):
    """Rupees as typed; integer paise, or None when empty."""

    def __init__(self, **options: Any) -> None:
        attrs = {"inputmode": "decimal", "autocomplete": "off"}
        super().__init__(max_length=40, widget=forms.TextInput(attrs), **options)

    def clean(self, value: Any) -> int | None:
        return read_as(paise_of, super().clean(value))


class BirthdayField(forms.CharField):
    """(month, day) or None; the year is not kept."""

    def clean(self, value: Any) -> tuple[int, int] | None:
        text = super().clean(value)
        found = birthday_of(text) if text else None
        if text and found is None:
            raise forms.ValidationError(_("Birthday: write day and month, for example 14/02."))
        return found


class SearchForm(forms.Form):
    q = forms.CharField(required=False, max_length=80)
    segment = forms.CharField(required=False, max_length=20)
    page = forms.IntegerField(required=False, min_value=1, max_value=100_000)


class CounterForm(forms.Form):
    phone = PhoneField(label=_("Mobile number"), required=False)
    name = forms.CharField(label=_("Name"), required=False, max_length=80)
    amount = AmountField(
        label=_("Amount"),
        error_messages={"required": _("Amount: write what the bill came to.")},
    )
    items = forms.CharField(label=_("What they bought"), required=False, max_length=300)
    consent = forms.BooleanField(required=False)
    asked_again = forms.BooleanField(required=False)
    form_key = forms.UUIDField(required=False, widget=forms.HiddenInput())


class CustomerForm(forms.Form):
    phone = PhoneField(label=_("Mobile number"), required=False)
    name = forms.CharField(label=_("Name"), required=False, max_length=80)
    language = forms.ChoiceField(label=_("Language"), required=False, choices=LANGUAGES)
    birthday = BirthdayField(
        label=_("Birthday"),
        required=False,
        max_length=20,
        help_text=_("Day and month, for example 14/02. We do not keep the year."),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=300)
    is_minor = forms.BooleanField(
        label=_("This is a child; the number is a parent's"), required=False
    )
    guardian_name = forms.CharField(label=_("Parent's name"), required=False, max_length=80)


class NewCustomerForm(CustomerForm):
    phone = PhoneField(
        label=_("Mobile number"),
        error_messages={"required": _("Number: write the mobile number.")},
    )


class ConsentForm(forms.Form):
    consent = forms.BooleanField(
        error_messages={"required": _("Tick that they agreed, after they have read it.")}
    )
    asked_again = forms.BooleanField(required=False)
    proof = forms.FileField(
        label=_("Photo of a signed slip"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": "image/*"}),
    )


class EnquiryForm(forms.Form):
    text = forms.CharField(label=_("What they asked"), max_length=300)


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        help_text=_("CSV or XLSX, up to 10,000 rows, from your billing program or your own list."),
        error_messages={
            "required": _("File: choose a CSV or XLSX file."),
            "empty": _("This file is empty."),
        },
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(
                _("This file is larger than 10 MB. Export a shorter period.")
            )
        return file


class ColumnsForm(forms.Form):
    """What each column holds: one field per column, `column_0` on."""

    def __init__(self, posted: Any, *, preview: Preview):
        super().__init__(posted)
        header = preview.header
        for place, role in enumerate(preview.mapping.roles):
            label = header[place] if place < len(header) and header[place] else f"#{place + 1}"
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=label[:60],
                choices=[(role.value, text) for role, text in ROLES.items()],
                initial=role.value,
                required=False,
            )

    @property
    def roles(self) -> list[Role]:
        return [Role(self.cleaned_data[name] or Role.IGNORE) for name in self.fields]


class ConfirmForm(forms.Form):
    """Whether the file's yes is taken as consent, and how it was come by."""

    takes_consent = forms.BooleanField(required=False)
    how = forms.CharField(
        label=_("How were they asked?"),
        required=False,
        max_length=200,
        help_text=_("For example: signed slips at the counter, kept in a folder."),
    )
    collected_on = forms.DateField(
        label=_("Until which day were these collected?"),
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("For rows without a date of their own."),
    )
    is_true = forms.BooleanField(required=False)
