"""The file of a backup: a zip of tables, public rows and files, and a signed manifest.

Written under another name, flushed to the disk and then renamed: a file of the final name is whole.
"""

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.core.signing import Signer
from django.utils.crypto import constant_time_compare

from marketing_platform.operations.backup.errors import BackupDamaged, BackupForeign

FORMAT = 1
MANIFEST, SIGNATURE = "manifest.json", "manifest.signature"
SALT = "platform.backup"
CHUNK = 1 << 18
Write = Callable[[bytes], Any]


@dataclass(frozen=True)
class Part:
    """One entry of the archive; `rows` is None for a file."""

    sha256: str
    rows: int | None = None
    columns: tuple[str, ...] = ()
    order: tuple[str, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. `taken_at` is the database's clock, ISO with offset."""

    format: int
    taken_at: str
    tenant: dict[str, Any]
    code_version: str
    migrations: list[list[str]]
    public_migrations: list[list[str]]
    sequences: dict[str, int]
    parts: dict[str, Part]

    def under(self, folder: str) -> dict[str, Part]:
        """The parts of a folder ('tables/', 'public/', 'references/', 'files/') by their name."""
        return {
            name.removeprefix(folder): part
            for name, part in self.parts.items()
            if name.startswith(folder)
        }


class Writer:
    """Adds parts to an archive that is being made."""

    def __init__(self, archive: zipfile.ZipFile):
        self._archive = archive
        self.parts: dict[str, Part] = {}

    @contextmanager
    def entry(self, name: str) -> Iterator[IO[bytes]]:
        with self._archive.open(name, "w", force_zip64=True) as opened:
            yield opened

    def file(self, name: str, path: Path) -> None:
        digest = hashlib.sha256()
        with path.open("rb") as source, self.entry(name) as target:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                target.write(chunk)
        self.parts[name] = Part(digest.hexdigest())

    def finish(self, **facts: Any) -> Manifest:
        manifest = Manifest(format=FORMAT, parts=self.parts, **facts)
        content = json.dumps(asdict(manifest), indent=1).encode()
        self._archive.writestr(MANIFEST, content)
        self._archive.writestr(SIGNATURE, _signature(content))
        return manifest


@contextmanager
def written(path: Path) -> Iterator[zipfile.ZipFile]:
    """A zip that appears under its name when it is whole, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(part, "wb", opener=_private) as raw:
            with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
                yield archive
            raw.flush()
            os.fsync(raw.fileno())
        os.replace(part, path)
        _sync_folder(path.parent)
    finally:
        part.unlink(missing_ok=True)


class Reader:
    """A backup that was found whole when it was opened."""

    def __init__(self, archive: zipfile.ZipFile, path: Path, manifest: Manifest):
        self._archive, self._path, self.manifest = archive, path, manifest

    def parts_of(self, name: str) -> Iterator[bytes]:
        """The content of an entry in pieces; raises BackupDamaged when it is not as noted."""
        digest = hashlib.sha256()
        try:
            with self._archive.open(name) as opened:
                while chunk := opened.read(CHUNK):
                    digest.update(chunk)
                    yield chunk
        except (KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise self._damaged(f"{name} cannot be read") from error
        if digest.hexdigest() != self.manifest.parts[name].sha256:
            raise self._damaged(f"{name} is not what was backed up")

    def rows_of(self, name: str) -> Iterator[dict[str, Any]]:
        """The rows of an entry of COPY'd JSON, one a line."""
        rest = b""
        for chunk in self.parts_of(name):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                yield json.loads(_unescaped(line))

    def check(self) -> None:
        unlisted = set(self._archive.namelist()) - {*self.manifest.parts, MANIFEST, SIGNATURE}
        if unlisted:
            raise self._damaged(f"it holds what nobody put there: {sorted(unlisted)[0]}")
        for name in self.manifest.parts:
            if ".." in Path(name).parts or name.startswith("/"):
                raise self._damaged(f"{name} leaves its folder")
            for _chunk in self.parts_of(name):
                pass

    def _damaged(self, what: str) -> BackupDamaged:
        return BackupDamaged(path=self._path.name, what=what)


@contextmanager
def opened(path: Path, *, accept_foreign: bool = False) -> Iterator[Reader]:
    """A backup, read through once to see that it is whole.

    Raises BackupDamaged naming what is wrong; BackupForeign when another key signed it.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise BackupDamaged(path=path.name, what=f"it is no whole backup ({error})") from error
    with archive:
        reader = Reader(archive, path, _manifest(archive, path, accept_foreign))
        reader.check()
        yield reader


def _manifest(archive: zipfile.ZipFile, path: Path, accept_foreign: bool) -> Manifest:
    try:
        content, signature = archive.read(MANIFEST), archive.read(SIGNATURE).decode()
        facts = json.loads(content)
        parts = {
            name: Part(part["sha256"], part["rows"], tuple(part["columns"]), tuple(part["order"]))
            for name, part in facts.pop("parts").items()
        }
        manifest = Manifest(parts=parts, **facts)
    except (
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise BackupDamaged(path=path.name, what="its manifest cannot be read") from error
    if manifest.format != FORMAT:
        raise BackupDamaged(path=path.name, what=f"its format is {manifest.format}, not {FORMAT}")
    if not accept_foreign and not _is_ours(content, signature):
        raise BackupForeign(path=path.name)
    wrong = _wrong_with(manifest)
    if wrong:
        raise BackupDamaged(path=path.name, what=f"its manifest has no usable {wrong}")
    return manifest


def _wrong_with(manifest: Manifest) -> str:
    """The fact that a restore could not do with; empty when there is none."""
    try:
        if datetime.fromisoformat(manifest.taken_at).tzinfo is None:
            return "taken_at"
    except (TypeError, ValueError):
        return "taken_at"
    if not isinstance(manifest.tenant, dict):
        return "tenant"
    for name in ("id", "tier", "slug", "name"):
        value = manifest.tenant.get(name)
        if not isinstance(value, str) or not value:
            return f"tenant.{name}"
    try:
        UUID(manifest.tenant["id"])
    except ValueError:
        return "tenant.id"
    return ""


def _signature(content: bytes, key: str | None = None) -> str:
    return Signer(key=key, salt=SALT).signature(hashlib.sha256(content).hexdigest())


def _is_ours(content: bytes, signature: str) -> bool:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(signature, _signature(content, key)) for key in keys)


def _unescaped(line: bytes) -> bytes:
    """COPY doubles backslashes; JSON has no other character that it would escape."""
    return line.replace(b"\\\\", b"\\")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_EXCL, 0o600)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
