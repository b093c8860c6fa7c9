"""Real Celery workers on the test services, each serving a queue of its own."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.conf import settings
from redis import Redis

from marketing_platform.celery import app
from marketing_platform.operations.processes import Child, kill_group
from tests.celery.worker_tasks import NOTES

ROOT = Path(__file__).resolve().parents[2]
WAIT_SECONDS = 30


@pytest.fixture(scope="session")
def worker_start(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Child]]:
    """worker_start(queue, *options): a worker that is ready; killed at the end."""
    started: list[Child] = []

    def start(queue: str, *options: str) -> Child:
        folder = tmp_path_factory.mktemp(f"worker-{queue}")
        child = Child(
            name=queue,
            command=[
                *(sys.executable, "-m", "celery", "-A", "marketing_platform.celery", "worker"),
                *("--queues", queue, "--hostname", f"{queue}@test", "--loglevel", "INFO"),
                *("--include", "tests.celery.worker_tasks", "--without-gossip"),
                *("--without-mingle", "--without-heartbeat", *options),
            ],
            log=folder / "worker.log",
            environment={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "marketing_platform.settings.test",
                "TEST_QUEUE": queue,
            },
            folder=ROOT,
        )
        child.start()
        started.append(child)
        child.wait_until(lambda: " ready." in child.log.read_text(), seconds=60)
        return child

    yield start
    for child in started:
        kill_group(child.pid)
        child.wait_stopped(10)


@pytest.fixture(scope="session")
def worker(worker_start: Callable[..., Child]) -> Child:
    """Two processes that serve the queue `tested`."""
    return worker_start("tested", "--concurrency", "2")


@pytest.fixture
def stranger(db: None) -> Iterator[Celery]:
    """An application without our rules, for messages as we would never send them."""
    other = Celery("stranger", broker=app.conf.broker_url, set_as_current=False)
    other.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    other.conf.task_ignore_result = True
    yield other
    other.close()


@pytest.fixture
def noted(db: None) -> Callable[[int], list[dict[str, Any]]]:
    """noted(count): the notes of the tasks, once there are that many; sorted by label."""
    redis = Redis.from_url(settings.REDIS_URL)

    def wait(count: int) -> list[dict[str, Any]]:
        wait_for(lambda: redis.llen(NOTES) >= count, f"{count} notes")
        notes = [json.loads(raw) for raw in redis.lrange(NOTES, 0, -1)]
        return sorted(notes, key=lambda seen: seen["label"])

    return wait


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"no {what} in {WAIT_SECONDS} seconds"
        time.sleep(0.02)
