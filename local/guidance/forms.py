"""What the pages of guides take in. Shapes of proof are judged by the engine."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from local.guidance.engine import Proof
from local.guidance.engine.contracts import EvidenceShown


class TickForm(forms.Form):
    step = forms.SlugField(max_length=60)
    is_done = forms.BooleanField(required=False)


class ProofForm(forms.Form):
    """One field: the proof that the guide asks for."""

    def __init__(self, *args: Any, evidence: EvidenceShown, **options: Any) -> None:
        super().__init__(*args, **options)
        self.kind = evidence.kind
        self.fields[self.kind] = _field(evidence)

    @property
    def proof(self) -> Proof:
        given = {name: value for name, value in self.cleaned_data.items() if name != "photo"}
        return Proof(**given)


def _field(evidence: EvidenceShown) -> forms.Field:
    shared = {"label": evidence.label, "help_text": evidence.help}
    if evidence.kind == "photo":
        accept = {"accept": "image/jpeg,image/png,image/webp"}
        return forms.FileField(
            widget=forms.FileInput(attrs=accept),
            error_messages={"required": _("Choose a photo first.")},
            **shared,
        )
    if evidence.kind == "url":
        # Text, so that the engine's sentence answers, not the browser's.
        return forms.CharField(
            max_length=500,
            widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
            error_messages={"required": _("Paste the link here.")},
            **shared,
        )
    if evidence.kind == "number":
        return forms.IntegerField(
            min_value=1,
            max_value=evidence.most,
            widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            error_messages={"required": _("Enter the number.")},
            **shared,
        )
    return forms.BooleanField(error_messages={"required": _("Tick this when it is so.")}, **shared)


class CardForm(forms.Form):
    link = forms.CharField(
        label=_("Your review link from Google"),
        max_length=500,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
        error_messages={"required": _("Paste the link here.")},
    )
