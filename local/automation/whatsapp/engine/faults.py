"""What Meta's error numbers mean for us, and what to tell the owner.

Numbers: developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes, read in November 2026.
"""

from dataclasses import dataclass
from enum import StrEnum

from marketing_platform.core.text import mark as _


class Remedy(StrEnum):
    LATER = "later"  # the same call may be made again, after a while
    NOT_NOW = "not_now"  # this person not within a day, and once more at most
    NEVER = "never"  # this message will not go
    OPTED_OUT = "opted_out"  # the person stopped marketing: consent is withdrawn
    STOP_MARKETING = "stop_marketing"  # no more campaigns until the owner has looked
    PAUSE_CAMPAIGN = "pause_campaign"  # this campaign's template cannot be used now
    RECONNECT = "reconnect"


@dataclass(frozen=True)
class Fault:
    remedy: Remedy
    sentence: str


_BUSY = Fault(Remedy.LATER, _("WhatsApp is busy. We try again in a while."))
_TEMPLATE = Fault(
    Remedy.PAUSE_CAMPAIGN, _("WhatsApp does not accept this template now. See the template's page.")
)
_WRONG = Fault(
    Remedy.NEVER, _("WhatsApp did not accept the wording. Check the template's variables.")
)
_LOCKED = Fault(
    Remedy.STOP_MARKETING,
    _("WhatsApp has locked this account. Open WhatsApp Manager to see why, then start again here."),
)
OTHER = Fault(Remedy.NEVER, _("WhatsApp refused this message."))
FAULTS: dict[int, Fault] = {
    **dict.fromkeys((4, 80007, 130429, 131000, 131016, 131057, 133016, 131056), _BUSY),
    **dict.fromkeys((132015, 132016, 132001), _TEMPLATE),
    **dict.fromkeys((131008, 131009, 132000, 132005, 132007, 132008, 132012), _WRONG),
    **dict.fromkeys((368, 131031), _LOCKED),
    131026: Fault(Remedy.NEVER, _("This number cannot get WhatsApp messages.")),
    131047: Fault(
        Remedy.NEVER,
        _("More than 24 hours have passed since their last message. Send a template instead."),
    ),
    131049: Fault(
        Remedy.NOT_NOW,
        _("WhatsApp did not deliver it, because this person gets many such messages."),
    ),
    131050: Fault(Remedy.OPTED_OUT, _("This person stopped promotional messages in WhatsApp.")),
    131048: Fault(
        Remedy.STOP_MARKETING,
        _("WhatsApp says people marked your messages as spam. All campaigns are stopped."),
    ),
    131042: Fault(
        Remedy.STOP_MARKETING,
        _("WhatsApp could not take payment. Add a way to pay in WhatsApp Manager."),
    ),
    131062: Fault(Remedy.NEVER, _("This template needs the person's phone number.")),
    131063: Fault(
        Remedy.STOP_MARKETING,
        _("Marketing messages are switched off for this number in WhatsApp Manager."),
    ),
    130472: Fault(Remedy.NEVER, _("WhatsApp holds this person out of marketing as a test.")),
    190: Fault(Remedy.RECONNECT, _("WhatsApp needs you to sign in again.")),
}


def fault_of(code: int | None) -> Fault:
    return FAULTS.get(code or 0, OTHER)
