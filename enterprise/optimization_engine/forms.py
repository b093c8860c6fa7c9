"""What to fit, days to set aside, and the grid of a budget."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from enterprise.data_sources.engine.tables import OutcomeMetric
from enterprise.data_sources.selectors.outcomes import NAMES
from enterprise.optimization_engine.engine.budget import MOST_PAISE, default_bounds
from enterprise.optimization_engine.engine.contracts import Bound, FitResult
from enterprise.optimization_engine.selectors import channel_label
from marketing_platform.core.text import indian_grouping

LONGEST_AMOUNT = 24
DATE = forms.DateInput(attrs={"type": "date", "class": "input w-full"})


class RupeesField(forms.CharField):
    """Rupees as people write them ("4,20,000", "₹ 4,20,000.50", any script's digits) → paise."""

    def __init__(self, **more: Any):
        attributes = {"inputmode": "decimal", "autocomplete": "off", "class": "input w-full"}
        super().__init__(
            max_length=LONGEST_AMOUNT, widget=forms.TextInput(attrs=attributes), **more
        )

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        for noise in ("₹", "Rs.", "Rs", ",", " ", "\u00a0", "/-"):
            text = text.replace(noise, "")
        try:
            paise = Decimal(text) * 100
        except InvalidOperation as error:
            raise forms.ValidationError(_("Write an amount in rupees, like 4,20,000.")) from error
        if not paise.is_finite() or not 0 <= paise <= MOST_PAISE:
            raise forms.ValidationError(_("Write an amount between ₹0 and ₹1,00,000 crore."))
        if paise != paise.to_integral_value():
            raise forms.ValidationError(_("Give at most two decimals."))
        return int(paise)


class FitForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("What should the budget bring?"),
        widget=forms.Select(attrs={"class": "select w-full"}),
        help_text=_("Revenue answers best; leads or orders work too."),
    )

    def __init__(self, outcomes: tuple[OutcomeMetric, ...], *arguments: Any, **more: Any):
        super().__init__(*arguments, **more)
        self.fields["outcome"].choices = [(one.code, _named(one)) for one in outcomes]


class PromotionForm(forms.Form):
    name = forms.CharField(
        label=_("What was on?"),
        max_length=80,
        widget=forms.TextInput(attrs={"class": "input w-full"}),
        help_text=_("The same name again means the same kind of offer."),
    )
    first_on = forms.DateField(label=_("First day"), widget=DATE)
    last_on = forms.DateField(label=_("Last day"), widget=DATE)


class ScenarioForm(forms.Form):
    name = forms.CharField(
        label=_("Name of the scenario"),
        max_length=80,
        widget=forms.TextInput(attrs={"class": "input w-full"}),
    )


class BudgetForm(forms.Form):
    """One row a channel: lower limit, upper limit, keep as it is."""

    total_low = RupeesField(label=_("Weekly budget"))
    total_high = RupeesField(
        label=_("At most"),
        required=False,
        help_text=_("Leave empty for exactly the weekly budget."),
    )
    may_extrapolate = forms.BooleanField(
        label=_("May go beyond the highest week seen so far (its effect there is a guess)"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "checkbox"}),
    )

    def __init__(self, fit: FitResult, *arguments: Any, **more: Any):
        super().__init__(*arguments, **more)
        self.fit = fit
        today = sum(one.today_paise for one in fit.channels)
        self.fields["total_low"].initial = amount_written(today)
        for place, bound in enumerate(default_bounds(fit)):
            named = {"channel": _label(bound.channel)}
            low, high = f"low_{place}", f"high_{place}"
            self.fields[low] = RupeesField(
                label=gettext("%(channel)s: at least") % named,
                initial=amount_written(bound.low_paise),
            )
            self.fields[high] = RupeesField(
                label=gettext("%(channel)s: at most") % named,
                initial=amount_written(bound.high_paise),
            )
            self.fields[f"fixed_{place}"] = forms.BooleanField(
                label=gettext("%(channel)s: keep as it is") % named,
                required=False,
                widget=forms.CheckboxInput(attrs={"class": "checkbox"}),
            )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """For the grid: channel, low, high, fixed (bound fields)."""
        return [
            {
                "channel": channel,
                "low": self[f"low_{place}"],
                "high": self[f"high_{place}"],
                "fixed": self[f"fixed_{place}"],
            }
            for place, channel in enumerate(self.fit.channels)
        ]

    @property
    def bounds(self) -> tuple[Bound, ...]:
        values = self.cleaned_data
        return tuple(
            Bound(
                channel.channel,
                values[f"low_{place}"],
                values[f"high_{place}"],
                values[f"fixed_{place}"],
            )
            for place, channel in enumerate(self.fit.channels)
        )


def amount_written(paise: int) -> str:
    whole, rest = divmod(int(paise), 100)
    return f"{indian_grouping(whole)}{f'.{rest:02d}' if rest else ''}"


def _label(channel: str) -> str:
    label = channel_label(channel)
    return gettext(label) if label != channel else channel


def _named(one: OutcomeMetric) -> str:
    return gettext(one.name) if one.name in NAMES.values() else one.name
