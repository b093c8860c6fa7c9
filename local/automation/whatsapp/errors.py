from typing import Any

from marketing_platform.core.errors import Conflict, InvalidInput, NotFound, Refused
from marketing_platform.core.text import mark as _


class TemplateMissing(NotFound):
    code = "template_not_found"
    sentence = _("This message is not in your list.")


class TemplateFaulty(InvalidInput):
    """`findings` (engine.lint.Finding) say all that is wrong; the sentence is the first one's."""

    code = "template_faulty"
    findings: tuple[Any, ...] = ()


class TemplateNameTaken(Conflict):
    code = "template_name_taken"
    sentence = _("You have a message with this name and language. Give this one another name.")


class TemplateFixed(Conflict):
    code = "template_fixed"
    sentence = _("WhatsApp has this message already, so it stays as it is. Write a new one.")


class TemplateUnusable(Conflict):
    code = "template_unusable"
    sentence = _("WhatsApp has not approved this message, so it cannot go out this way.")


class NotConnected(Conflict):
    code = "whatsapp_not_connected"
    sentence = _("WhatsApp is not connected. Connect it under More, or send by hand.")


class CampaignMissing(NotFound):
    code = "campaign_not_found"
    sentence = _("This campaign is not in your list.")


class CampaignFixed(Conflict):
    code = "campaign_fixed"
    sentence = _("This campaign has been approved, so it cannot be changed. Stop it first.")


class CampaignChanged(Conflict):
    code = "campaign_changed"
    sentence = _("This campaign was changed after you looked. Read it again, then approve.")


class CampaignStateWrong(Conflict):
    code = "campaign_state_wrong"
    sentence = _("This campaign is %(state)s, so this cannot be done now.")


class NobodyLeft(Conflict):
    code = "nobody_left"
    sentence = _("Nobody may get this message now. See below who is left out and why.")


class CampaignTimesWrong(InvalidInput):
    code = "campaign_times_wrong"
    sentence = _("When: choose a time from now on, within the next 30 days.")


class ValueMissing(InvalidInput):
    code = "value_missing"
    sentence = _("Write what stands for {{%(name)s}}, in one line of up to 200 letters.")


class SegmentUnknown(InvalidInput):
    code = "segment_unknown"
    sentence = _("Who: choose one of the lists.")


class OverMonthlyCap(InvalidInput):
    code = "over_monthly_cap"
    sentence = _("Most money: your limit for the month is %(cap)s. Raise it first, or spend less.")


class MarketingStopped(Conflict):
    code = "marketing_stopped"
    sentence = _("All campaigns are stopped. See on the campaigns page why, then start again.")


class RecipientMissing(NotFound):
    code = "recipient_not_found"
    sentence = _("This person is not on the list of this campaign.")


class MessageNotAllowed(Refused):
    """`sentence` says why this person may not be written to now."""

    code = "message_not_allowed"


class ConversationMissing(NotFound):
    code = "conversation_not_found"
    sentence = _("This conversation is not in your list.")


class WindowClosed(Conflict):
    code = "window_closed"
    sentence = _(
        "More than 24 hours have passed since their last message. WhatsApp now takes only an"
        " approved message."
    )


class TextMissing(InvalidInput):
    code = "text_missing"
    sentence = _("Write something, up to %(most)d letters.")


class AnswerTitleTaken(Conflict):
    code = "answer_title_taken"
    sentence = _("You have a saved answer with this name. Give this one another name.")


class AnswerMissing(NotFound):
    code = "answer_not_found"
    sentence = _("This saved answer is not in your list.")


class RateWrong(InvalidInput):
    code = "rate_wrong"
    sentence = _("Price: write rupees for one message, such as 0.8631, up to 100.")
