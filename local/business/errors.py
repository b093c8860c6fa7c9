"""What a business's details can get wrong, in a shopkeeper's words."""

from marketing_platform.core.errors import Conflict, InvalidInput
from marketing_platform.core.text import mark as _


class UnknownCity(InvalidInput):
    code = "unknown_city"
    sentence = _(
        "City: we don't know “%(given)s”. Choose one from the list, for example %(nearest)s."
    )

    def __init__(self, given: str, nearest: tuple[str, ...]) -> None:
        super().__init__(field="city", given=given[:60], nearest=", ".join(nearest))


class UnknownCategory(InvalidInput):
    code = "unknown_category"
    sentence = _("Category: there is no “%(given)s”. Choose one of: %(nearest)s.")

    def __init__(self, given: str, nearest: tuple[str, ...]) -> None:
        super().__init__(field="category", given=given[:60], nearest=", ".join(nearest))


class InvalidDetail(InvalidInput):
    """One field of the profile is not acceptable; the sentence names the field and the fix."""

    code = "invalid_detail"


class BusinessAlreadyThere(Conflict):
    code = "business_already_there"
    sentence = _("This workspace already has a business. Change its details instead.")


class NoBusiness(Conflict):
    code = "no_business"
    sentence = _("Tell us about your business first: name, category and city.")
