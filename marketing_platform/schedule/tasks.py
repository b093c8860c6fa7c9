"""The two Celery tasks of the platform: run one row, send what is due."""

import logging

from marketing_platform.celery import app
from marketing_platform.core import clock
from marketing_platform.schedule.periodic import periodic_plan
from marketing_platform.schedule.provisioning import pool_refill_schedule
from marketing_platform.schedule.services import work_dispatch, work_run
from marketing_platform.schedule.upkeep import upkeep_schedule

logger = logging.getLogger(__name__)


@app.task(name="schedule.run", public=True)
def run(work_id: int) -> None:
    work_run(work_id)


@app.task(name="schedule.dispatch", public=True)
def dispatch() -> None:
    now = clock.now()
    plans = (
        upkeep_schedule,
        lambda: pool_refill_schedule(now=now),
        lambda: periodic_plan(now=now),
    )
    for plan in plans:
        try:
            plan()
        except Exception:
            # What cannot be planned now must not hold up what is due.
            logger.exception("planning failed")
    work_dispatch()
