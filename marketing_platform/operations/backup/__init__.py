"""Backup, restore, export, closing and erasure of one workspace."""

from marketing_platform.operations.backup.closing import ClosingReport, workspace_close
from marketing_platform.operations.backup.erasing import folder_of, tenant_erase
from marketing_platform.operations.backup.exporting import ExportReport, workspace_export
from marketing_platform.operations.backup.restoring import RestoreReport, workspace_restore
from marketing_platform.operations.backup.taking import BackupReport, workspace_backup
from marketing_platform.tenants.closing import erasures_due, tenant_close

__all__ = [
    "BackupReport",
    "ClosingReport",
    "ExportReport",
    "RestoreReport",
    "erasures_due",
    "folder_of",
    "tenant_close",
    "tenant_erase",
    "workspace_backup",
    "workspace_close",
    "workspace_export",
    "workspace_restore",
]
