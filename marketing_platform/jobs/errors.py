from marketing_platform.core.errors import Conflict, NotFound, PlatformError
from marketing_platform.core.text import mark as _


class JobMissing(NotFound):
    code = "job_not_found"
    sentence = _("This work is not in this workspace.")


class JobOver(Conflict):
    code = "job_is_over"
    sentence = _("This work is over already.")


class JobCancelled(PlatformError):
    """Raised inside a job's function when somebody cancelled it; let it pass."""

    code = "job_cancelled"
    sentence = _("Somebody cancelled this.")


class JobLost(PlatformError):
    code = "job_lost"
    permanent = False
    sentence = _("This stopped before it was finished. Please start it again.")


class JobTooLong(PlatformError):
    code = "job_too_long"
    sentence = _("This took longer than we allow. Try with less data.")


class JobBroken(PlatformError):
    code = "job_broken"
    sentence = _("Something on our side broke. We have been told; please try again later.")
