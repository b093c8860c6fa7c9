"""Models of no app, with every kind of relation, and their tables in two workspaces."""

from datetime import date
from functools import cache

from django.db import connection, models
from django.test.utils import isolate_apps

from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.guard import WorkspaceModel
from marketing_platform.tenants.models import Tenant

DAY = date(2026, 11, 22)

with isolate_apps("marketing_platform.media"):

    class Shelf(WorkspaceModel):
        name = models.CharField(max_length=20)
        on = models.DateField(default=DAY)

        class Meta:
            app_label = "platform_media"
            ordering = ["pk"]

        def __str__(self) -> str:
            return self.name

    class Book(WorkspaceModel):
        name = models.CharField(max_length=20)
        shelf = models.ForeignKey(Shelf, null=True, on_delete=models.CASCADE, related_name="books")

        class Meta:
            app_label = "platform_media"

        def __str__(self) -> str:
            return self.name

    class Lock(WorkspaceModel):
        name = models.CharField(max_length=20)
        shelf = models.OneToOneField(Shelf, on_delete=models.CASCADE, related_name="lock")

        class Meta:
            app_label = "platform_media"

        def __str__(self) -> str:
            return self.name

    class Topic(WorkspaceModel):
        name = models.CharField(max_length=20)
        shelves = models.ManyToManyField(
            Shelf, through="platform_media.Placing", related_name="topics"
        )

        class Meta:
            app_label = "platform_media"

        def __str__(self) -> str:
            return self.name

    class Placing(WorkspaceModel):
        topic = models.ForeignKey(Topic, on_delete=models.CASCADE)
        shelf = models.ForeignKey(Shelf, on_delete=models.CASCADE)

        class Meta:
            app_label = "platform_media"

        def __str__(self) -> str:
            return f"{self.topic_id} on {self.shelf_id}"


MODELS = (Shelf, Book, Lock, Topic, Placing)


def tables_make(*tenants: Tenant) -> None:
    """The tables in each workspace, with rows of equal keys, named after its tier."""
    statements = "".join(_tables())
    for tenant in tenants:
        with tenant_context(tenant), connection.cursor() as cursor:
            cursor.execute(statements + "".join(_rows(tenant.tier)))


@cache
def _tables() -> tuple[str, ...]:
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        for model in MODELS:
            editor.create_model(model)
        made = [str(statement).rstrip(";") + ";" for statement in editor.collected_sql]
        made += [str(statement).rstrip(";") + ";" for statement in editor.deferred_sql]
        editor.deferred_sql.clear()
    return tuple(made)


def _rows(name: str) -> list[str]:
    shelf, book, lock, topic, placing = (model._meta.db_table for model in MODELS)
    return [
        f"INSERT INTO {shelf} (name, \"on\") VALUES ('{name}', '{DAY}');",
        f"INSERT INTO {book} (name, shelf_id) VALUES ('{name}', 1);",
        f"INSERT INTO {lock} (name, shelf_id) VALUES ('{name}', 1);",
        f"INSERT INTO {topic} (name) VALUES ('{name}');",
        f"INSERT INTO {placing} (topic_id, shelf_id) VALUES (1, 1);",
    ]
