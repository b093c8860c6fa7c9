"""Forms of the workspace's settings."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ApiKeyForm(forms.Form):
    name = forms.CharField(
        label=_("What is the key for?"),
        max_length=80,
        help_text=_("For example: our website"),
    )
    access = forms.ChoiceField(
        label=_("What may it do?"),
        choices=[("read", _("Only read")), ("write", _("Read and write"))],
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[("live", _("Live")), ("test", _("Test: nothing leaves the platform"))],
    )
    days = forms.TypedChoiceField(
        label=_("Works for"),
        coerce=int,
        choices=[(90, _("90 days")), (365, _("1 year")), (0, _("Until you revoke it"))],
    )
