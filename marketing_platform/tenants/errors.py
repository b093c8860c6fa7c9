from marketing_platform.core.errors import Conflict, InvalidInput, PlatformError
from marketing_platform.core.text import mark as _


class CrossTenantError(PlatformError):
    """A row of one workspace was used in another: always a defect of ours."""

    code = "cross_tenant"
    status = 500
    sentence = _("This belongs to another workspace.")

    def __init__(self, detail: str = ""):
        """`detail` is for us: it stands in the log and not on the page."""
        self.detail = detail
        super().__init__()

    def __str__(self) -> str:
        return self.detail or super().__str__()


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


class NotReplayable(PlatformError):
    """A statement of a migration that cannot be done again in another schema."""

    code = "not_replayable"
    sentence = "This statement cannot be replayed, because %(why)s: %(statement)s"


class WorkspaceBusy(Conflict):
    code = "workspace_busy"
    sentence = "%(workspace)s is being prepared or migrated elsewhere. Try again in a minute."


class SignatureRefused(PlatformError):
    """A signed value that was not signed for this workspace, or not by us."""

    code = "signature_refused"
    sentence = "This link is not valid here."


class SchemaDiffers(PlatformError):
    """A migrated schema is not like that of the workspace that went first."""

    code = "schema_differs"
    sentence = "After the migration %(workspace)s is unlike the others:\n%(lines)s"


class SnapshotDiffers(PlatformError):
    """Replaying what was captured did not make what the migrations made."""

    code = "snapshot_differs"
    sentence = "A replayed schema is unlike the migrated one: %(lines)s"


class WorkspaceIncomplete(PlatformError):
    """A schema that should be ready lacks something, or has too much."""

    code = "workspace_incomplete"
    sentence = "The schema of %(workspace)s is not complete: %(lines)s"


class UnknownWorkspace(PlatformError):
    code = "unknown_workspace"
    status = 404
    sentence = "There is no workspace %(slug)s.%(hint)s"
