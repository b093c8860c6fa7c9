"""What a customer's vendor desk asks for, in one ZIP."""

import io
import re
import zipfile
from pathlib import PurePosixPath

from billing.models import VendorFile
from billing.services.suppliers import supplier_current
from marketing_platform.core.errors import NotFound
from marketing_platform.core.text import mark as _
from marketing_platform.tenants.context import public_context

# A ZIP of the same files is the same bytes.
EPOCH = (1980, 1, 1, 0, 0, 0)
SUFFIXES = {"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg"}
LONGEST = 80
FACTS = "supplier.txt"


@public_context()
def vendor_pack() -> bytes:
    """The files that staff show, and our details as text. Raises NotFound while there are none."""
    files = VendorFile.objects.filter(is_shown=True).order_by("title", "pk")
    if not files:
        raise NotFound(_("The files are not here yet. Please write to us for them."))
    names: set[str] = {FACTS}
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as pack:
        _add(pack, FACTS, _facts().encode())
        for file in files:
            _add(pack, _name(file, names), bytes(file.content))
    return kept.getvalue()


def has_vendor_pack() -> bool:
    return VendorFile.objects.filter(is_shown=True).exists()


def _facts() -> str:
    us = supplier_current()
    rows = (
        ("Legal name", us.legal_name),
        ("Address", f"{us.address}, {us.city} {us.pincode}"),
        ("GSTIN", us.gstin),
        ("PAN", us.pan),
        ("E-mail", us.email),
        ("Bank", us.bank_details),
    )
    return "".join(f"{label}: {text}\r\n" for label, text in rows if text)


def _add(pack: zipfile.ZipFile, name: str, content: bytes) -> None:
    pack.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)


def _name(file: VendorFile, names: set[str]) -> str:
    """From its title: no folders, no second file of one name, the ending of what it is."""
    suffix = SUFFIXES.get(file.content_type, PurePosixPath(file.file_name).suffix[:8])
    stem = re.sub(r"[^\w -]+", " ", file.title).strip()[:LONGEST] or "file"
    name, count = f"{stem}{suffix}", 2
    while name in names:
        name, count = f"{stem} {count}{suffix}", count + 1
    names.add(name)
    return name
