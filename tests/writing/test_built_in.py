from dataclasses import replace

import pytest

from marketing_platform.writing.built_in import BuiltInCopywriter, fill, fit, places, shortened
from marketing_platform.writing.contracts import Part


def test_places_are_filled_once_and_never_from_what_a_fact_holds():
    facts = {"name": "{city} Salon", "city": "Pune"}
    assert fill("{name} in {city}, {other}", facts) == "{city} Salon in Pune, {other}"
    assert places("{name} and {until}") == ("name", "until")


def test_parts_of_high_rank_give_way_first():
    parts = [Part("Opening.", 2), Part("Body."), Part("Closing.", 1)]
    assert fit(parts, 100) == "Opening. Body. Closing."
    assert fit(parts, 20) == "Body. Closing."
    assert fit(parts, 10) == "Body."


def test_what_must_stay_is_cut_at_a_sentence_or_a_word():
    assert shortened("One two three. Four five six.", 16) == "One two three."
    assert shortened("One two three four five", 12) == "One two…"
    assert shortened("Unbreakable", 5) == "Unbr…"
    assert shortened("दुकान आज खुली है। कल बंद है।", 17) == "दुकान आज खुली है।"


@pytest.mark.parametrize("limit", [1, 5, 17, 60, 500])
def test_the_limit_holds_in_the_networks_own_unit(limit):
    def in_bytes(text: str) -> int:
        return len(text.encode())

    text = fit([Part("दुकान आज खुली है। " * 5)], limit, measure=in_bytes)
    assert in_bytes(text) <= limit


def test_the_same_brief_gives_the_same_text(brief):
    writer = BuiltInCopywriter()
    written = writer.write(brief)
    assert written == writer.write(brief)
    assert written.writer == "built_in"
    assert written.text == (
        "Pat your hair dry with a soft towel. Then come by Asha Salon and ask us."
    )


def test_owner_words_stay_as_they_were_typed(brief):
    typed = replace(brief, parts=(Part("{offer}"),), facts={"offer": "10 % off !  {name}"})
    assert BuiltInCopywriter().write(typed).text == "10 % off !  {name}"
