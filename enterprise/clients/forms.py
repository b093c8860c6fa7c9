"""The company's details: at sign-up a few, in the settings all."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from enterprise.clients.engine import STATES
from enterprise.clients.errors import InvalidDetail
from enterprise.clients.models import EmployeeBand, Industry, RevenueBand
from enterprise.clients.services import gstin_cleaned
from marketing_platform.core.text import clean_line

INDUSTRIES = {
    Industry.CONSUMER_DURABLES: _("Consumer durables and appliances"),
    Industry.CONSUMER_GOODS: _("Consumer goods (FMCG)"),
    Industry.RETAIL: _("Retail and e-commerce"),
    Industry.FINANCE: _("Banking, finance and insurance"),
    Industry.HEALTHCARE: _("Healthcare and pharma"),
    Industry.EDUCATION: _("Education"),
    Industry.REAL_ESTATE: _("Real estate and construction"),
    Industry.AUTOMOTIVE: _("Automotive"),
    Industry.TECHNOLOGY: _("Software and IT services"),
    Industry.TRAVEL: _("Travel and hospitality"),
    Industry.MANUFACTURING: _("Manufacturing and B2B"),
    Industry.MEDIA: _("Media and telecom"),
    Industry.OTHER: _("Other"),
}
EMPLOYEES = {
    EmployeeBand.UNSET: _("Not said"),
    EmployeeBand.UP_TO_50: _("Up to 50"),
    EmployeeBand.UP_TO_250: _("51 to 250"),
    EmployeeBand.UP_TO_1000: _("251 to 1,000"),
    EmployeeBand.UP_TO_5000: _("1,001 to 5,000"),
    EmployeeBand.ABOVE_5000: _("More than 5,000"),
}
REVENUES = {
    RevenueBand.UNSET: _("Not said"),
    RevenueBand.UP_TO_10_CRORE: _("Up to ₹10 crore"),
    RevenueBand.UP_TO_50_CRORE: _("₹10 to 50 crore"),
    RevenueBand.UP_TO_250_CRORE: _("₹50 to 250 crore"),
    RevenueBand.UP_TO_1000_CRORE: _("₹250 to 1,000 crore"),
    RevenueBand.ABOVE_1000_CRORE: _("More than ₹1,000 crore"),
}


def _choices(labels: dict) -> list[tuple[str, Any]]:
    return [(str(value), label) for value, label in labels.items()]


class CompanyForm(forms.Form):
    """Sign-up, step "business". `name` is the company's name."""

    name = forms.CharField(label=_("Company name"), max_length=120)
    industry = forms.ChoiceField(
        label=_("Industry"), choices=[("", _("Choose one")), *_choices(INDUSTRIES)]
    )
    city = forms.CharField(label=_("City of the head office"), max_length=60)
    state = forms.ChoiceField(
        label=_("State"), help_text=_("The State decides which GST is charged.")
    )
    employee_count = forms.ChoiceField(
        label=_("People who work there"),
        choices=_choices(EMPLOYEES),
        required=False,
        initial=EmployeeBand.UNSET,
    )
    annual_revenue = forms.ChoiceField(
        label=_("Revenue a year"),
        choices=_choices(REVENUES),
        required=False,
        initial=RevenueBand.UNSET,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        named = sorted(
            ((letters, gettext(name)) for letters, name in STATES.items()), key=lambda one: one[1]
        )
        self.fields["state"].choices = [("", gettext("Choose one")), *named]

    def clean_name(self) -> str:
        return self._filled("name")

    def clean_city(self) -> str:
        return self._filled("city")

    def clean_employee_count(self) -> str:
        return self.cleaned_data["employee_count"] or EmployeeBand.UNSET

    def clean_annual_revenue(self) -> str:
        return self.cleaned_data["annual_revenue"] or RevenueBand.UNSET

    def _filled(self, field: str) -> str:
        text = clean_line(self.cleaned_data[field])
        if not text:
            raise forms.ValidationError(self.fields[field].error_messages["required"])
        return text


class CompanyProfileForm(CompanyForm):
    """Settings: everything."""

    website = forms.URLField(
        label=_("Website"), max_length=200, required=False, assume_scheme="https"
    )
    gstin = forms.CharField(
        label=_("GSTIN"),
        max_length=20,
        required=False,
        help_text=_("15 characters, for your invoices. We check only how it is written."),
    )

    def clean_gstin(self) -> str:
        try:
            return gstin_cleaned(self.cleaned_data["gstin"])
        except InvalidDetail as error:
            raise forms.ValidationError(
                _("A GSTIN has 15 characters, such as 27ABCDE1234F1Z5.")
            ) from error


def signup_form(data: Any = None, language: str = "en") -> CompanyForm:
    """Step "business" of sign-up; its `name` field is the company's name."""
    return CompanyForm(data)
