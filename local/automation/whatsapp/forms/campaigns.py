"""The builder: who, what, when, how much at most."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from local.automation.whatsapp.models import MessageTemplate
from local.automation.whatsapp.services.campaigns import CampaignWish
from local.automation.whatsapp.services.content import NAME, VALUE_LENGTH, typed_variables
from local.customers.selectors import Segment
from marketing_platform.core.clock import IST
from marketing_platform.core.money import Rupees
from marketing_platform.tenants.context import current_tenant

SEGMENT_WORDS = {
    Segment.ALL_AGREED: _("Everybody who agreed"),
    Segment.NEW: _("New customers"),
    Segment.REGULAR: _("Regular customers"),
    Segment.VIP: _("Those who spend most"),
    Segment.DUE: _("Due for a visit"),
    Segment.SLIPPING: _("Longer away than usual"),
    Segment.LOST: _("Long gone"),
    Segment.BIRTHDAY_WEEK: _("Birthday in the next 7 days"),
}
MOST_PEOPLE = 3_000

# In the message's language, as one speaks to somebody whose name is not known.
NAMELESS = {"en": "friend", "hi": "जी", "mr": "मंडळी"}


class CampaignForm(forms.Form):
    title = forms.CharField(
        label=_("Your name for this campaign"),
        max_length=80,
        help_text=_("Customers never see it."),
    )
    segment = forms.ChoiceField(label=_("Who"), choices=[], widget=forms.RadioSelect)
    way = forms.ChoiceField(label=_("How"), choices=[], widget=forms.RadioSelect)
    starts_at = forms.DateTimeField(
        label=_("When"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Between 10:00 and 21:00. What is planned for the night goes out at 10:00."),
    )
    cap_people = forms.IntegerField(
        label=_("Most people"), min_value=1, max_value=MOST_PEOPLE, initial=500
    )
    cap = forms.IntegerField(
        label=_("Most money for this campaign, in rupees"),
        min_value=0,
        max_value=20_000,
        initial=300,
    )

    def __init__(
        self,
        *args: Any,
        template: MessageTemplate,
        counts: Any,
        is_connected: bool,
        values: Any = None,
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        self.template = template
        self.fields["segment"].choices = [
            (segment.value, f"{words} · {counts.count(segment)}")
            for segment, words in SEGMENT_WORDS.items()
        ]
        self.fields["way"].choices = self._ways(is_connected)
        for variable in typed_variables(template):
            shown = format_html("<code>{}</code>", f"{{{{{variable}}}}}")
            label = format_html(gettext("What {variable} becomes"), variable=shown)
            usual = ""
            if variable == NAME:
                label = _("How to address customers without a name")
                usual = NAMELESS.get(template.language[:2], NAMELESS["en"])
            self.fields[f"value_{variable}"] = forms.CharField(
                label=label,
                max_length=VALUE_LENGTH,
                initial=(values or _first_values(template)).get(variable) or usual,
            )

    def _ways(self, is_connected: bool) -> list[tuple[str, Any]]:
        by_hand = ("hand", _("By hand from your own WhatsApp, free: we open each chat for you"))
        if is_connected and self.template.is_usable:
            return [("api", _("By itself, at WhatsApp's price")), by_hand]
        return [by_hand]

    def wish(self) -> CampaignWish:
        """Of a valid form."""
        cleaned = self.cleaned_data
        starts_at: datetime = cleaned["starts_at"]
        return CampaignWish(
            title=cleaned["title"],
            template_id=self.template.pk,
            segment=cleaned["segment"],
            values={
                key.removeprefix("value_"): value
                for key, value in cleaned.items()
                if key.startswith("value_")
            },
            way=cleaned["way"],
            starts_at=starts_at if starts_at.tzinfo else starts_at.replace(tzinfo=IST),
            cap=Rupees.of(cleaned["cap"]),
            cap_people=cleaned["cap_people"],
        )


def _first_values(template: MessageTemplate) -> dict[str, str]:
    """What is known already: the shop's own name, and for the rest the example."""
    tenant = current_tenant()
    return {**template.examples, NAME: "", "shop": tenant.name if tenant else ""}
