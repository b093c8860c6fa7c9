import base64
import io
import json

import pytest
from PIL import Image

from local.guidance.engine import guides
from local.guidance.models import GuideRun
from marketing_platform.api.keys import key_create
from marketing_platform.core import clock
from marketing_platform.tenants.context import tenant_context

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(local_tenant, client):
    def make(scopes=("read", "write")):
        _row, key = key_create(
            tenant=local_tenant,
            name="Till",
            scopes=scopes,
            is_test=True,
            created_by_id=None,
            expires_at=None,
            now=clock.now(),
        )
        head = {"HTTP_HOST": "localhost", "HTTP_AUTHORIZATION": f"Bearer {key}"}

        def send(path, body=None):
            if body is None:
                return client.get(f"/api/local/guides{path}", **head)
            return client.post(
                f"/api/local/guides{path}",
                data=json.dumps(body),
                content_type="application/json",
                **head,
            )

        return send

    return make


def test_guides_are_listed_found_and_shown(call):
    send = call()
    assert len(send("").json()["guides"]) == len(guides())
    (found,) = [each["slug"] for each in send("?q=holiday hours").json()["guides"]][:1]
    assert found == "google-hours"
    one = send("/google-hours?language=hi").json()
    assert one["title"] == guides()["google-hours"].title["hi"]
    assert (one["is_fallback"], one["current"], one["done_count"]) == (False, "open", 0)
    assert one["evidence"]["kind"] == "tick"
    assert send("/google-hours?language=ta").json()["is_fallback"] is True


def test_a_guide_is_ticked_and_finished(call, local_tenant):
    send = call()
    for step in guides()["google-hours"].steps:
        answer = send("/google-hours/steps", {"step": step.key})
        assert answer.status_code == 200
    assert answer.json()["current"] == ""
    done = send("/google-hours/finish", {"tick": True})
    assert done.status_code == 200
    assert done.json()["evidence_kind"] == "tick"
    with tenant_context(local_tenant):
        assert GuideRun.objects.get().finished_at is not None


def test_a_photo_comes_as_base64(call):
    send = call()
    for step in guides()["whatsapp-status"].steps:
        send("/whatsapp-status/steps", {"step": step.key})
    bad = send("/whatsapp-status/finish", {"photo": "no base64!"})
    assert (bad.status_code, bad.json()["field"]) == (400, "photo")
    fake = base64.b64encode(b"<svg></svg>").decode()
    assert send("/whatsapp-status/finish", {"photo": fake}).status_code == 400
    made = io.BytesIO()
    Image.new("RGB", (60, 40), "#336699").save(made, "JPEG")
    good = base64.b64encode(made.getvalue()).decode()
    assert send("/whatsapp-status/finish", {"photo": good}).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/nothing", None, 404, "unknown_guide"),
        ("/nothing/steps", {"step": "open"}, 404, "unknown_guide"),
        ("/google-hours/steps", {"step": "nothing"}, 404, "unknown_step"),
        ("/google-hours/steps", {"step": ["open"]}, 400, "invalid_input"),
        ("/google-hours/steps", {}, 400, "invalid_input"),
        ("/google-hours/steps", {"step": "open", "who": 1}, 400, "invalid_input"),
        ("/google-hours/steps", [], 400, "invalid_input"),
        ("/google-hours/finish", {"tick": True}, 409, "guide_not_started"),
        ("/google-hours/finish", {"number": 10**30}, 400, "invalid_input"),
        ("/google-hours/finish", {"url": "x" * 501}, 400, "invalid_input"),
    ],
)
def test_bad_input_is_a_problem_with_a_code(call, local_tenant, path, body, status, code):
    answer = call()(path, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    with tenant_context(local_tenant):
        assert not GuideRun.objects.exists()


def test_a_key_that_only_reads_ticks_nothing(call, local_tenant):
    answer = call(scopes=("read",))("/google-hours/steps", {"step": "open"})
    assert answer.status_code == 403
    with tenant_context(local_tenant):
        assert not GuideRun.objects.exists()
