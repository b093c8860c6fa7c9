"""Two pages for somebody signed in: one that asks the database nothing, one that asks five times.

Without tenancy they read the same table through a model without our guard.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import path

from marketing_platform.media.models import MediaFile
from marketing_platform.tiers.contracts import Entitlements
from marketing_platform.users.permissions import Permission

FULL = Entitlements(access="full")


def entitled(tenant: Any) -> Entitlements:
    return FULL


def unguarded() -> type[models.Model]:
    fields = {field.name: field.clone() for field in MediaFile._meta.local_concrete_fields}
    table = MediaFile._meta.db_table
    meta = type(
        "Meta", (), {"app_label": "unguarded", "db_table": table, "ordering": ["-created_at", "id"]}
    )
    return type("File", (models.Model,), {"__module__": __name__, "Meta": meta, **fields})


File = MediaFile if settings.SIDE.startswith("ours") else unguarded()


def trivial(request: HttpRequest) -> HttpResponse:
    return HttpResponse("yes" if request.user.is_authenticated else "no")


def five(request: HttpRequest) -> HttpResponse:
    rows = File.objects.all()
    found = [
        len(list(rows[:20])),
        rows.count(),
        rows.filter(purpose="poster").exists(),
        rows.filter(byte_size__gt=0).first(),
        rows.filter(width=None).last(),
    ]
    return HttpResponse("yes" if request.user.is_authenticated and all(found) else "no")


trivial.permission = five.permission = Permission.READ
urlpatterns = [path("trivial/", trivial), path("five/", five)]
