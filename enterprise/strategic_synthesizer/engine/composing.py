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
    QualityIn,
    Row,
    Section,
    Several,
    Table,
    Word,
)
from enterprise.strategic_synthesizer.engine.figures import (
    HAPPENED,
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
# Findings of a change; the others tell how it stands.
MOVES = {"trend", "level_shift", "anomaly"}
# Whose heading says what was measured; other findings are of a figure with a name.
BY_HEADING = {"conversion", "velocity", "bottleneck"}
PERIODS = {"day": _("each day"), "week": _("each week"), "month": _("each month")}


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
        is_sample=inputs.is_sample,
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
    moved = next((each for each in inputs.findings if each.kind in MOVES), None)
    if moved is not None:
        return Claim(_("%(subject)s is what moved most."), {"subject": Name(moved.subject)})
    if inputs.findings:
        return Claim(_("Nothing in the numbers clearly moved."))
    return Claim(_("There is not enough data for a finding yet."))


def _situation(inputs: BriefInputs, book: Book) -> Section:
    claims = [_finding(each, book) for each in inputs.findings[:MOST_FINDINGS]]
    if not claims:
        claims = [
            Claim(
                _("No change in the numbers is sure enough to be told. Add more periods or series.")
            )
        ]
    if inputs.is_sample:
        text = _("These figures belong to an invented company. Upload your own for your brief.")
        claims.insert(0, Claim(text))
    return Section("situation", _("What changed"), tuple(claims))


def _finding(found: FindingIn, book: Book) -> Claim:
    evidence_id = finding_of(found, book)
    value = Figure(evidence_id)
    by_heading = found.heading if found.kind in BY_HEADING else None
    filled: dict[str, Any] = {
        "subject": by_heading or Name(found.subject),
        "value": value,
        "period": Word(PERIODS.get(found.grain, _("each period"))),
        "group": Several(found.group),
    }
    if found.kind in HAPPENED:
        filled["day"] = Figure(evidence_id, "happened_on")
    if found.low is None:
        return Claim(OTHER_OPEN, _used(OTHER_OPEN, filled))
    message = FINDINGS.get(found.kind, OTHER)
    if found.kind == "bottleneck" and found.unit == "percent":
        message = GO_ON
    filled |= {"interval": Figure(evidence_id, "interval"), "level": Figure(evidence_id, "level")}
    return Claim(message, _used(message, filled))


def _used(message: str, filled: dict[str, Any]) -> dict[str, Any]:
    return {place: each for place, each in filled.items() if f"%({place})s" in message}


OTHER_OPEN = _("%(subject)s: %(value)s.")
OTHER = _("%(subject)s: %(value)s (%(interval)s, %(level)s sure).")
# The heading speaks of losses, the figure of those that are not lost.
GO_ON = _("%(subject)s: only %(value)s go on from there (%(interval)s, %(level)s sure).")
FINDINGS: dict[str, str] = {
    "trend": _("%(subject)s moves by %(value)s %(period)s (%(interval)s, %(level)s sure)."),
    "level_shift": _(
        "%(subject)s stepped by %(value)s from %(day)s on and stayed there "
        "(%(interval)s, %(level)s sure)."
    ),
    "season": _("%(subject)s peaks in its season by %(value)s (%(interval)s, %(level)s sure)."),
    "anomaly": _(
        "%(subject)s was unusual in the period of %(day)s: %(value)s; %(interval)s was expected "
        "(%(level)s sure)."
    ),
    "forecast": _(
        "%(subject)s is expected at %(value)s %(period)s over the next three months "
        "(%(interval)s, %(level)s sure)."
    ),
    "segment": _(
        "Deals of one kind (%(group)s) are won %(value)s times as often as all others "
        "(%(interval)s, %(level)s sure)."
    ),
}


def _decisions(inputs: BriefInputs, book: Book) -> Section:
    budget = inputs.budget
    title = _("What to decide")
    if budget is None and inputs.weeks_of_data >= inputs.weeks_needed:
        text = _("There is no budget model of these figures yet. Fit one on the page Budget.")
        return Section("decisions", title, (Claim(text),))
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
    claims += [_problem(each, book) for each in inputs.quality[:MOST_MOVES]]
    if not claims:
        claims = [Claim(_("No risk stands out in the data at hand."))]
    return Section("risks", _("What could be wrong"), tuple(claims))


def _problem(problem: QualityIn, book: Book) -> Claim:
    names = {place: Name(name) for place, name in problem.names}
    numbers = {place: Figure(problem_of(problem, value, book)) for place, value in problem.numbers}
    return Claim(problem.message, {**names, **numbers})


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
