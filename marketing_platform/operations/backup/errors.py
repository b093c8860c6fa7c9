"""Why a backup cannot be read or restored. Nothing was changed when one of these is raised."""

from marketing_platform.core.errors import Conflict, PlatformError


class BackupDamaged(PlatformError):
    code = "backup_damaged"
    sentence = "%(path)s cannot be restored: %(what)s."


class BackupForeign(PlatformError):
    code = "backup_foreign"
    sentence = (
        "%(path)s was not signed by this installation: it was altered, or made with another"
        " SECRET_KEY. Restore it with accept_foreign if you trust where it comes from."
    )


class BackupNewer(PlatformError):
    code = "backup_newer"
    sentence = "The backup is of newer code. Deploy the code that has: %(migrations)s."


class RestoreRefused(Conflict):
    code = "restore_refused"
    sentence = "The backup was not restored, and nothing was changed: %(why)s."


class Undeclared(PlatformError):
    code = "kept_as_undeclared"
    status = 500
    sentence = "Say what a restore and an erasure do with these (tenants.kept): %(models)s."
