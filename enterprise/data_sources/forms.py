"""Uploading a file and saying what its columns hold."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from enterprise.data_sources.engine.contracts import (
    AD_KINDS,
    LARGEST_FILE,
    DateOrder,
    FileKind,
    Role,
)
from enterprise.data_sources.services import Preview

KINDS = {
    FileKind.GOOGLE_ADS: _("Google Ads report"),
    FileKind.META_ADS: _("Meta Ads report (Facebook, Instagram)"),
    FileKind.LINKEDIN_ADS: _("LinkedIn Ads report"),
    FileKind.LEADS: _("Leads: a list, or counts by date"),
    FileKind.METRICS: _("Any figures by date"),
}
ROLES = {
    Role.IGNORE: _("Leave out"),
    Role.DATE: _("Date"),
    Role.END_DATE: _("Last day of the row"),
    Role.CAMPAIGN: _("Campaign"),
    Role.COST: _("Cost"),
    Role.CURRENCY: _("Currency"),
    Role.IMPRESSIONS: _("Impressions"),
    Role.CLICKS: _("Clicks"),
    Role.LEADS: _("Leads"),
    Role.SOURCE: _("Where the lead came from"),
    Role.METRIC: _("A figure to follow"),
}
SPEND_ROLES = (
    Role.IGNORE,
    Role.DATE,
    Role.END_DATE,
    Role.CAMPAIGN,
    Role.COST,
    Role.CURRENCY,
    Role.IMPRESSIONS,
    Role.CLICKS,
    Role.LEADS,
)
DATE_ORDERS = {
    DateOrder.DAY_FIRST: _("Day first: 03/04/2026 is 3 April"),
    DateOrder.MONTH_FIRST: _("Month first: 03/04/2026 is March 4"),
}


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        help_text=_("CSV or XLSX, at most 10 MB, as your ad platform or CRM exports it."),
        error_messages={"empty": _("This file is empty.")},
    )

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(
                _("This file is larger than 10 MB. Export a shorter period.")
            )
        return file


class MappingForm(forms.Form):
    """What the file is and what each column holds; one field per column, `column_0` on."""

    kind = forms.ChoiceField(label=_("What is this?"), choices=list(KINDS.items()))
    source_name = forms.CharField(
        label=_("Name of the source"),
        max_length=80,
        help_text=_("A second account of the same platform gets its own name."),
    )
    date_order = forms.ChoiceField(
        label=_("How are dates written?"),
        choices=[("", _("Please choose")), *DATE_ORDERS.items()],
    )

    def __init__(self, data: Any, *, preview: Preview, header: tuple[str, ...]):
        mapping = preview.mapping
        super().__init__(
            data,
            initial={
                "kind": mapping.kind.value,
                "source_name": preview.source_name,
                "date_order": mapping.date_order.value,
            },
        )
        roles = [(role.value, ROLES[role]) for role in roles_of(mapping.kind)]
        for place, role in enumerate(mapping.roles):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=header[place] or f"#{place + 1}",
                choices=roles,
                initial=role.value,
            )

    @property
    def columns(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("column_")]

    @property
    def chosen_roles(self) -> tuple[Role, ...]:
        names = [name for name in self.fields if name.startswith("column_")]
        return tuple(Role(self.cleaned_data[name]) for name in names)


def roles_of(kind: FileKind) -> tuple[Role, ...]:
    """What a column of such a file may hold."""
    if kind in AD_KINDS:
        return SPEND_ROLES
    if kind is FileKind.LEADS:
        return (Role.IGNORE, Role.DATE, Role.SOURCE, Role.LEADS)
    return (Role.IGNORE, Role.DATE, Role.METRIC)
