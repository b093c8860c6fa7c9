from datetime import date

from local.occasions.engine import Override, occasions_between


def november(overrides, start=date(2026, 11, 1), end=date(2026, 11, 30)):
    return occasions_between(
        start, end, state="MH", city="pune", category="sweet_shop", overrides=overrides
    )


def test_a_muted_occasion_is_gone_and_the_others_stay():
    before, after = november([]), november([Override("muted", "diwali", 2026)])
    assert [each for each in before if each.slug != "diwali"] == list(after)


def test_a_moved_occasion_is_certain_and_remembers_its_day():
    (diwali,) = [
        each
        for each in november([Override("moved", "diwali", 2026, on=date(2026, 11, 9))])
        if each.slug == "diwali"
    ]
    assert (diwali.date, diwali.moved_from) == (date(2026, 11, 9), date(2026, 11, 8))
    assert diwali.certain and diwali.date_note == ""


def test_an_occasion_can_be_moved_into_and_out_of_the_window():
    move = [Override("moved", "diwali", 2026, on=date(2026, 12, 2))]
    assert "diwali" not in {each.slug for each in november(move)}
    found = november(move, start=date(2026, 12, 1), end=date(2026, 12, 3))
    assert "diwali" in {each.slug for each in found}


def test_an_added_day_is_kept_with_the_owner_s_words():
    override = Override("added", "own-1", 2026, on=date(2026, 11, 19), title="Shop {birthday}")
    (own,) = [each for each in november([override]) if each.is_own]
    assert own.name_in("mr") == "Shop {birthday}"
    assert own.weight_for("sweet_shop") == 3
    line = own.greetings["en"][0].format(name="Asha Mithai", city="Pune")
    assert line == "Warm wishes on Shop (birthday) from Asha Mithai."


def test_an_added_day_may_refuse_offers():
    override = Override(
        "added", "own-1", 2026, on=date(2026, 11, 19), title="Barsi", offers_allowed=False
    )
    (own,) = [each for each in november([override]) if each.is_own]
    assert not own.offers_allowed


def test_an_added_day_outside_the_window_is_not_shown():
    override = Override("added", "own-1", 2026, on=date(2026, 12, 19), title="Fair")
    assert not any(each.is_own for each in november([override]))
