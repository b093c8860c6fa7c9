"""What the pages of the Google profile take in. Rules are judged by services and engine."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from local.automation.google_business.engine.hours import DayHours
from local.automation.google_business.engine.posts import BUTTONS, MOST_CHARACTERS, PostDraft
from local.automation.google_business.errors import HoursIncomplete
from local.automation.google_business.models import REPLY_LENGTH, REVIEWER_LENGTH

STARS = [(str(number), "★" * number) for number in (5, 4, 3, 2, 1)]
LANGUAGES = [("en", "English"), ("hi", "हिन्दी"), ("hinglish", "Hinglish"), ("mr", "मराठी")]


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    input_type = "time"


class PasteForm(forms.Form):
    stars = forms.TypedChoiceField(
        label=_("Stars"),
        choices=[("", _("Choose")), *STARS],
        coerce=int,
        error_messages={"required": _("Choose the number of stars, 1 to 5.")},
    )
    text = forms.CharField(
        label=_("What the customer wrote"),
        required=False,
        max_length=REPLY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Copy it from Google and paste it. Some give only stars."),
    )
    reviewer = forms.CharField(
        label=_("Name shown on Google"), required=False, max_length=REVIEWER_LENGTH
    )
    written_on = forms.DateField(label=_("Day of the review"), required=False, widget=DateInput)


class ReplyForm(forms.Form):
    """`read_hash` is that of the words which the page showed."""

    text = forms.CharField(
        label=_("Your reply"),
        max_length=REPLY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={"required": _("Write a reply first.")},
    )
    read_hash = forms.RegexField(regex=r"[0-9a-f]{64}", widget=forms.HiddenInput)


class HoursForm(forms.Form):
    on = forms.DateField(label=_("Day"), widget=DateInput)
    kind = forms.ChoiceField(
        label=_("On this day"),
        choices=[("closed", _("Closed")), ("open", _("Open, with these hours"))],
        widget=forms.RadioSelect,
        initial="closed",
    )
    opens = forms.TimeField(label=_("Opens at"), required=False, widget=TimeInput)
    closes = forms.TimeField(label=_("Closes at"), required=False, widget=TimeInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        is_open = cleaned.get("kind") == "open"
        for name in ("opens", "closes"):
            if is_open and cleaned.get(name) is None and name not in self.errors:
                self.add_error(name, _(HoursIncomplete.sentence))
        return cleaned

    @property
    def wanted(self) -> DayHours:
        """Raises HoursAlike."""
        given = self.cleaned_data
        if given["kind"] == "closed":
            return DayHours(given["on"])
        return DayHours(given["on"], given["opens"], given["closes"])


class PostForm(forms.Form):
    """`key` makes a second press of the button the same post."""

    key = forms.RegexField(regex=r"page:[0-9a-f]{32}", widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("Your post"),
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Up to 1,500 characters, without a phone number."),
        error_messages={"required": _("Write the post first.")},
    )
    language = forms.ChoiceField(label=_("Language of the post"), choices=LANGUAGES)
    photo = forms.FileField(
        label=_("Photo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        help_text=_("JPEG, PNG or WebP, up to 8 MB."),
    )
    button = forms.ChoiceField(label=_("Button"), required=False, choices=list(BUTTONS.items()))
    button_url = forms.CharField(
        label=_("Where the button leads"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"inputmode": "url"}),
        help_text=_("A web address; not needed for Call."),
    )

    @property
    def draft(self) -> PostDraft:
        given = self.cleaned_data
        return PostDraft(
            given["text"].replace("\r\n", "\n").strip(),
            given["language"],
            given["button"],
            given["button_url"].strip(),
        )
