"""The form for a pasted token, made of the provider's own fields."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext, gettext_lazy

from marketing_platform.connections.providers import Provider

LONGEST = 4000


class TokenForm(forms.Form):
    """Secrets are never filled in again; what was typed in the other fields is kept."""

    def __init__(self, provider: Provider, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for row in provider.token_fields:
            widget = forms.PasswordInput if row.is_secret else forms.TextInput
            help_text = gettext(row.hint)
            if settings.CONNECTIONS_MODE == "sandbox" and row.sandbox:
                help_text = gettext("Sandbox: %(value)s") % {"value": row.sandbox}
            self.fields[row.name] = forms.CharField(
                label=gettext(row.label),
                help_text=help_text,
                max_length=LONGEST,
                required=row.is_required,
                widget=widget(attrs={"autocomplete": "off", "spellcheck": "false"}),
                error_messages={"required": gettext_lazy("Please fill this in.")},
            )
