"""Forms of posts. Rules of law are checked by the services; a form shows their sentence."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from local.automation.social_media.engine import GREATEST_VARIANT, LANGUAGES
from local.automation.social_media.models import (
    NETWORK_CHOICES,
    OFFER_LENGTH,
    TAGLINE_LENGTH,
    ClassSeats,
    CoachingResult,
)
from marketing_platform.core.clock import IST

LANGUAGE_LABELS = {"en": "English", "hi": "हिन्दी", "hinglish": "Hinglish", "mr": "मराठी"}


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class DayForm(forms.Form):
    """Which day's post a button is about, and the language one looks at."""

    on = forms.DateField()
    language = forms.ChoiceField(choices=[(slug, slug) for slug in LANGUAGES])


class AnotherIdeaForm(DayForm):
    variant = forms.IntegerField(min_value=0, max_value=GREATEST_VARIANT)


class PostedForm(DayForm):
    network = forms.ChoiceField(choices=NETWORK_CHOICES)
    variant = forms.IntegerField(min_value=0, max_value=GREATEST_VARIANT)


class BrandForm(forms.Form):
    tagline = forms.CharField(
        label=_("A line about your shop"),
        required=False,
        max_length=TAGLINE_LENGTH,
        help_text=_("Printed on posters where there is room."),
    )
    primary_colour = forms.RegexField(
        label=_("Main colour"), regex=r"^#[0-9a-fA-F]{6}$", widget=forms.ColorInput
    )
    accent_colour = forms.RegexField(
        label=_("Second colour"), regex=r"^#[0-9a-fA-F]{6}$", widget=forms.ColorInput
    )


class PhotoForm(forms.Form):
    photo = forms.FileField(
        label=_("Photo for posters"),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        help_text=_(
            "JPEG, PNG or WebP, up to 8 MB. Location and other hidden details are removed."
        ),
        error_messages={"required": _("Choose a photo first.")},
    )


class ClinicPhotoForm(PhotoForm):
    """A clinic says that no patient can be seen, because no patient may be shown."""

    shows_no_patient = forms.BooleanField(
        label=_("No patient and no case can be seen in this photo."),
        error_messages={"required": _("A clinic may not show patients. Please confirm.")},
    )


class OfferForm(forms.Form):
    words = forms.CharField(
        label=_("Your offer, in your own words"),
        max_length=OFFER_LENGTH,
        help_text=_("Posts say exactly this and nothing more."),
        error_messages={"required": _("Write the offer as you would say it to a customer.")},
    )
    valid_from = forms.DateField(label=_("First day"), widget=DateInput)
    valid_until = forms.DateField(label=_("Last day"), widget=DateInput)

    def __init__(self, *args: Any, today: date, **options: Any) -> None:
        options.setdefault(
            "initial", {"valid_from": today, "valid_until": today + timedelta(days=14)}
        )
        super().__init__(*args, **options)


def _words(model: type[models.Model], name: str, label: str, **more: Any) -> forms.CharField:
    """A text field as long as its column."""
    return forms.CharField(label=label, max_length=model._meta.get_field(name).max_length, **more)


class ResultForm(forms.Form):
    """A student's result; every field stands beside it in the post."""

    student = _words(
        CoachingResult,
        "student",
        _("Name of the student"),
        help_text=_("As the student wants to be named."),
    )
    exam = _words(CoachingResult, "exam", _("Exam"), help_text=_("For example MHT-CET 2026."))
    rank = _words(CoachingResult, "rank", _("Rank"), help_text=_("For example 212."))
    course = _words(CoachingResult, "course", _("Course the student took with you"))
    duration = _words(
        CoachingResult, "duration", _("How long"), help_text=_("For example 3 months.")
    )
    is_paid = forms.TypedChoiceField(
        label=_("Was this course paid or free?"),
        choices=[("", _("Choose")), ("paid", _("Paid")), ("free", _("Free"))],
        coerce=lambda chosen: chosen == "paid",
        error_messages={"required": _("Choose paid or free. A post has to say it.")},
    )
    result_on = forms.DateField(label=_("Day of the result"), widget=DateInput)
    consent_on = forms.DateField(
        label=_("Day of the written consent"),
        widget=DateInput,
        help_text=_(
            "After the result. Keep the signed paper. For a student under 18, a parent signs."
        ),
        error_messages={"required": _("Without written consent no result may be shown.")},
    )


class SeatsForm(forms.Form):
    course = _words(ClassSeats, "course", _("Course"))
    number = forms.IntegerField(
        label=_("Open seats"),
        min_value=1,
        max_value=999,
        error_messages={"min_value": _("Enter 1 or more. When all seats are taken, remove them.")},
    )
    counted_on = forms.DateField(label=_("Counted on"), widget=DateInput)

    def __init__(self, *args: Any, today: date, **options: Any) -> None:
        options.setdefault("initial", {"counted_on": today})
        super().__init__(*args, prefix="seats", **options)


class NetworksForm(DayForm):
    """A decision about the day's post on the networks that were ticked."""

    variant = forms.IntegerField(min_value=0, max_value=GREATEST_VARIANT)
    networks = forms.MultipleChoiceField(
        choices=NETWORK_CHOICES,
        error_messages={"required": _("Tick at least one place to post.")},
    )


class NoForm(NetworksForm):
    reason = forms.CharField(max_length=20)


class ApproveForm(NetworksForm):
    """`when`: the trade's best time, now, or the time beside it."""

    when = forms.ChoiceField(choices=[("best", "best"), ("now", "now"), ("time", "time")])
    time = forms.TimeField(
        required=False, error_messages={"invalid": _("Enter a time of this day, such as 18:30.")}
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("when") == "time" and not given.get("time") and "time" not in self.errors:
            self.add_error("time", _("Enter a time of this day, such as 18:30."))
        return given

    def at(self, now: datetime) -> datetime | None:
        """The wished moment; None for the best time."""
        given = self.cleaned_data
        if given["when"] == "time":
            return datetime.combine(given["on"], given["time"], IST)
        return now if given["when"] == "now" else None


class WordsForm(DayForm):
    variant = forms.IntegerField(min_value=0, max_value=GREATEST_VARIANT)
    network = forms.ChoiceField(choices=NETWORK_CHOICES)
    # The service says what is wrong with the words; they are not lost here.
    caption = forms.CharField(required=False, strip=False, max_length=70_000)
