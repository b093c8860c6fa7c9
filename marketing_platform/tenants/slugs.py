"""Web addresses and schema names: made and validated by us, never user text as it is."""

import hashlib
import re
import unicodedata

from django.conf import settings
from ulid import ULID

from marketing_platform.tenants.errors import InvalidSlug, SlugTaken
from marketing_platform.tenants.models import Tenant, TenantEvent

SLUG = re.compile(r"[a-z][a-z0-9-]{1,38}[a-z0-9]")
# The event of an erased workspace whose reason is the digest of its address.
RETIRED = "address_retired"


def new_schema_name() -> str:
    return f"t_{str(ULID()).lower()}"


def slug_validate(slug: str) -> str:
    """The slug itself; raises InvalidSlug or SlugTaken (reserved or in use)."""
    if not SLUG.fullmatch(slug) or "--" in slug:
        raise InvalidSlug(field="slug")
    is_taken = slug in settings.RESERVED_SLUGS or Tenant.objects.filter(slug=slug).exists()
    if is_taken or slug_is_retired(slug):
        raise SlugTaken(field="slug")
    return slug


def slug_is_retired(slug: str) -> bool:
    """Whether it was an erased workspace's: printed on posters, it must not lead to another."""
    return TenantEvent.objects.filter(kind=RETIRED, reason=slug_digest(slug)).exists()


def slug_digest(slug: str) -> str:
    return hashlib.sha256(slug.encode()).hexdigest()


def slug_suggest(name: str) -> str:
    """A free address from a business name: 'Asha Sweets' -> 'asha-sweets', then 'asha-sweets-2'."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-0123456789")[:30].strip("-")
    if len(stem) < 3:
        stem = "shop"
    taken = set(Tenant.objects.filter(slug__startswith=stem).values_list("slug", flat=True)) | set(
        settings.RESERVED_SLUGS
    )
    found, number = stem, 1
    while found in taken or slug_is_retired(found):
        number += 1
        found = f"{stem}-{number}"
    return found
