"""Files of a workspace lie under its own folder, chosen at each call."""

from pathlib import Path

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage

from marketing_platform.tenants.context import PUBLIC_SCHEMA, current_schema


class TenantStorage(FileSystemStorage):
    """MEDIA_ROOT/<schema>/…; refuses to work outside a workspace."""

    # Properties, because the library remembers the first workspace's folder for the process.
    @property
    def base_location(self) -> str:
        schema = current_schema()
        if schema == PUBLIC_SCHEMA:
            raise SuspiciousFileOperation("Files belong to a workspace.")
        return str((Path(settings.MEDIA_ROOT) / schema).resolve())

    @property
    def location(self) -> str:
        return self.base_location

    def path(self, name: str) -> str:
        root = Path(self.location)
        path = (root / name).resolve()
        if not path.is_relative_to(root):
            raise SuspiciousFileOperation("The path leaves the workspace's folder.")
        return str(path)

    def url(self, name: str | None) -> str:
        raise ValueError("Files are handed out by signed address only; see media.selectors.")
