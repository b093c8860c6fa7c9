"""Forms of WhatsApp. What Meta and the services refuse is shown where it was typed."""

from local.automation.whatsapp.forms.campaigns import SEGMENT_WORDS, CampaignForm
from local.automation.whatsapp.forms.chat import AnswerForm, CapForm, RateForm, ReplyForm
from local.automation.whatsapp.forms.templates import LANGUAGE_NAMES, TemplateForm

__all__ = [
    "LANGUAGE_NAMES",
    "SEGMENT_WORDS",
    "AnswerForm",
    "CampaignForm",
    "CapForm",
    "RateForm",
    "ReplyForm",
    "TemplateForm",
]
