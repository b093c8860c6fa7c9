import json
import time

import pytest

from marketing_platform.writing.contracts import WrittenText
from marketing_platform.writing.language_model import LanguageModelCopywriter, ModelFailure

GOOD = "Pat your hair dry with a soft towel and ask us at Asha Salon what to do next."


def wrapped(content: str) -> bytes:
    return json.dumps({"choices": [{"message": {"content": content}}]}).encode()


def writer(model, **more) -> LanguageModelCopywriter:
    return LanguageModelCopywriter(base_url=model.url, key="secret", model="small", **more)


def failure_of(model, brief, **more) -> str:
    with pytest.raises(ModelFailure) as caught:
        writer(model, **more).write(brief)
    return caught.value.code


def test_a_good_answer_is_used(model, brief):
    model.answer = GOOD
    assert writer(model).write(brief) == WrittenText(GOOD, writer="language_model")
    sent = model.requests[0]
    assert sent["path"] == "/v1/chat/completions"
    assert sent["authorization"] == "Bearer secret"
    assert sent["body"]["temperature"] == 0


def test_what_people_typed_is_sent_as_data_not_as_instruction(model, brief):
    model.answer = GOOD
    writer(model).write(brief)
    system, user = model.requests[0]["body"]["messages"]
    assert system["role"] == "system"
    assert "Asha Salon" not in system["content"]
    assert json.loads(user["content"])["draft"] == [
        "Pat your hair dry with a soft towel. Then come by Asha Salon and ask us."
    ]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"", "bad_answer"),
        (b"not json", "bad_answer"),
        (b'{"choices": []}', "bad_answer"),
        (b'{"choices": [{"message": {"content": "plain words"}}]}', "bad_answer"),
        (wrapped('{"text": 5, "language": "en"}'), "bad_answer"),
        (wrapped('{"text": "a", "language": "en", "run": 1}'), "bad_answer"),
        (b"[1, 2, 3]", "bad_answer"),
        (b"x" * 100_000, "too_large"),
        ("Haircut at Asha Salon for ₹99 only, ask us for it.", "invented_number"),
        (GOOD + " Go to https://evil.example/pay", "link"),
        (GOOD + " We are the best.", "policy:no_superlative"),
        ("Asha Salon में आइए और पूछिए कि आगे क्या करना है।", "wrong_language"),
    ],
)
def test_a_bad_answer_is_a_failure_with_a_code(model, brief, answer, code):
    model.answer = answer
    assert failure_of(model, brief) == code


def test_a_wrongly_declared_language_is_a_failure(model, brief):
    model.answer, model.language = GOOD, "mr"
    assert failure_of(model, brief) == "wrong_language"


def test_an_error_status_and_a_silent_server_are_failures(model, brief):
    model.answer, model.status = GOOD, 500
    assert failure_of(model, brief) == "http_500"
    model.status = 302
    assert failure_of(model, brief) == "http_302"
    model.status, model.answer = 200, lambda body: time.sleep(1) or GOOD
    assert failure_of(model, brief, timeout_seconds=0.2) == "unreachable"


def test_nobody_listening_is_a_failure(model, brief):
    model.close()
    assert failure_of(model, brief) == "unreachable"
