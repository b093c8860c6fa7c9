from datetime import timedelta
from uuid import UUID

from django.utils.translation import get_language

from marketing_platform.core.language import shown_language
from marketing_platform.media.selectors import media_file_of, signed_url

PICTURE_LIFETIME = timedelta(hours=12)


def picture_address(media_id: UUID) -> str:
    """A picture's address on the host of the page."""
    return signed_url(media_file_of(media_id), base_url="", expires_in=PICTURE_LIFETIME).url


def interface_language() -> str:
    return shown_language(get_language())
