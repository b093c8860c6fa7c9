"""What the brief says: situation, decisions, budget, risks, experiments."""

from typing import Any

from enterprise.strategic_synthesizer.engine.contracts import (
    Brief,
    BriefInputs,
    BudgetIn,
    CampaignIn,
    ChannelIn,
    Claim,
    Figure,
    FindingIn,
    Name,
    Row,
    Section,
    Table,
    Word,
)
from enterprise.strategic_synthesizer.engine.figures import (
    Book,
    campaign_budget,
    campaign_weeks,
    finding_of,
    fitted_weeks,
    gain_of,
    problem_of,
    roas_of,
    spend_of,
    weeks_of_data,
)
from marketing_platform.core.text import mark as _

MOST_FINDINGS = 5
MOST_MOVES = 3


def compose(inputs: BriefInputs) -> Brief:
    """The brief of what is known today; says what is not."""
    book = Book()
    situation = _situation(inputs, book)
    decisions = _decisions(inputs, book)
    sections = (
        situation,
        decisions,
        _budget(inputs, book),
        _risks(inputs, book),
        _experiments(inputs, book),
    )
    return Brief(
        company=Name(inputs.company),
        dated_on=inputs.today,
        headline=_headline(inputs, book),
        sections=sections,
        evidence=tuple(book.evidence),
    )


# --- the parts


def _headline(inputs: BriefInputs, book: Book) -> Claim:
    budget = inputs.budget
    if budget is not None and not budget.is_unchanged:
        text = (
            _("Moving the budget between channels is expected to bring %(gain)s a week.")
            if budget.gain_low > 0
            else _(
                "Moving the budget between channels may bring %(gain)s a week; it may cost, too."
            )
        )
        return Claim(text, {"gain": Figure(gain_of(budget, book), "interval")})
    if inputs.findings:
        first = inputs.findings[0]
        return Claim(_("%(subject)s is what moved most."), {"subject": Name(first.subject)})
    return Claim(_("There is not enough data for a finding yet."))


def _situation(inputs: BriefInputs, book: Book) -> Section:
    claims = [_finding(each, book) for each in inputs.findings[:MOST_FINDINGS]]
    if not claims:
        claims = [
            Claim(
                _("No change in the numbers is sure enough to be told. Add more periods or series.")
            )
        ]
    return Section("situation", _("What changed"), tuple(claims))


def _finding(found: FindingIn, book: Book) -> Claim:
    evidence_id = finding_of(found, book)
    value = Figure(evidence_id)
    subject = found.heading or Name(found.subject)
    filled: dict[str, Any] = {"subject": subject, "value": value}
    message = FINDINGS.get(found.kind, FINDINGS["other"])
    if found.low is None:
        return Claim(message[0], filled)
    filled |= {"interval": Figure(evidence_id, "interval"), "level": Figure(evidence_id, "level")}
    return Claim(message[1], filled)


FINDINGS: dict[str, tuple[str, str]] = {
    "trend": (
        _("%(subject)s moves by %(value)s a period."),
        _("%(subject)s moves by %(value)s a period (%(interval)s, %(level)s sure)."),
    ),
    "level_shift": (
        _("%(subject)s stepped by %(value)s and stayed there."),
        _("%(subject)s stepped by %(value)s and stayed there (%(interval)s, %(level)s sure)."),
    ),
    "season": (
        _("%(subject)s peaks in its season by %(value)s."),
        _("%(subject)s peaks in its season by %(value)s (%(interval)s, %(level)s sure)."),
    ),
    "anomaly": (
        _("%(subject)s was unusual at %(value)s."),
        _("%(subject)s was unusual at %(value)s; %(interval)s was expected (%(level)s sure)."),
    ),
    "forecast": (
        _("%(subject)s is expected at %(value)s."),
        _("%(subject)s is expected at %(value)s (%(interval)s, %(level)s sure)."),
    ),
    "segment": (
        _("One group of deals is won %(value)s times as often as the others."),
        _(
            "One group of deals is won %(value)s times as often as the others "
            "(%(interval)s, %(level)s sure)."
        ),
    ),
    "other": (
        _("%(subject)s: %(value)s."),
        _("%(subject)s: %(value)s (%(interval)s, %(level)s sure)."),
    ),
}


def _decisions(inputs: BriefInputs, book: Book) -> Section:
    budget = inputs.budget
    title = _("What to decide")
    if budget is None:
        have = weeks_of_data(inputs, book, is_need=False)
        need = weeks_of_data(inputs, book, is_need=True)
        claim = Claim(
            _("No budget model yet: it needs %(need)s of spend and outcome, there are %(have)s."),
            {"need": Figure(need), "have": Figure(have)},
        )
        return Section("decisions", title, (claim,))
    if budget.is_unchanged:
        text = _("Keep the budget as it is: within the limits set, no move is expected to pay.")
        return Section("decisions", title, (Claim(text),))
    moves = sorted(
        (each for each in budget.channels if each.before_paise != each.after_paise),
        key=lambda each: -abs(each.after_paise - each.before_paise),
    )
    claims = [_move(each, budget, book) for each in moves[:MOST_MOVES]]
    gain = gain_of(budget, book)
    claims.append(
        Claim(
            _("Together: %(gain)s a week expected, between %(low)s and %(high)s (%(level)s sure)."),
            {
                "gain": Figure(gain),
                "low": Figure(gain, "low"),
                "high": Figure(gain, "high"),
                "level": Figure(gain, "level"),
            },
        )
    )
    return Section("decisions", title, tuple(claims))


def _move(channel: ChannelIn, budget: BudgetIn, book: Book) -> Claim:
    is_more = channel.after_paise > channel.before_paise
    text = (
        _("Raise %(channel)s from %(before)s to %(after)s a week.")
        if is_more
        else _("Lower %(channel)s from %(before)s to %(after)s a week.")
    )
    return Claim(
        text,
        {
            "channel": Name(channel.name),
            "before": Figure(spend_of(channel, budget, book, is_after=False)),
            "after": Figure(spend_of(channel, budget, book, is_after=True)),
        },
    )


def _budget(inputs: BriefInputs, book: Book) -> Section:
    budget = inputs.budget
    title = _("Budget a week, before and after")
    if budget is None:
        return Section("budget", title, (Claim(_("There is no budget model to show.")),))
    rows = [
        Row(
            Name(each.name),
            (
                Figure(spend_of(each, budget, book, is_after=False)),
                Figure(spend_of(each, budget, book, is_after=True)),
                Figure(roas_of(each, budget, book)),
                Figure(roas_of(each, budget, book), "interval"),
            ),
        )
        for each in budget.channels
    ]
    columns = (_("Channel"), _("Before"), _("After"), _("Return per rupee"), _("Range"))
    weeks = fitted_weeks(budget, book)
    claim = Claim(
        _("Fitted on %(weeks)s, up to %(as_of)s. Return: %(outcome)s for each rupee spent."),
        {
            "weeks": Figure(weeks),
            "as_of": Figure(weeks, "as_of"),
            "outcome": Name(budget.outcome_name),
        },
    )
    return Section("budget", title, (claim,), Table(columns, tuple(rows)))


def _risks(inputs: BriefInputs, book: Book) -> Section:
    claims = []
    budget = inputs.budget
    if budget is not None:
        claims.append(
            Claim(
                _(
                    "The model sees what moved together. Where something unseen drives both spend "
                    "and outcome, it cannot tell; a test can."
                )
            )
        )
        if not budget.is_reliable:
            text = _("The fit's own checks are not clean. Treat its ranges as too narrow.")
            claims.append(Claim(text))
        for each in budget.channels:
            if not each.is_identified:
                text = _("%(channel)s: the data hardly say anything; its figures are mostly prior.")
                claims.append(Claim(text, {"channel": Name(each.name)}))
    for problem in inputs.quality[:MOST_MOVES]:
        evidence_id = problem_of(problem, book)
        claims.append(
            Claim(
                _("Data: %(problem)s (%(rows)s of %(all)s rows)."),
                {
                    "problem": Name(problem.message),
                    "rows": Figure(evidence_id),
                    "all": Figure(evidence_id, "rows"),
                },
            )
        )
    if not claims:
        claims = [Claim(_("No risk stands out in the data at hand."))]
    return Section("risks", _("What could be wrong"), tuple(claims))


def _experiments(inputs: BriefInputs, book: Book) -> Section:
    claims = []
    if inputs.budget is not None and inputs.budget.channels:
        widest = max(inputs.budget.channels, key=lambda each: each.roas_high - each.roas_low)
        roas = roas_of(widest, inputs.budget, book)
        claims.append(
            Claim(
                _("Test %(channel)s first: its return is the least sure, %(interval)s per rupee."),
                {"channel": Name(widest.name), "interval": Figure(roas, "interval")},
            )
        )
    for each in inputs.campaigns:
        claims.append(_campaign(each, book))
    if not claims:
        claims = [Claim(_("No experiment is planned. A campaign's test plan would stand here."))]
    return Section("experiments", _("What to test next"), tuple(claims))


def _campaign(campaign: CampaignIn, book: Book) -> Claim:
    filled: dict[str, Any] = {
        "name": Name(campaign.name),
        "state": Word(campaign.state),
        "budget": Figure(campaign_budget(campaign, book)),
    }
    if campaign.test_weeks is None:
        return Claim(_("Campaign %(name)s (%(state)s): %(budget)s."), filled)
    return Claim(
        _("Campaign %(name)s (%(state)s): %(budget)s; its test needs %(weeks)s."),
        {**filled, "weeks": Figure(campaign_weeks(campaign, book))},
    )
