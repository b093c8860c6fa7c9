"""Two workspaces of each tier, as alike as two can be and each full of its own canaries.

Every table of A and B has rows with the same primary keys, and rows with keys that only one has.
Every free text holds CANARY-A or CANARY-B, so a foreign row is seen wherever it comes out. A new
model is filled by its fields; when its constraints refuse that, OVERRIDES says what it may hold.
"""

import functools
import io
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, models, transaction

from marketing_platform.api.keys import key_create
from marketing_platform.core import clock
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant, TenantOwned
from marketing_platform.tiers.registry import REGISTRY
from marketing_platform.users.models import User
from tests.rows_of_features import names_of, rows_of

LETTERS = ("A", "B")
TIERS = ("local", "enterprise")
EQUAL_KEYS = (1001, 1002)
ONLY_KEYS = {"A": (1091, 1092), "B": (1071, 1072)}
ABSENT_KEY = 990_001
NEXT_KEY = 5000
NAMES = {"A": "Alfa", "B": "Bravo"}
PHOTO_FOLDER = "photo/2026/11"
DETAILS: dict[str, dict[str, Any]] = {
    "local": {"category": "coaching_class", "city": "pune", "languages": ["en"]},
    "enterprise": {"industry": "consumer_durables", "city": "Bengaluru", "state": "KA"},
}
Model = type[models.Model]


def canary(letter: str) -> str:
    return f"CANARY-{letter}"


def only_key(letter: str) -> int:
    return ONLY_KEYS[letter][0]


def uuid_of(number: int) -> uuid.UUID:
    return uuid.UUID(int=number)


@dataclass(frozen=True)
class Side:
    """One of the two: its owner, who belongs nowhere else, and a workspace and key per tier."""

    letter: str
    owner: User
    tenants: dict[str, Tenant]
    keys: dict[str, str]

    @property
    def marks(self) -> tuple[str, str]:
        """What gives it away: its texts and its name."""
        return canary(self.letter), NAMES[self.letter]


@dataclass(frozen=True)
class World:
    a: Side
    b: Side

    def __iter__(self) -> Iterator[Side]:
        return iter((self.a, self.b))

    def pair(self, tier: str) -> tuple[Tenant, Tenant]:
        return self.a.tenants[tier], self.b.tenants[tier]


def world_make(make_workspace: Callable[[str, User, dict[str, Any]], None]) -> dict[str, str]:
    """Fill the present database. Returns the keys in clear, by slug."""
    keys = {}
    for letter in LETTERS:
        owner = User.objects.create_user(
            email=f"owner-{letter.lower()}@canary.example",
            password="the-same-password-1",
            full_name=f"{NAMES[letter]} owner",
        )
        for tier in TIERS:
            name = f"{NAMES[letter]} {tier}"
            make_workspace(tier, owner, {"name": name, **DETAILS[tier]})
            tenant = Tenant.objects.get(name=name)
            keys[tenant.slug] = _public_rows_make(tenant, letter, owner)
            with tenant_context(tenant), transaction.atomic():
                workspace_fill(tier, letter)
    # One password, one hash: nothing but the person tells the two apart.
    User.objects.filter(email__endswith="@canary.example").update(
        password=User.objects.get(email="owner-a@canary.example").password
    )
    return keys


def world_read(keys: dict[str, str]) -> World:
    tenants = {row.name: row for row in Tenant.objects.filter(slug__in=keys)}
    sides = [_side(letter, tenants, keys) for letter in LETTERS]
    return World(*sides)


def _side(letter: str, by_name: dict[str, Tenant], keys: dict[str, str]) -> Side:
    tenants = {tier: by_name[f"{NAMES[letter]} {tier}"] for tier in TIERS}
    return Side(
        letter,
        User.objects.get(email=f"owner-{letter.lower()}@canary.example"),
        tenants,
        {tier: keys[row.slug] for tier, row in tenants.items()},
    )


# --- rows inside a workspace


def workspace_models(tier: str) -> list[Model]:
    """Every model with a table in workspaces of the tier, what is pointed at before what points."""
    names = settings.TENANT_TYPES[tier]["APPS"]
    found = [
        model
        for config in apps.get_app_configs()
        if config.name in names
        for model in config.get_models(include_auto_created=True)
        if not model._meta.proxy and model._meta.managed
    ]
    ordered: list[Model] = []
    for model in found:
        _place(model, ordered)
    return ordered


def _place(model: Model, ordered: list[Model]) -> None:
    if model in ordered:
        return
    for field in model._meta.concrete_fields:
        if field.is_relation and field.related_model is not model:
            _place(field.related_model, ordered)
    ordered.append(model)


def workspace_fill(tier: str, letter: str) -> None:
    """Rows of the acting workspace, and the next key of every sequence."""
    for model in workspace_models(tier):
        if model._meta.label in ONE_ROW:
            model.objects.all().delete()
        model.objects.bulk_create(
            [model(**values_of(model, key, letter)) for key in keys_of(model, letter)]
        )
        if isinstance(model._meta.pk, models.AutoField):
            _sequence_set(model)


def keys_of(model: Model, letter: str) -> tuple[int, ...]:
    if model._meta.label in ONE_ROW:
        return (1,)
    return EQUAL_KEYS + ONLY_KEYS[letter]


def primary_key(model: Model, key: int) -> Any:
    if model._meta.label in ONE_ROW:
        return 1
    return uuid_of(key) if isinstance(model._meta.pk, models.UUIDField) else key


def values_of(model: Model, key: int, letter: str) -> dict[str, Any]:
    said = OVERRIDES.get(model._meta.label, lambda key, letter: {})(key, letter)
    values = {model._meta.pk.attname: primary_key(model, key), **said}
    for field in model._meta.concrete_fields:
        if field.attname not in values:
            values[field.attname] = _value(field, key, letter)
    return values


def _value(field: models.Field, key: int, letter: str) -> Any:
    is_text = isinstance(field, models.CharField | models.TextField)
    if field.null and not is_text:
        return None
    if field.is_relation:
        return primary_key(field.related_model, key)
    if field.choices:
        return field.choices[0][0]
    if is_text:
        return text_of(field, key, letter)
    for kind, value in {
        models.BooleanField: False,
        models.DateTimeField: clock.now(),
        models.DateField: clock.today() + timedelta(days=key % 100),
        models.DecimalField: Decimal(key),
        models.FloatField: 0.5,
        models.JSONField: {"note": f"{canary(letter)}-{key}"},
        models.UUIDField: uuid_of(key),
        models.BinaryField: f"{canary(letter)}-{key}".encode(),
        models.IntegerField: key % 100,
    }.items():
        if isinstance(field, kind):
            return value
    raise ValueError(f"OVERRIDES does not say what {field} may hold")


def text_of(field: models.Field, key: int, letter: str) -> str:
    text = f"{canary(letter)}-{key} {field.name}"
    if field.name.endswith("language"):
        return "en"
    if field.max_length and field.max_length < len(f"{canary(letter)}-{key}"):
        raise ValueError(f"OVERRIDES does not say what {field} may hold: it has no room")
    return text[: field.max_length]


def _sequence_set(model: Model) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence(%s, %s), %s, false)",
            [model._meta.db_table, model._meta.pk.column, NEXT_KEY],
        )


ONE_ROW = {"local_social_media.BrandKit", *names_of("ONE_ROW")}
OVERRIDES: dict[str, Callable[[int, str], dict[str, Any]]] = {
    "platform_audit.AuditEntry": lambda key, letter: {"actor_kind": "human"},
    "platform_media.MediaFile": lambda key, letter: {
        "mime_type": "image/jpeg",
        "storage_path": f"{PHOTO_FOLDER}/{key}.jpg",
        "byte_size": len(photo(letter)),
    },
    "local_occasions.OccasionOverride": lambda key, letter: {
        "slug": f"{canary(letter).lower()}-{key}",
        "action": "added",
        "year": clock.today().year,
        "on": clock.today() + timedelta(days=key % 20),
    },
    "local_social_media.BrandKit": lambda key, letter: {
        "primary_colour": "#aa3311",
        "accent_colour": "#113355",
        "owner_photo_id": uuid_of(EQUAL_KEYS[0]),
    },
    "local_social_media.Offer": lambda key, letter: {
        "valid_from": clock.today(),
        "valid_until": clock.today() + timedelta(days=30),
        "is_active": True,
    },
    "local_social_media.CoachingResult": lambda key, letter: {
        "rank": "212",
        "result_on": clock.today() - timedelta(days=20),
        "consent_on": clock.today() - timedelta(days=10),
        "is_active": True,
    },
    "local_social_media.ClassSeats": lambda key, letter: {"counted_on": clock.today()},
    "local_social_media.DayIdea": lambda key, letter: {"variant": 3},
    "enterprise_data_sources.DataSource": lambda key, letter: {"kind": "google_ads"},
    "enterprise_data_sources.SpendRow": lambda key, letter: {"channel": "google_ads"},
    "enterprise_market_intelligence.InsightRun": lambda key, letter: {"origin": "workspace"},
    **rows_of("OVERRIDES"),
}


# --- files


@functools.cache
def photo(letter: str) -> bytes:
    """A real photo with the canary in its comment."""
    from PIL import Image

    made = io.BytesIO()
    Image.new("RGB", (64, 64), {"A": "red", "B": "blue"}[letter]).save(
        made, "JPEG", comment=canary(letter).encode()
    )
    return made.getvalue()


def files_write(world: World) -> None:
    """Files of equal names and other content in every workspace."""
    from django.core.files.base import ContentFile

    for side in world:
        for tenant in side.tenants.values():
            with tenant_context(tenant):
                for key in EQUAL_KEYS + ONLY_KEYS[side.letter]:
                    name = f"{PHOTO_FOLDER}/{key}.jpg"
                    default_storage.save(name, ContentFile(photo(side.letter)))


# --- public rows of a workspace


def owned_models(tier: str, model: Model = TenantOwned) -> list[Model]:
    """Every TenantOwned model that a workspace of the tier may have rows of."""
    others = {app for each in TIERS if each != tier for app in REGISTRY[each].apps_public}
    found: list[Model] = []
    for child in model.__subclasses__():
        if child._meta.abstract:
            found += owned_models(tier, child)
        elif child._meta.app_config.name not in others:
            found.append(child)
    return sorted(found, key=lambda each: each._meta.label)


def _public_rows_make(tenant: Tenant, letter: str, owner: User) -> str:
    now = clock.now()
    with tenant_context(tenant):
        _row, key = key_create(
            tenant=tenant,
            name=f"{canary(letter)} key",
            scopes=("read", "write"),
            is_test=False,
            created_by_id=owner.pk,
            expires_at=None,
            now=now,
        )
        for model in owned_models(tenant.tier):
            if model.objects.exists():
                _texts_mark(model, letter)
            else:
                model.objects.create(**_owned_values(model, tenant, letter))
    return key


def _owned_values(model: Model, tenant: Tenant, letter: str) -> dict[str, Any]:
    number = EQUAL_KEYS[0]
    said = {"tenant_id": tenant.pk, **OWNED.get(model._meta.label, lambda tenant: {})(tenant)}
    for field in model._meta.concrete_fields:
        if field.attname in said or field.primary_key:
            continue
        said[field.attname] = _value(field, number, letter)
    return said


def _texts_mark(model: Model, letter: str) -> None:
    """Free texts of what signing up made; the business's own name is told apart by itself."""
    fields = [model._meta.get_field(name) for name in MARKED.get(model._meta.label, ())]
    model.objects.update(**{field.name: text_of(field, 1, letter) for field in fields})


def _plan_version(tier: str) -> int:
    from billing.models import PlanVersion

    return PlanVersion.objects.filter(plan__tier=tier).latest("number").pk


MARKED = {"local_business.LocalBusiness": ("address", "licence_number")}
MONEY = {"base_paise": 100, "tax_paise": 18, "amount_paise": 118, "currency": "INR"}
OWNED: dict[str, Callable[[Tenant], dict[str, Any]]] = {
    "api.RememberedAnswer": lambda tenant: {"status": 200},
    "platform_schedule.DueWork": lambda tenant: {
        "key": f"canary:{tenant.pk}",
        "queue": "default",
        "done_at": clock.now(),
    },
    "billing.Checkout": lambda tenant: {
        **MONEY,
        "plan_version_id": _plan_version(tenant.tier),
        "interval": "month",
        "gateway": "sandbox",
        "remote_id": f"canary-{tenant.slug}",
        "state": "expired",
        "expires_at": clock.now() + timedelta(hours=1),
        "settled_at": clock.now(),
    },
    "billing.Payment": lambda tenant: {**MONEY, "gateway": "sandbox", "remote_id": tenant.slug},
    "billing.StaffTerms": lambda tenant: {
        "until": clock.now() + timedelta(days=1),
        "accepted_at": clock.now(),
    },
    **rows_of("OWNED"),
}
