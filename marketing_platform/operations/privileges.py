"""PostgreSQL refuses to run as root; here root becomes somebody else without touching the machine.

Plain Python. First choice: a user namespace in which root's own files belong to user 1000, so a
folder that only root may enter works and no permission changes. Where namespaces are forbidden: a
copy of the binaries, and the data, in a temporary folder of the account `nobody`.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

_NAMESPACE = ("unshare", "-U", "--map-user=1000", "--map-group=1000")
_UNPRIVILEGED_ACCOUNT = "nobody"


class NoUnprivilegedUser(Exception):
    """Root has no way here to run a server as somebody else."""


@dataclass(frozen=True)
class Account:
    """How to run a server: what goes before its command, and where its files must lie."""

    prefix: tuple[str, ...]
    binaries: Path
    data: Path
    owner: int | None = None

    def give(self, path: Path) -> None:
        """Hands a file made by us to the account."""
        if self.owner is not None:
            os.chown(path, self.owner, -1)


def account_for(*, binaries: Path, data: Path, is_root: bool | None = None) -> Account:
    """The way to run the server in `binaries` with its data in `data`; unchanged when not root.

    Raises NoUnprivilegedUser.
    """
    is_root = os.geteuid() == 0 if is_root is None else is_root
    if not is_root:
        return Account((), binaries, data)
    if namespaces_allowed():
        return Account(_NAMESPACE, binaries, data)
    return _copy_for_nobody(binaries, data)


def namespaces_allowed() -> bool:
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run([*_NAMESPACE, "true"], capture_output=True, check=False)
    return tried.returncode == 0


def home_of_nobody(data: Path) -> Path:
    """The temporary folder that stands for `data`, the same at every start."""
    mark = hashlib.sha256(str(data).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"marketing-platform-{mark}"


def _copy_for_nobody(binaries: Path, data: Path) -> Account:
    if shutil.which("setpriv") is None:
        raise NoUnprivilegedUser(
            "PostgreSQL cannot run as root here. Run as an ordinary user, or set DATABASE_URL."
        )
    account = pwd.getpwnam(_UNPRIVILEGED_ACCOUNT)
    home = home_of_nobody(data)
    home.mkdir(mode=0o700, exist_ok=True)
    if home.is_symlink() or home.stat().st_uid not in {0, account.pw_uid}:
        raise NoUnprivilegedUser(f"The folder {home} belongs to somebody else; remove it.")
    os.chown(home, account.pw_uid, account.pw_gid)
    prefix = (
        "setpriv",
        f"--reuid={account.pw_uid}",
        f"--regid={account.pw_gid}",
        "--clear-groups",
        "--pdeathsig=INT",
    )
    return Account(prefix, _copied(binaries, home), home / "data", account.pw_uid)


def _copied(binaries: Path, home: Path) -> Path:
    """The wheel's folder and the libraries that it finds beside itself; a system's stays put."""
    installation = binaries.parent
    package = installation.parent
    libraries = package.with_name(f"{package.name}.libs")
    if not libraries.exists():
        return binaries
    target = home / package.name / installation.name
    if not target.exists():
        shutil.copytree(libraries, home / libraries.name, dirs_exist_ok=True)
        partial = target.with_name("partial")
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(installation, partial)
        partial.rename(target)
    return target / "bin"
