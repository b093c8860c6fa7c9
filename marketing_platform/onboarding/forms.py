"""Forms of sign-up and sign-in."""

from copy import deepcopy
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marketing_platform.core.errors import PlatformError
from marketing_platform.core.text import clean_line
from marketing_platform.users.models import User
from marketing_platform.users.phones import phone_parse


class NameField(forms.CharField):
    def __init__(self, **options: Any):
        widget = forms.TextInput(attrs={"autocomplete": "name"})
        super().__init__(max_length=120, label=_("Your name"), widget=widget, **options)

    def to_python(self, value: Any) -> str:
        return clean_line(super().to_python(value) or "")


class PhoneField(forms.CharField):
    """An Indian mobile number, cleaned to E.164."""

    def __init__(self, **options: Any):
        attributes = {
            "inputmode": "tel",
            "autocomplete": "tel-national",
            "placeholder": "99999 00001",
        }
        options.setdefault("label", _("Mobile number"))
        super().__init__(max_length=24, widget=forms.TextInput(attrs=attributes), **options)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return phone_parse(text)
        except PlatformError as error:
            raise forms.ValidationError(gettext(error.sentence)) from error


class EmailField(forms.EmailField):
    def __init__(self, **options: Any):
        widget = forms.EmailInput(attrs={"autocomplete": "email"})
        options.setdefault("label", _("Work e-mail"))
        super().__init__(max_length=254, widget=widget, **options)

    def clean(self, value: Any) -> str:
        return super().clean(value).lower()


class YouLocalForm(forms.Form):
    full_name = NameField()
    phone = PhoneField()


class YouEnterpriseForm(forms.Form):
    full_name = NameField()
    email = EmailField()
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 10 characters. A short sentence works well."),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        return _password_checked(self, super().clean() or {})


class JoinForm(forms.Form):
    """Who accepts an invitation; with an e-mail also the password for the next time."""

    full_name = NameField()

    def __init__(self, *args: Any, with_password: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if with_password:
            self.fields["password"] = deepcopy(YouEnterpriseForm.base_fields["password"])

    def clean(self) -> dict[str, Any]:
        return _password_checked(self, super().clean() or {})


def _password_checked(form: forms.Form, cleaned: dict[str, Any]) -> dict[str, Any]:
    password = cleaned.get("password")
    if password:
        person = User(email=cleaned.get("email"), full_name=cleaned.get("full_name", ""))
        try:
            validate_password(password, person)
        except forms.ValidationError as error:
            form.add_error("password", error)
    return cleaned


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Six-digit code"),
        max_length=12,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "pattern": "[0-9 ]*"}
        ),
    )


class FactorForm(forms.Form):
    code = forms.CharField(
        label=_("Code from your authenticator app, or a recovery code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "none"}),
    )


class PasswordForm(forms.Form):
    password = forms.CharField(
        label=_("Your password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class PhoneSignInForm(forms.Form):
    phone = PhoneField()


class EmailSignInForm(forms.Form):
    email = EmailField(label=_("E-mail"))
    password = forms.CharField(
        label=_("Password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class PlanForm(forms.Form):
    period = forms.ChoiceField(choices=[("monthly", _("Monthly")), ("annual", _("Yearly"))])
    action = forms.ChoiceField(choices=[("trial", _("Try")), ("pay", _("Pay"))])
