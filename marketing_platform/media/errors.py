"""Why an uploaded file is refused; each sentence names what to do instead."""

from marketing_platform.core.errors import InvalidInput, PlatformError
from marketing_platform.core.text import mark as _


class PhotoRefused(InvalidInput):
    """A photo that cannot be taken; `field` names the form field."""

    code = "photo_refused"
    sentence = _("We could not read this photo. Please choose another one.")


class PhotoMissing(PhotoRefused):
    code = "photo_missing"
    sentence = _("Please choose a photo.")


class PhotoTooHeavy(PhotoRefused):
    code = "photo_too_heavy"
    sentence = _("The photo is larger than %(megabytes)d MB. Please choose a smaller one.")


class PhotoTooManyPixels(PhotoRefused):
    code = "photo_too_many_pixels"
    sentence = _(
        "The photo has too many pixels. Please choose one under %(megapixels)d megapixels."
    )


class PhotoKindRefused(PhotoRefused):
    """Recognised, but not a kind we take."""

    code = "photo_kind_refused"
    sentence = _("%(kind)s files cannot be used. Please choose a JPEG, PNG or WebP photo.")


class PhotoIsHeic(PhotoRefused):
    code = "photo_is_heic"
    sentence = _(
        "This phone saved the photo as HEIC. Choose “Most compatible” in the camera settings, "
        "or send a screenshot of the photo."
    )


class MediaMissing(PlatformError):
    """The row is there, the file is not: a defect of ours."""

    code = "media_missing"
    status = 500
    sentence = _("The file could not be found. We have been told and will look into it.")
