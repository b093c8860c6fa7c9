"""The two Celery tasks of the platform: run one row, send what is due."""

from marketing_platform.celery import app
from marketing_platform.schedule.services import work_dispatch, work_run
from marketing_platform.schedule.upkeep import upkeep_schedule


@app.task(name="schedule.run")
def run(work_id: int) -> None:
    work_run(work_id)


@app.task(name="schedule.dispatch")
def dispatch() -> None:
    upkeep_schedule()
    work_dispatch()
