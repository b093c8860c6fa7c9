"""Answers, limits and prices."""

from django import forms
from django.utils.translation import gettext_lazy as _

from local.automation.whatsapp.services.chat import ANSWER_LENGTH, REPLY_LENGTH

LARGEST_CAP = 20_000


class ReplyForm(forms.Form):
    text = forms.CharField(
        label=_("Your answer"), max_length=REPLY_LENGTH, widget=forms.Textarea(attrs={"rows": 3})
    )
    # Sent twice, it is one answer.
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)


class AnswerForm(forms.Form):
    title = forms.CharField(label=_("Name"), max_length=60)
    text = forms.CharField(
        label=_("Answer"), max_length=ANSWER_LENGTH, widget=forms.Textarea(attrs={"rows": 4})
    )


class CapForm(forms.Form):
    rupees = forms.IntegerField(
        label=_("Most money a month, with tax"),
        min_value=0,
        max_value=LARGEST_CAP,
        help_text=_("In rupees. When it is reached, campaigns pause by themselves."),
    )


class RateForm(forms.Form):
    category = forms.ChoiceField(
        label=_("What it is"),
        choices=[
            ("marketing", _("Offer, greeting or news")),
            ("utility", _("About an order or visit of this person")),
        ],
    )
    rupees = forms.DecimalField(
        label=_("Rupees for one message, before tax"), max_digits=8, decimal_places=4, min_value=0
    )
    valid_from = forms.DateField(
        label=_("From which day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    source = forms.CharField(label=_("Where you read it"), max_length=200)
