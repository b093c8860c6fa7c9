from marketing_platform.core.errors import Conflict, InvalidInput, PlatformError
from marketing_platform.core.text import mark as _


class CrossTenantError(PlatformError):
    """A row of one workspace was used in another: always a defect of ours."""

    code = "cross_tenant"
    status = 500
    sentence = _("This belongs to another workspace.")


class SlugTaken(Conflict):
    code = "slug_taken"
    sentence = _("This web address is taken. Choose another.")


class InvalidSlug(InvalidInput):
    code = "invalid_slug"
    sentence = _("Use 3 to 40 small letters, digits or hyphens; start with a letter.")


class IllegalState(Conflict):
    code = "illegal_state"
    sentence = _("This workspace is %(state)s, so this cannot be done now.")


class TaskRefused(PlatformError):
    """A task without a workspace, or for one that cannot take it."""

    code = "task_refused"
    sentence = _("The task was not run: %(reason)s.")


class TierNotDeployed(PlatformError):
    code = "tier_not_deployed"
    sentence = _("This installation does not serve the tier of: %(tenants)s.")
