"""The living style page: the product's own colours, words and parts, drawn by what pages include.

For the people who build pages. In English, not listed for search, and it keeps nothing.
"""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

SECTIONS = (
    ("colours", "Colours"),
    ("words", "Words"),
    ("buttons", "Buttons"),
    ("forms", "Forms"),
    ("banners", "Messages"),
    ("empty", "Empty"),
    ("prices", "Prices"),
    ("posts", "Posts"),
)
POST = {
    "caption": "Fresh ladoos from six in the morning.\nOrder by noon for the evening.",
    "hashtags": ["#Ladoo", "#Pune"],
    "call_to_action": "Write to us on WhatsApp.",
}
PREVIEWS = [
    {"network": "facebook", "label": "Facebook", "post": POST},
    {"network": "instagram", "label": "Instagram", "post": POST},
    {"network": "google_business", "label": "Google", "post": POST},
    {"network": "whatsapp_status", "label": "WhatsApp", "post": POST},
]
PLAN = {
    "monthly": "₹999",
    "monthly_with_gst": "₹1,178.82",
    "annual": "₹9,990",
    "annual_with_gst": "₹11,788.20",
}


class ExampleForm(forms.Form):
    """One field of each kind, one of them wrong."""

    name = forms.CharField(label="Name of the shop", help_text="As your customers know it.")
    phone = forms.CharField(
        label="Mobile number", widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    budget = forms.DecimalField(label="Most per month", required=False)
    category = forms.ChoiceField(
        label="Trade", choices=[("", "Choose"), ("sweets", "Sweet shop"), ("salon", "Salon")]
    )
    languages = forms.MultipleChoiceField(
        label="Languages of your posts",
        choices=[("en", "English"), ("hi", "हिन्दी"), ("mr", "मराठी")],
        widget=forms.CheckboxSelectMultiple,
    )
    words = forms.CharField(label="In your words", required=False, widget=forms.Textarea)
    agrees = forms.BooleanField(label="They said yes to messages")


@require_safe
def style(request: HttpRequest) -> HttpResponse:
    form = ExampleForm(
        {"name": "Asha Sweets", "phone": "12", "category": "sweets", "languages": ["hi"]}
    )
    form.add_error("phone", "This is not a mobile number in India. Write ten digits.")
    context: dict[str, Any] = {
        "sections": SECTIONS,
        "form": form,
        "previews": PREVIEWS,
        "plan": PLAN,
        "included": ["A poster a day", "Replies to reviews"],
        "excluded": ["What Meta charges for messages"],
        "banner": {
            "level": "warning",
            "text": "Your trial ends on 24 Nov 2026.",
            "action_url": "#banners",
            "action_label": "See the price",
        },
    }
    return render(request, "style/style.html", context)
