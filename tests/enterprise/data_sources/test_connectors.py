"""Values of CRMs become ours, whatever they hold; addresses of theirs are not followed blindly."""

from datetime import UTC, date, datetime

import pytest

from enterprise.data_sources.connectors import hubspot, marketo, salesforce
from enterprise.data_sources.connectors.contracts import day_of, id_of, moment_of, paise_of, text_of
from enterprise.data_sources.errors import CrmAnswerOdd

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


class Scripted:
    """Answers in order, and remembers what was asked."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def get(self, path, **parts):
        self.asked.append((path, parts))
        return self.answers.pop(0)

    post = get


@pytest.mark.parametrize(
    ("given", "paise"),
    [
        (1234.565, 123_456), ("1234.5", 123_450), (0, 0), ("", None), (None, None), ("abc", None),
        (True, None), ("NaN", None), ("Infinity", None), (1e300, None), ("1e999999", None),
        ([1], None), ({}, None), (-50, -5_000), ("9" * 50, None),
    ],
)  # fmt: skip
def test_money(given, paise):
    assert paise_of(given) == paise


@pytest.mark.parametrize(
    ("given", "day"),
    [
        # An evening in UTC is the next day in India.
        ("2026-05-01T20:00:00.000+0000", date(2026, 5, 2)),
        ("2026-05-01T10:00:00.000Z", date(2026, 5, 1)),
        ("2026-05-01T10:00:00Z", date(2026, 5, 1)),
        ("2026-05-01", date(2026, 5, 1)),
        ("1777665600000", date(2026, 5, 2)),
        (1_777_593_600_000, date(2026, 5, 1)),
        ("yesterday", None), ("", None), (None, None), (True, None), (10**30, None), ([], None),
        ("0001-01-01", None), ("9999-12-31T23:59:59Z", None), ("\x00", None),
    ],
)  # fmt: skip
def test_days(given, day):
    assert day_of(given) == day


def test_texts_and_ids_are_bounded_and_clean():
    assert text_of("a\x00b\nc" + "x" * 900, 20).startswith("a b")
    assert len(text_of("x" * 9_000)) == 120
    assert [text_of(each) for each in (None, True, 1.5, [], {})] == [""] * 5
    assert id_of("006AB") == "006AB"
    assert id_of(17) == "17"
    for bad in ("x') OR (Id != '", "a b", "", None, "x" * 200, "अ"):
        assert id_of(bad) == ""
    assert moment_of("2026-05-01T10:00:00.000+0000").utcoffset().total_seconds() == 0


def opportunity(**more):
    facts = {
        "Id": "006A",
        "CreatedDate": "2026-05-01T10:00:00.000+0000",
        "SystemModstamp": "2026-05-02T10:00:00.000+0000",
        "StageName": "New",
        "Amount": 10,
        "IsClosed": False,
        "IsWon": False,
    }
    return {**facts, **more}


DESCRIBED = {"fields": [{"name": "Id"}]}
EMPTY = {"records": [], "done": True}


def salesforce_deals(*records, following=EMPTY):
    client = Scripted(DESCRIBED, {"records": list(records), "done": True}, following)
    return next(salesforce.deals(client, {}, NOW)), client


def test_records_that_cannot_be_read_are_counted_and_the_others_kept():
    page, _client = salesforce_deals(
        opportunity(), opportunity(Id=None), opportunity(Id="006B", CreatedDate="soon"),
        opportunity(Id="006C", Account="no object", Owner=[], Amount={"a": 1}, StageName=5),
    )  # fmt: skip
    assert page.unreadable == 2
    assert [entry.external_id for entry in page.entries] == ["006A", "006C"]
    assert page.entries[1].amount_paise is None
    assert page.position == {"reached": "2026-05-02T10:00:00.000Z"}


def test_an_id_of_theirs_cannot_change_the_question():
    _page, client = salesforce_deals(opportunity(), opportunity(Id="x') OR (Id != '"))
    assert "OR (Id" not in client.asked[-1][1]["params"]["q"]


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/services/data/v60.0/query/01g-2000",
        "//elsewhere.example/services/data/v60.0/query/01g-2000",
        "/services/data/v60.0/sobjects/User",
        "/services/data/v60.0/query/../../secrets",
        7,
        None,
    ],
)
def test_only_pages_of_a_query_are_followed(address):
    answer = {"records": [], "done": False, "nextRecordsUrl": address}
    pages = salesforce.contacts(Scripted(answer), {}, NOW)
    next(pages)
    with pytest.raises(CrmAnswerOdd):
        next(pages)


def test_a_page_that_leads_to_itself_ends():
    again = "/services/data/v60.0/query/01g-2000"
    answer = {"records": [], "done": False, "nextRecordsUrl": again}
    with pytest.raises(CrmAnswerOdd):
        list(salesforce.contacts(Scripted(answer, dict(answer), dict(answer)), {}, NOW))
    owners = {"results": [], "paging": {"next": {"after": "5"}}}
    with pytest.raises(CrmAnswerOdd):
        list(hubspot.contacts(Scripted(owners, dict(owners)), {}, NOW))


def test_the_question_begins_a_little_before_the_last_stored_change():
    client = Scripted(EMPTY)
    list(salesforce.contacts(client, {"reached": "2026-05-02T10:00:00.000Z"}, NOW))
    asked = client.asked[0][1]["params"]["q"]
    assert "SystemModstamp >= 2026-05-02T09:59:30.000Z ORDER BY SystemModstamp, Id" in asked
    assert client.asked[0][0].endswith("/queryAll")


def test_marketo_keeps_its_place_until_all_was_read():
    client = Scripted(
        {"success": True, "nextPageToken": "T1"},
        {
            "success": True,
            "moreResult": False,
            "nextPageToken": "T2",
            "result": [
                {"leadId": 7, "activityDate": "2026-11-21T10:00:00Z"},
                {"leadId": 7, "activityDate": "2026-11-21T09:00:00Z"},
            ],
        },
        {
            "success": True,
            "result": [{"id": 7, "createdAt": "2026-11-01T09:00:00Z", "email": "A@b.example"}],
        },
        {"success": True, "nextPageToken": "D1"},
        {"success": True, "moreResult": False, "nextPageToken": "D2"},
    )
    before = {"reached": "2026-11-20T09:00:00.000Z"}
    pages = list(marketo.leads(client, before, NOW))
    assert [page.position for page in pages] == [before, {"reached": "2026-11-21T10:00:00.000Z"}]
    assert client.asked[2][1]["params"]["filterValues"] == "7"
    assert pages[0].entries[0].email_hash != ""
