"""Daily housekeeping. The dispatcher sees to it that a next run is always planned."""

from datetime import timedelta
from typing import Any

from marketing_platform.core import clock
from marketing_platform.schedule.models import DeadLetter
from marketing_platform.schedule.registry import work_handler
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.services import abandoned_slugs_free

LETTERS_KEPT = timedelta(days=180)


def upkeep_schedule() -> None:
    """Make sure that tomorrow's run is planned; planned already, it changes nothing."""
    tomorrow = clock.today() + timedelta(days=1)
    due_at = clock.now() + timedelta(days=1)
    work_schedule(task="platform.upkeep", due_at=due_at, key=f"upkeep:{tomorrow:%Y-%m-%d}")


@work_handler("platform.upkeep", public=True)
def upkeep(_tenant: None, **_unused: Any) -> None:
    DeadLetter.objects.filter(received_at__lt=clock.now() - LETTERS_KEPT).delete()
    # By name: the tables to be cleared belong to packages that this one does not know.
    work_schedule(task="platform.retention", key=f"retention:{clock.today():%Y-%m-%d}")
    abandoned_slugs_free(now=clock.now())
