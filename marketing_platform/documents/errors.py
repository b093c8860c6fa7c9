"""What can go wrong while a document or picture is made."""

from marketing_platform.core.errors import PlatformError
from marketing_platform.core.text import mark as _


class DocumentError(PlatformError):
    """The document could not be made; `reason` is for the log, not for the reader."""

    code = "document_failed"
    status = 500
    sentence = _("The picture could not be made. We have been told and will look into it.")

    def __init__(self, reason: str, sentence: str | None = None, *, field: str | None = None):
        self.reason = reason
        super().__init__(sentence, field=field)

    def __str__(self) -> str:
        return f"{self.english} ({self.reason})"


class FontsMissing(DocumentError):
    """The font folder is empty; `python -m marketing_platform.documents.fonts` fills it."""

    code = "fonts_missing"


class UnreadablePhoto(DocumentError):
    """A photo for a poster is not a picture we can read."""

    code = "photo_unreadable"
    status = 400
    sentence = _("We could not read this photo. Please choose a JPEG, PNG or WebP photo.")
