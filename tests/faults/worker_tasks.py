"""What the workers of the drill are told besides the product: a kind of effect, and two controls.

By --include of celery. Waits are short, so that a drill of half a minute sees every way through.
"""

import http.client
import json
import os
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from celery import Task
from django.conf import settings

from marketing_platform.celery import app
from marketing_platform.connections.errors import ProviderFailure
from marketing_platform.effects import looking, running, times
from marketing_platform.effects.models import Effect
from marketing_platform.effects.registry import Committed, EffectHandler, Verdict, effect_kind
from marketing_platform.schedule import services as schedule

PORT = int(os.environ.get("FAULTS_PROVIDER_PORT", "0"))
# Shorter than the silence of the provider.
TIMEOUT_SECONDS = 2.0
SECOND = timedelta(seconds=1)
times.TIMES = replace(
    times.TIMES,
    lease=5 * SECOND,
    back_off=0.5 * SECOND,
    longest_back_off=4 * SECOND,
    look_again=3 * SECOND,
    verify_waits=(1 * SECOND, 2 * SECOND, 3 * SECOND, 4 * SECOND, 5 * SECOND, 6 * SECOND),
)
schedule.LEASE = 10 * SECOND
schedule.NUDGE_AGAIN = 3 * SECOND
app.conf.broker_transport_options = {
    **settings.CELERY_BROKER_TRANSPORT_OPTIONS,
    "visibility_timeout": 10,
    "unacked_mutex_expire": 3,
}


class Client:
    """Of the provider. It tells apart what never left from what may have arrived."""

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        line = http.client.HTTPConnection("127.0.0.1", PORT, timeout=TIMEOUT_SECONDS)
        try:
            line.connect()
        except OSError:
            raise ProviderFailure("unreachable", outcome="not_applied") from None
        try:
            line.request(method, path, json.dumps(body) if body else None)
            answer = line.getresponse()
            content = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            raise ProviderFailure("timeout", outcome="unknown") from None
        finally:
            line.close()
        if answer.status >= 500:
            raise ProviderFailure("server", http_status=answer.status, outcome="unknown")
        return content


def client_for(_connection: Any) -> Client:
    return Client()


running.client_for = looking.client_for = client_for


@effect_kind("faults.post")
class Post(EffectHandler):
    provider = "meta"
    label = "Drill"
    arms_at_most = 60

    def commit(self, effect: Effect, client: Client) -> Committed:
        return Committed(client.ask("POST", "/posts", {"key": effect.payload["key"]})["id"])

    def verify(self, effect: Effect, client: Client) -> Verdict:
        found = client.ask("GET", f"/posts?key={quote(effect.payload['key'])}")["count"]
        return Verdict.CONFIRMED() if found else Verdict.NOT_APPLIED


@app.task(name="faults.naive", public=True, bind=True, acks_late=True, max_retries=None)
def naive(self: Task, key: str) -> None:
    """A control: late acknowledgement and retries, as many products post."""
    try:
        Client().ask("POST", "/posts", {"key": key})
    except ProviderFailure as failure:
        raise self.retry(exc=failure, countdown=1) from None


@app.task(name="faults.early", public=True, acks_late=False)
def early(key: str) -> None:
    """The other control: acknowledged before it is done, and never tried again."""
    Client().ask("POST", "/posts", {"key": key})
