"""Writing a message."""

import re
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from local.automation.whatsapp.engine.filling import variables_of
from local.automation.whatsapp.engine.lint import (
    BODY_LENGTH,
    BUTTON_LENGTH,
    EDGE_LENGTH,
    EXAMPLE,
    URL_LENGTH,
    Draft,
)

LANGUAGE_NAMES = {
    "en_IN": "English",
    "hi": "हिन्दी",
    "mr": "मराठी",
    "ta": "தமிழ்",
    "te": "తెలుగు",
    "bn": "বাংলা",
    "gu": "ગુજરાતી",
    "kn": "ಕನ್ನಡ",
    "ml": "മലയാളം",
    "pa": "ਪੰਜਾਬੀ",
    "ur": "اردو",
}
MOST_VARIABLES = 8


class TemplateForm(forms.Form):
    """One field more for each variable of the text: an example for WhatsApp's reviewers."""

    title = forms.CharField(
        label=_("Your name for this message"), max_length=80, help_text=_("Customers never see it.")
    )
    language = forms.ChoiceField(
        label=_("Language of the message"),
        choices=list(LANGUAGE_NAMES.items()),
    )
    category = forms.ChoiceField(
        label=_("What it is"),
        choices=[
            ("marketing", _("Offer, greeting or news")),
            ("utility", _("About an order or visit of this person")),
        ],
        help_text=_("An offer inside a message about an order makes it cost as an offer."),
    )
    header = forms.CharField(label=_("Bold first line"), max_length=EDGE_LENGTH, required=False)
    body = forms.CharField(
        label=_("Message"),
        max_length=BODY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "<code>{{name}}</code> becomes each customer's first name. What other words in"
            " <code>{{ }}</code> become, you write for each campaign."
        ),
    )
    footer = forms.CharField(
        label=_("Small last line"),
        max_length=EDGE_LENGTH,
        required=False,
        help_text=_("Offers must say here how to get no more of them."),
    )
    button_kind = forms.ChoiceField(
        label=_("Button"),
        required=False,
        choices=[
            ("", _("No button")),
            ("url", _("Opens a web page")),
            ("quick_reply", _("Answers with its own words")),
            ("copy_code", _("Copies a coupon code")),
        ],
    )
    button_text = forms.CharField(
        label=_("Words on the button"), max_length=BUTTON_LENGTH, required=False
    )
    button_value = forms.CharField(
        label=_("Web address or code"), max_length=URL_LENGTH, required=False
    )

    def __init__(self, *args: Any, name: str = "", examples: Any = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._name = name
        text = f"{self._given('header')} {self._given('body')}"
        for variable in variables_of(text)[:MOST_VARIABLES]:
            self.fields[f"example_{variable}"] = forms.CharField(
                label=format_html(gettext("Example for {variable}"), variable=_shown(variable)),
                max_length=60,
                error_messages={"required": gettext(EXAMPLE) % {"name": variable}},
                initial=(examples or {}).get(variable, "Asha" if variable == "name" else ""),
            )

    def _given(self, field: str) -> str:
        source = self.data if self.is_bound else self.initial
        value = source.get(field, "")
        return value if isinstance(value, str) else ""

    def draft(self) -> Draft:
        """Of a valid form."""
        cleaned = self.cleaned_data
        return Draft(
            name=self._name or name_of(cleaned["title"]),
            language=cleaned["language"],
            category=cleaned["category"],
            body=cleaned["body"].replace("\r\n", "\n").strip(),
            header=cleaned["header"].strip(),
            footer=cleaned["footer"].strip(),
            buttons=self._buttons(),
            examples={
                key.removeprefix("example_"): value.strip()
                for key, value in cleaned.items()
                if key.startswith("example_")
            },
        )

    def _buttons(self) -> list[dict[str, str]]:
        kind, value = self.cleaned_data["button_kind"], self.cleaned_data["button_value"].strip()
        if not kind:
            return []
        button = {"kind": kind, "text": self.cleaned_data["button_text"].strip()}
        return [button | ({"url": value} if kind == "url" else {"code": value})]

    def findings_show(self, findings: Any) -> None:
        """Each where it was typed; what belongs to no field stands above the form."""
        for finding in findings:
            sentence = _translated(finding)
            field = {"buttons": "button_text", "name": "title"}.get(finding.field, finding.field)
            if field == "examples":
                field = f"example_{finding.params.get('name', '')}"
            self.add_error(field if field in self.fields else None, sentence)


def _translated(finding: Any) -> str:
    text = gettext(finding.sentence)
    return text % finding.params if finding.params else text


def _shown(variable: str) -> SafeString:
    return format_html("<code>{}</code>", f"{{{{{variable}}}}}")


def name_of(title: str) -> str:
    """The name that WhatsApp wants, from the owner's title: small letters, digits and _."""
    latin = re.sub(r"[^a-z0-9_]+", "_", slugify(title).replace("-", "_")).strip("_")[:60]
    if latin:
        return latin
    # A title without Latin letters: its letters' numbers, so that the same title gives the same.
    return "message_" + "".join(f"{ord(letter):x}" for letter in title[:10])
