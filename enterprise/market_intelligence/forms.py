"""What people send about findings: parsed here, judged by the services."""

from django import forms
from django.utils.translation import gettext_lazy as _

from enterprise.market_intelligence.engine.contracts import Kind

KIND_LABELS = {
    Kind.LEVEL_SHIFT: _("Level shift"),
    Kind.TREND: _("Trend"),
    Kind.SEASON: _("Season"),
    Kind.ANOMALY: _("Unusual value"),
    Kind.FORECAST: _("Forecast"),
    Kind.CONVERSION: _("Win rate"),
    Kind.VELOCITY: _("Time to close"),
    Kind.BOTTLENECK: _("Bottleneck"),
    Kind.SEGMENT: _("Segment"),
}


class FeedFilter(forms.Form):
    """An unknown value filters nothing."""

    kind = forms.ChoiceField(
        required=False, label=_("Kind"), choices=[("", _("All kinds")), *KIND_LABELS.items()]
    )
    show = forms.ChoiceField(
        required=False,
        label=_("Show"),
        choices=[
            ("", _("Still to look at")),
            ("mine", _("Given to me")),
            ("snoozed", _("Put away")),
        ],
    )

    def wanted(self) -> tuple[str, str]:
        self.is_valid()
        chosen = getattr(self, "cleaned_data", {})
        return chosen.get("kind", ""), chosen.get("show", "")
