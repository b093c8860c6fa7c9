"""Uploading a file and saying what its columns hold."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from enterprise.data_sources.engine.contracts import (
    AD_KINDS,
    LARGEST_FILE,
    RECORD_KINDS,
    DateOrder,
    FileKind,
    Role,
)
from enterprise.data_sources.services import Preview

KINDS = {
    FileKind.GOOGLE_ADS: _("Google Ads report"),
    FileKind.META_ADS: _("Meta Ads report (Facebook, Instagram)"),
    FileKind.LINKEDIN_ADS: _("LinkedIn Ads report"),
    FileKind.SPEND: _("Spend by channel and date"),
    FileKind.LEADS: _("Leads: counts by date and source"),
    FileKind.LEAD_LIST: _("Leads by their id, with stages"),
    FileKind.DEALS: _("Deals by their id, with stages"),
    FileKind.OUTCOMES: _("Outcomes by date: orders, revenue, by region"),
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
    Role.CHANNEL: _("Channel"),
    Role.SERIES: _("Name of the figure"),
    Role.VALUE: _("The figure"),
    Role.REVENUE: _("Revenue"),
    Role.REGION: _("Region"),
    Role.ID: _("The record's id"),
    Role.ACCOUNT: _("Account"),
    Role.AMOUNT: _("Amount"),
    Role.STAGE: _("Stage"),
    Role.ENTERED: _("Stage entered on"),
    Role.LEFT: _("Stage left on"),
    Role.CLOSED: _("Closed on"),
    Role.WON: _("Won or not"),
    Role.IS_CLOSED: _("Closed or not"),
    Role.OWNER: _("Salesperson"),
    Role.EMAIL: _("E-mail, kept only as a hash"),
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


GRAINS = {"day": _("By day"), "week": _("By week"), "month": _("By month")}
LARGEST_RATE = Decimal(100_000)


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
                "grain": mapping.grain,
            },
        )
        if mapping.kind not in RECORD_KINDS:
            self.fields["grain"] = self._grain_field(preview)
        for code in currencies_of(preview):
            self.fields[f"rate_{code}"] = self._rate_field(code, mapping.rate_of(code))
        roles = [(role.value, ROLES[role]) for role in roles_of(mapping.kind)]
        for place, role in enumerate(mapping.roles):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=header[place] or f"#{place + 1}",
                choices=roles,
                initial=role.value,
            )

    def _grain_field(self, preview: Preview) -> forms.ChoiceField:
        found = preview.parsed.found_grain if preview.parsed else ""
        seen = _("As the dates say: %(grain)s") % {"grain": GRAINS[found]} if found else ""
        return forms.ChoiceField(
            label=_("What one row stands for"),
            required=False,
            initial=preview.mapping.grain,
            choices=[("", seen or _("As the dates say")), *GRAINS.items()],
        )

    def _rate_field(self, code: str, rate: Decimal | None) -> forms.DecimalField:
        return forms.DecimalField(
            label=_("Rupees for 1 %(currency)s") % {"currency": code},
            help_text=_("One rate for the whole file. It is kept and shown with the import."),
            required=False,
            min_value=Decimal("0.0001"),
            max_value=LARGEST_RATE,
            decimal_places=4,
            initial=rate,
        )

    @property
    def shape_fields(self) -> list[forms.BoundField]:
        """What one row stands for, and exchange rates."""
        return [self[name] for name in self.fields if name == "grain" or name.startswith("rate_")]

    @property
    def rates(self) -> tuple[tuple[str, Decimal], ...]:
        given = {
            name.removeprefix("rate_"): value
            for name, value in self.cleaned_data.items()
            if name.startswith("rate_") and value is not None
        }
        return tuple(sorted(given.items()))

    @property
    def columns(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("column_")]

    @property
    def chosen_roles(self) -> tuple[Role, ...]:
        names = [name for name in self.fields if name.startswith("column_")]
        return tuple(Role(self.cleaned_data[name]) for name in names)


def currencies_of(preview: Preview) -> tuple[str, ...]:
    """Foreign currencies of the file: those that lack a rate, and those that have one."""
    lacking = preview.parsed.currencies if preview.parsed else ()
    return tuple(sorted({*lacking, *(code for code, _rate in preview.mapping.rates)}))


def roles_of(kind: FileKind) -> tuple[Role, ...]:
    """What a column of such a file may hold."""
    return SPEND_ROLES if kind in AD_KINDS else (Role.IGNORE, Role.DATE, *OTHER_ROLES[kind])


OTHER_ROLES = {
    FileKind.SPEND: (Role.END_DATE, Role.CHANNEL, *SPEND_ROLES[3:]),
    FileKind.LEADS: (Role.SOURCE, Role.LEADS),
    FileKind.LEAD_LIST: (
        Role.ID, Role.SOURCE, Role.STAGE, Role.ENTERED, Role.LEFT, Role.OWNER, Role.EMAIL,
    ),
    FileKind.DEALS: (
        Role.ID, Role.ACCOUNT, Role.AMOUNT, Role.CURRENCY, Role.STAGE, Role.ENTERED, Role.LEFT,
        Role.CLOSED, Role.WON, Role.IS_CLOSED, Role.SOURCE, Role.OWNER,
    ),
    FileKind.OUTCOMES: (Role.SERIES, Role.VALUE, Role.REVENUE, Role.CURRENCY, Role.REGION),
    FileKind.METRICS: (Role.METRIC,),
}  # fmt: skip
