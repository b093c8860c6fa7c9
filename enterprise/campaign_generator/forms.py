"""The form of a new campaign and the one that changes it."""

from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from enterprise.campaign_generator.engine.contracts import Document, Slot
from enterprise.campaign_generator.engine.limits import limits
from enterprise.campaign_generator.services.asking import CampaignRequest
from enterprise.campaign_generator.services.campaigns import CampaignChanges
from enterprise.campaign_generator.templatetags.campaigns import campaign_channel
from enterprise.optimization_engine.forms import RupeesField, amount_written

INPUT, SELECT, AREA = "input w-full", "select w-full", "textarea w-full"
ACTIONS = [
    ("learn_more", _("Learn more")),
    ("get_quote", _("Get a quote")),
    ("book_demo", _("Book a demo")),
    ("buy_now", _("Buy now")),
    ("contact_us", _("Contact us")),
]


# What a budget proposal brings along; without one it must be typed.
FROM_ALLOCATION = ("channels", "budget", "metric", "target")


def _line(label: Any, longest: int, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=longest, widget=forms.TextInput(attrs={"class": INPUT}), **more
    )


def _number(label: Any, low: float, high: float, **more: Any) -> forms.FloatField:
    widget = forms.NumberInput(attrs={"class": INPUT, "step": "any", "inputmode": "decimal"})
    return forms.FloatField(label=label, min_value=low, max_value=high, widget=widget, **more)


class CampaignForm(forms.Form):
    """With ``allocation_id`` channels, budget and target come from the proposal."""

    name = _line(_("Name of the campaign"), 80)
    goal = _line(_("What is it for?"), 300)
    product = _line(_("What do you offer?"), 60)
    benefits = forms.CharField(
        label=_("Reasons to buy"),
        max_length=800,
        widget=forms.Textarea(attrs={"class": AREA, "rows": 4}),
        help_text=_("One on each line, up to six. Only what you can show."),
    )
    offer = _line(_("Offer"), 120, required=False)
    action = forms.ChoiceField(
        label=_("What shall people do?"),
        choices=ACTIONS,
        widget=forms.Select(attrs={"class": SELECT}),
    )
    landing_url = _line(_("Landing page"), 500, required=False, help_text="https://…")
    language = forms.ChoiceField(
        label=_("Language of the texts"),
        choices=[("en", _("English")), ("hi", _("Hindi"))],
        widget=forms.Select(attrs={"class": SELECT}),
    )
    first_on = forms.DateField(
        label=_("First day"), widget=forms.DateInput(attrs={"type": "date", "class": INPUT})
    )
    weeks = forms.IntegerField(
        label=_("Weeks"),
        min_value=1,
        max_value=52,
        widget=forms.NumberInput(attrs={"class": INPUT, "inputmode": "numeric"}),
    )
    channels = forms.MultipleChoiceField(
        label=_("Channels"), widget=forms.CheckboxSelectMultiple, required=False
    )
    budget = RupeesField(label=_("Whole budget"), required=False)
    metric = _line(
        _("What do you count?"), 60, required=False, help_text=_("Orders, leads, visits")
    )
    target = _number(_("How many shall it bring?"), 0, 1e15, required=False)
    audience = _line(_("Who shall see it?"), 300, required=False)
    audience_size = forms.IntegerField(
        label=_("How many people are they?"),
        min_value=0,
        max_value=2_000_000_000,
        required=False,
        widget=forms.NumberInput(attrs={"class": INPUT, "inputmode": "numeric"}),
        help_text=_("Leave empty if you do not know."),
    )
    audience_from_crm = forms.BooleanField(label=_("Count my CRM contacts"), required=False)
    consent = _line(
        _("How did they agree to messages?"),
        300,
        required=False,
        help_text=_("Needed for e-mail and WhatsApp."),
    )
    base_rate = _number(_("Of 100 visits, how many convert today?"), 0.01, 99, required=False)
    lift = _number(_("How many percent more would be worth knowing?"), 1, 1000, required=False)
    visit_price = RupeesField(label=_("What does a visit cost?"), required=False)
    allocation_id = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, **more: Any):
        super().__init__(*arguments, **more)
        self.fields["channels"].choices = [(name, campaign_channel(name)) for name in limits()]
        for name in () if self["allocation_id"].value() else FROM_ALLOCATION:
            self.fields[name].required = True

    def asked(self) -> CampaignRequest:
        told = self.cleaned_data
        same = (
            "name", "goal", "product", "offer", "action", "landing_url", "language", "first_on",
            "weeks", "audience", "audience_size", "audience_from_crm", "consent", "metric",
            "target", "allocation_id",
        )  # fmt: skip
        return CampaignRequest(
            **{field: told[field] for field in same},
            benefits=tuple(told["benefits"].splitlines()),
            channels=tuple((name, 1) for name in told["channels"]),
            budget_paise=told["budget"] or 0,
            base_rate=None if told["base_rate"] is None else told["base_rate"] / 100,
            lift=None if told["lift"] is None else told["lift"] / 100,
            visit_paise=told["visit_price"],
        )


class EditForm(forms.Form):
    """Name, address, people, target; a field for each cell of the budget and each kind of text."""

    content_hash = forms.CharField(max_length=64, widget=forms.HiddenInput)
    name = _line(_("Name of the campaign"), 80)
    landing_url = _line(_("Landing page"), 500, required=False)
    target = _number(_("Target"), 0, 1e15)
    audience = _line(_("Who shall see it?"), 300, required=False)
    audience_size = forms.IntegerField(
        label=_("How many people are they?"),
        min_value=0,
        max_value=2_000_000_000,
        required=False,
        widget=forms.NumberInput(attrs={"class": INPUT}),
    )
    consent = _line(_("How did they agree to messages?"), 300, required=False)

    def __init__(self, document: Document, content_hash: str, *arguments: Any, **more: Any):
        self.document = document
        super().__init__(*arguments, initial=_initial(document, content_hash), **more)
        for row, paise in enumerate(document.grid.paise):
            for week, cell in enumerate(paise):
                field = RupeesField(initial=amount_written(cell))
                field.label = _cell_label(document, row, week)
                self.fields[f"cell_{row}_{week}"] = field
        for one in document.creatives:
            for kind in limits()[one.channel].slots:
                self.fields[f"texts_{one.channel}_{kind}"] = forms.CharField(
                    required=False,
                    max_length=20_000,
                    initial=_joined(one.slots, kind),
                    widget=forms.Textarea(attrs={"class": AREA, "rows": 5}),
                )

    def rows(self) -> list[tuple[str, list[forms.BoundField]]]:
        grid = self.document.grid
        return [
            (channel, [self[f"cell_{row}_{week}"] for week in range(len(grid.weeks))])
            for row, channel in enumerate(grid.channels)
        ]

    def texts(self) -> list[tuple[str, str, forms.BoundField]]:
        return [
            (one.channel, kind, self[f"texts_{one.channel}_{kind}"])
            for one in self.document.creatives
            for kind in limits()[one.channel].slots
        ]

    def changes(self) -> CampaignChanges:
        told, grid = self.cleaned_data, self.document.grid
        paise = tuple(
            tuple(told[f"cell_{row}_{week}"] for week in range(len(grid.weeks)))
            for row in range(len(grid.channels))
        )
        texts = {
            one.channel: tuple(
                Slot(kind, text)
                for kind in limits()[one.channel].slots
                for text in _split(kind, told[f"texts_{one.channel}_{kind}"])
            )
            for one in self.document.creatives
        }
        people = (told["audience"], told["audience_size"], told["consent"])
        return CampaignChanges(
            told["name"], told["landing_url"], people, told["target"], paise, texts
        )


def _initial(document: Document, content_hash: str) -> dict[str, Any]:
    value = document.target.value
    return {
        "content_hash": content_hash,
        "name": document.name,
        "landing_url": document.facts.landing_url,
        # 1800, not 1800.0; exact, so that saving unchanged changes nothing.
        "target": int(value) if value.is_integer() else value,
        "audience": document.audience.description,
        "audience_size": document.audience.size,
        "consent": document.audience.consent,
    }


def _cell_label(document: Document, row: int, week: int) -> str:
    channel = campaign_channel(document.grid.channels[row])
    return f"{channel}, {date_format(document.grid.weeks[week], 'j M')}"


def _joined(slots: tuple[Slot, ...], kind: str) -> str:
    return "\n".join(slot.text for slot in slots if slot.kind == kind)


def _split(kind: str, text: str) -> list[str]:
    """A message is one text with its lines; the others are one a line."""
    return [text] if kind == "body" else text.splitlines()
