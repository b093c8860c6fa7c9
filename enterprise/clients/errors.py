"""What a company's details can get wrong."""

from marketing_platform.core.errors import Conflict, InvalidInput
from marketing_platform.core.text import mark as _


class InvalidDetail(InvalidInput):
    """One field of the profile is not acceptable; `field` names it."""

    code = "invalid_detail"


class ClientAlreadyThere(Conflict):
    code = "client_already_there"
    sentence = _("This workspace already has a company. Change its details instead.")
