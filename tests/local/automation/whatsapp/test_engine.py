"""Pure rules: lint, opt-out words, windows, pace, states."""

from datetime import UTC, datetime, timedelta

import pytest

from local.automation.whatsapp.engine.faults import Remedy, fault_of
from local.automation.whatsapp.engine.filling import filled, variables_of
from local.automation.whatsapp.engine.lint import Draft, lint
from local.automation.whatsapp.engine.opting_out import is_opt_out
from local.automation.whatsapp.engine.pace import cools_off, too_often
from local.automation.whatsapp.engine.states import moves
from local.automation.whatsapp.engine.window import is_quiet, next_waking, service_window
from local.automation.whatsapp.selectors.starters import LANGUAGES, starters

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
GOOD = {
    "name": "diwali_2026",
    "language": "hi",
    "category": "marketing",
    "body": "नमस्ते {{name}}, ताज़ी मिठाई तैयार है, आज दुकान पर आइए।",
    "footer": "बंद करने के लिए STOP लिखें।",
    "examples": {"name": "Asha"},
}


def rules(**changes: object) -> set[str]:
    return {finding.rule for finding in lint(Draft(**(GOOD | changes)))}


def test_a_good_template_has_no_findings() -> None:
    assert rules() == set()


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"name": "Diwali 2026"}, "name"),
        ({"name": "d" * 513}, "name"),
        ({"language": "or"}, "language"),
        ({"language": "as"}, "language"),
        ({"category": "authentication"}, "category"),
        ({"body": "  ", "examples": {}}, "body_empty"),
        ({"body": "x" * 1025, "examples": {}}, "too_long"),
        ({"header": "x" * 61}, "too_long"),
        ({"footer": "STOP " + "x" * 60}, "too_long"),
        ({"body": "Come today\n\n\nto the shop please", "examples": {}}, "empty_lines"),
        ({"body": "Hello {{1}} and {{3}} at our shop in the evening today"}, "gap"),
        ({"body": "Hello {{1}} come to our shop today please"}, "braces"),
        ({"body": "Hello {name} come to our shop today please"}, "braces"),
        ({"body": "Hello {{ name }} come to our shop today please"}, "braces"),
        ({"body": "Hello {{Name}} come to our shop today please"}, "braces"),
        ({"body": "{{name}} come to our shop today please"}, "edge"),
        ({"body": "Come to our shop today dear {{name}}"}, "edge"),
        ({"body": "Come {{name}} {{name}} to our shop today please, all of you"}, "adjacent"),
        ({"body": "Come {{name}} today"}, "too_many_variables"),
        ({"header": "Hello {{name}} of {{two}} here"}, "one_variable"),
        ({"footer": "STOP {{name}}"}, "footer_variable"),
        ({"examples": {}}, "example"),
        ({"examples": {"name": "A\nB"}}, "example"),
        ({"footer": ""}, "way_out"),
        ({"buttons": [{"kind": "quick_reply", "text": f"B{n}"} for n in range(11)]}, "buttons"),
        ({"buttons": [{"kind": "quick_reply", "text": "x" * 26}]}, "button_text"),
        ({"buttons": [{"kind": "call", "text": "Call"}]}, "button_kind"),
        ({"buttons": [{"kind": "url", "text": "See", "url": "http://a.example"}]}, "url"),
        ({"buttons": [{"kind": "url", "text": "See", "url": "https://a.ex/" + "x" * 2000}]}, "url"),
        (
            {"buttons": [{"kind": "url", "text": "See", "url": "https://a.example/{{x}}/b"}]},
            "url_variable",
        ),
        ({"buttons": [{"kind": "copy_code", "text": "Copy", "code": "x" * 16}]}, "coupon"),
    ],
)  # fmt: skip
def test_lint_finds(changes: dict[str, object], rule: str) -> None:
    assert rule in rules(**changes)


def test_an_address_may_end_in_a_variable() -> None:
    button = {"kind": "url", "text": "See", "url": "https://a.example/{{code}}"}
    assert rules(buttons=[button]) == set()


def test_a_message_about_an_order_needs_no_way_out() -> None:
    assert rules(category="utility", footer="") == set()


@pytest.mark.parametrize("starter", starters(), ids=lambda each: each.slug)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_starter_passes_our_own_lint(starter: object, language: str) -> None:
    assert lint(starter.draft(language)) == ()


def test_a_value_is_put_in_and_an_unknown_name_stays() -> None:
    assert filled("Hi {{name}}, {{x}}", {"name": "Asha"}) == "Hi Asha, {{x}}"
    assert variables_of("{{b}} {{a}} {{b}}") == ("b", "a")


@pytest.mark.parametrize(
    "text",
    ["STOP", " stop. ", "Stop!!", "unsubscribe", "बंद", "बंद करो", "बन्द करो", "रोकें", "थांबवा",
     "मेसेज नको", "band karo", "Mat bhejo 🙏", "બંધ કરો", "நிறுத்து", "ఆపండి", "ನಿಲ್ಲಿಸಿ", "നിർത്തുക",
     "বন্ধ করুন", "ਬੰਦ ਕਰੋ", "بند کرو", "ＳＴＯＰ"],
)  # fmt: skip
def test_these_words_are_an_opt_out_at_any_time(text: str) -> None:
    assert is_opt_out(text, answers_campaign=False)


@pytest.mark.parametrize(
    "text",
    ["stop by at 5?", "dukaan kab band hoti hai", "दुकान बंद है क्या", "don't stop making laddu",
     "please stop the delivery boy at the gate", "", "🙏", "bandhani saree"],
)  # fmt: skip
def test_a_word_inside_a_sentence_is_none(text: str) -> None:
    assert not is_opt_out(text, answers_campaign=True)


@pytest.mark.parametrize("text", ["नको", "थांबा", "nahi chahiye", "வேண்டாம்", "No thanks", "ಬೇಡ"])
def test_no_thanks_counts_only_as_the_answer_to_a_campaign(text: str) -> None:
    assert is_opt_out(text, answers_campaign=True)
    assert not is_opt_out(text, answers_campaign=False)


def test_the_window_is_open_up_to_and_not_at_24_hours() -> None:
    second = timedelta(seconds=1)
    day = timedelta(hours=24)
    assert service_window(NOW, NOW + day - second).is_open
    assert not service_window(NOW, NOW + day).is_open
    assert not service_window(None, NOW).is_open
    assert service_window(NOW, NOW + day - second).hours_left(NOW + day - second) == 1
    assert service_window(NOW, NOW).hours_left(NOW + timedelta(hours=19)) == 5


@pytest.mark.parametrize(
    ("hour_utc", "minute", "quiet"),
    [(15, 29, False), (15, 30, True), (4, 29, True), (4, 30, False)],
)
def test_quiet_is_from_21_to_10_in_india(hour_utc: int, minute: int, quiet: bool) -> None:
    assert is_quiet(NOW.replace(hour=hour_utc, minute=minute)) is quiet


def test_the_next_waking_moment_is_ten_in_india() -> None:
    late = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)  # 23:30 in India
    early = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)  # 01:30 of the 24th
    ten = datetime(2026, 11, 24, 4, 30, tzinfo=UTC)
    assert next_waking(late) == next_waking(early) == ten
    assert next_waking(NOW) == NOW


def test_one_in_seven_days_and_three_in_thirty() -> None:
    def ago(*days: float) -> list[datetime]:
        return [NOW - timedelta(days=each) for each in days]

    assert too_often(ago(6.9), NOW)
    assert not too_often(ago(7), NOW)
    assert too_often(ago(8, 15, 29), NOW)
    assert not too_often(ago(8, 15, 30), NOW)


def test_three_unanswered_messages_mean_a_month_of_quiet() -> None:
    sent = [NOW - timedelta(days=each) for each in (60, 40, 20)]
    assert cools_off(sent, None, NOW)
    assert not cools_off(sent[:2], None, NOW)
    assert not cools_off(sent, NOW - timedelta(days=30), NOW)
    assert not cools_off(sent, None, NOW + timedelta(days=10))


@pytest.mark.parametrize(
    ("present", "told", "expected"),
    [
        ("accepted", "delivered", True),
        ("read", "delivered", False),
        ("delivered", "delivered", False),
        ("sent", "failed", True),
        ("read", "failed", False),
        ("failed", "delivered", False),
        ("unknown", "sent", True),
        ("sending", "read", True),
        ("sent", "warmed_up", False),
    ],
)
def test_a_status_only_moves_forward(present: str, told: str, expected: bool) -> None:
    assert moves(present, told) is expected


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        (131050, Remedy.OPTED_OUT),
        (131049, Remedy.NOT_NOW),
        (131048, Remedy.STOP_MARKETING),
        (190, Remedy.RECONNECT),
        (132015, Remedy.PAUSE_CAMPAIGN),
        (130429, Remedy.LATER),
        (131026, Remedy.NEVER),
        (None, Remedy.NEVER),
        (999_999, Remedy.NEVER),
    ],
)
def test_metas_numbers_ask_for(code: int | None, remedy: Remedy) -> None:
    assert fault_of(code).remedy is remedy
