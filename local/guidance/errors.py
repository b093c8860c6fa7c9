"""What can be wrong with a guide, its steps and its proof."""

from marketing_platform.core.errors import Conflict, InvalidInput, NotFound
from marketing_platform.core.text import mark as _


class GuideFileWrong(ValueError):
    """A guide file that cannot be shown: which file, and which key in it."""

    def __init__(self, file: str, key: str, reason: str):
        self.file, self.key, self.reason = file, key, reason
        super().__init__(f"{file}: {key}: {reason}")


class UnknownGuide(NotFound):
    code = "unknown_guide"
    sentence = _("We have no such guide. Choose one from the list.")


class UnknownStep(NotFound):
    code = "unknown_step"
    sentence = _("This guide has no such step. Load the page again.")


class NotStarted(Conflict):
    code = "guide_not_started"
    sentence = _("Start the guide first.")


class StepsLeft(Conflict):
    code = "steps_left"
    sentence = _("Steps still without a tick: %(left)d. Tick them first.")


class ProofMissing(InvalidInput):
    code = "proof_missing"
    sentence = _("This is still missing: fill it in to finish.")


class ProofLinkWrong(InvalidInput):
    code = "proof_link_wrong"
    sentence = _("This is not a link to %(host)s. Copy it from the app and paste it whole.")


class ProofNumberWrong(InvalidInput):
    code = "proof_number_wrong"
    sentence = _("Enter a whole number from 1 to %(most)d.")


class CardLinkWrong(InvalidInput):
    code = "card_link_wrong"
    sentence = _(
        "This is not a Google link. In your profile tap Ask for reviews and copy it there."
    )


class NoMobileNumber(Conflict):
    code = "no_mobile_number"
    sentence = _("The card needs the shop's mobile number. Enter it under Your business.")
