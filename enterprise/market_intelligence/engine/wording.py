"""Words for what pipeline, segments, forecast and the feed find. Messages to be translated."""

from collections.abc import Callable

from enterprise.market_intelligence.engine.contracts import Grain, Kind
from marketing_platform.core.text import mark as _

HEADINGS = {
    Kind.TREND: _("%(series)s: trend"),
    Kind.SEASON: _("%(series)s: season"),
    Kind.LEVEL_SHIFT: _("%(series)s: level shift"),
    Kind.ANOMALY: _("%(series)s: unusual value"),
    Kind.FORECAST: _("%(series)s: the weeks ahead"),
    Kind.CONVERSION: _("How many deals are won"),
    Kind.VELOCITY: _("How long deals take"),
    Kind.SEGMENT: _("Segment: %(parts)s"),
}
SLOW_HEADING = _("Deals wait longest in %(stage)s")
WEAK_HEADING = _("Most deals are lost in %(stage)s")

WON = _(
    "Of %(of)s deals old enough to judge, %(hits)s were won: %(value)s "
    "(95 in 100: %(low)s to %(high)s)."
)
TAKES = _(
    "From created to won or lost, half of the deals need at most %(value)s days "
    "(95 in 100: %(low)s to %(high)s)."
)
TAKES_OPEN = _(
    "From created to won or lost, half of the deals need at most %(value)s days "
    "(95 in 100: at least %(low)s)."
)
SLOW = _(
    "Half of the deals stay in %(stage)s for more than %(value)s days "
    "(95 in 100: %(low)s to %(high)s), clearly longer than in any other stage."
)
SLOW_OPEN = _(
    "Half of the deals stay in %(stage)s for more than %(value)s days "
    "(95 in 100: at least %(low)s), clearly longer than in any other stage."
)
WEAK = _(
    "Of the deals that reach %(stage)s, %(value)s go on (95 in 100: %(low)s to %(high)s), "
    "clearly fewer than from any other stage."
)
NO_STICKING = _("No stage stands out: their intervals overlap.")
NO_HISTORY = _(
    "The history of stages is missing: only %(with_history)s of %(deals)s deals have one. So "
    "nobody can say where deals wait. Upload the stage changes or connect your CRM."
)
WAITING = _(
    "Deals worth %(waiting)s wait there today; at the present rates about %(value)s of that is won "
    "(%(low)s to %(high)s)."
)

BETTER = _(
    "%(share)s of these deals are won, %(value)s times the rate of the others "
    "(95 in 100: %(low)s to %(high)s)."
)
NO_DIFFERENCE = _(
    "%(share)s of these deals are won; that is no clear difference from the others "
    "(%(low)s to %(high)s times their rate)."
)
SEGMENT_SIZE = _("%(deals)s deals, %(open)s of them open.")
SEGMENT_WORTH = _(
    "Compared with the win rate of the others, that is about %(value)s over thirteen weeks "
    "(%(low)s to %(high)s), at %(count)s closed deals and %(amount)s a deal."
)
TRAITS = {
    ("amount", "high"): _("large deals (half above %(value)s)"),
    ("amount", "low"): _("small deals (half below %(value)s)"),
    ("first_stage", "high"): _("slow start (%(value)s days in the first stage)"),
    ("first_stage", "low"): _("quick start (%(value)s days in the first stage)"),
    ("account", "one"): _("one deal per customer"),
    ("account", "few"): _("2 to 4 deals per customer"),
    ("account", "many"): _("5 or more deals per customer"),
    ("contacts", "one"): _("one contact per customer"),
    ("contacts", "few"): _("2 to 4 contacts per customer"),
    ("contacts", "many"): _("5 or more contacts per customer"),
}
# The same without their numbers.
SHORT_TRAITS = {
    TRAITS["amount", "high"]: _("large deals"),
    TRAITS["amount", "low"]: _("small deals"),
    TRAITS["first_stage", "high"]: _("slow start"),
    TRAITS["first_stage", "low"]: _("quick start"),
    TRAITS["account", "few"]: _("a few deals per customer"),
    TRAITS["account", "many"]: _("many deals per customer"),
    TRAITS["contacts", "few"]: _("a few contacts per customer"),
    TRAITS["contacts", "many"]: _("many contacts per customer"),
}
FROM_SOURCE = _("mostly from %(name)s")
IN_REGION = _("mostly in %(name)s")
FROM_REST = _("mostly from rarer sources")
IN_REST = _("mostly in rarer regions")
MIXED = _("a mixed group")

AHEAD = {
    Grain.WEEK: _(
        "%(series)s will likely be about %(value)s a week over the next thirteen weeks "
        "(90 in 100: %(low)s to %(high)s). The last thirteen were %(before)s."
    ),
    Grain.MONTH: _(
        "%(series)s will likely be about %(value)s a month over the next three months "
        "(90 in 100: %(low)s to %(high)s). The last three were %(before)s."
    ),
}
NOTHING_BETTER = _(
    "Nothing that we tried (%(count)s ways) was better on your own past than saying that it stays "
    "as it is."
)
BEST_WAY = _(
    "Chosen from %(count)s ways on your own past: its usual error was %(error)s, that of saying "
    "that it stays as it is %(naive)s."
)
WAYS = {
    "naive": _("Stays as it is"),
    "seasonal_naive": _("Same as a year ago"),
    "ets": _("Exponential smoothing"),
    "theta": _("Theta method"),
    "season_ets": _("Yearly pattern and exponential smoothing"),
    "season_theta": _("Yearly pattern and Theta method"),
    "regression": _("Straight line with yearly pattern"),
    "regression_holidays": _("Straight line with yearly pattern and holidays of India"),
}

SAME_TIME = _("At the same time: %(parts)s.")
ROSE = _("%(series)s rose by about %(value)s (%(low)s to %(high)s)")
FELL = _("%(series)s fell by about %(value)s (%(low)s to %(high)s)")
ONLY_THIS = _(
    "Only this figure moved; %(count)s others did not. A change in how it is counted looks like "
    "this too."
)
NO_OTHER = _("There is no other figure to compare it with.")

LIMITS = {
    Kind.LEVEL_SHIFT: _(
        "Why it changed. Look at what you changed that week: a landing page, tracking, an offer, "
        "a bid. If tracking broke, the figures moved and your business did not."
    ),
    Kind.TREND: _(
        "Whether it goes on. The line is the average over the whole range; level shifts are set "
        "aside."
    ),
    Kind.SEASON: _(
        "Festivals that move with the moon are blurred over neighbouring weeks, and two years are "
        "few."
    ),
    Kind.ANOMALY: _(
        "Whether it was a mistake, an event or chance. One value in a hundred series would look "
        "like this by chance."
    ),
    Kind.CONVERSION: _(
        "How the youngest deals will end: those are left out, because most of them are still open."
    ),
    Kind.VELOCITY: _(
        "What makes a deal slow. Won and lost deals are taken together, and a deal that nobody "
        "closes counts as open."
    ),
    Kind.BOTTLENECK: _("Why it sticks there. The dates are those that your team entered."),
    Kind.SEGMENT: _(
        "Why they win more or less. The deals are alike in what is known early; that need not be "
        "the cause."
    ),
    Kind.FORECAST: _(
        "What is new. It carries your past on: a new price, a new rival or a stopped campaign is "
        "not in it."
    ),
}

COST_UP = _("Find out what changed that week. Until you know, put no more money there.")
COST_DOWN = _("Keep what you changed that week, and try it in another channel.")
GAIN_UP = _("Find out what brought it, and do more of it.")
GAIN_DOWN = _("Find out what changed that week, before you change the budget.")
ACTIONS = {
    Kind.TREND: _("Decide whether your plan for the quarter still holds if this goes on."),
    Kind.SEASON: _("Lay next year's budget along this pattern."),
    Kind.ANOMALY: _("Check that week: if it was a slip, correct it at the source."),
    Kind.CONVERSION: _("Plan with this rate when you count how many new deals a target needs."),
    Kind.VELOCITY: _("Plan with this time when you promise revenue for a quarter."),
    Kind.FORECAST: _("Plan with the range, not with the middle."),
}
CLEAR_STAGE = _("Decide who clears %(stage)s this week. Begin with the oldest deals there.")
ASK_STAGE = _("Write down the reason of each loss in %(stage)s for a month, then change one thing.")
MORE_HERE = _("Decide whether more of the budget and the sales time goes here.")
LESS_HERE = _("Decide whether these deals get less time, or a cheaper way.")
COMPARE = _("Nothing to decide: treat these deals like the others.")

IN_RUPEES = _("Over thirteen weeks that is about %(value)s (%(low)s to %(high)s).")
AT_LEADS = _(
    "At the present %(count)s leads per period that is about %(value)s over thirteen weeks "
    "(%(low)s to %(high)s)."
)
AT_COST = _(
    "At the present cost of %(count)s a lead that is worth about %(value)s over thirteen weeks "
    "(%(low)s to %(high)s)."
)
AGAINST = _("Against the last thirteen weeks that is about %(value)s in all (%(low)s to %(high)s).")
AGAINST_AT_COST = _(
    "Against the last thirteen weeks that is worth about %(value)s in all, at the present cost of "
    "%(count)s a lead (%(low)s to %(high)s)."
)
ONCE = _("That one time it was about %(value)s (%(low)s to %(high)s).")
IF_ON = _(
    "If it went on, it would add up to about %(value)s over the next thirteen weeks "
    "(%(low)s to %(high)s)."
)

THESE, OTHERS = _("These deals"), _("All other deals")
PIPELINE, SEGMENTS = _("Deals"), _("Segments of deals")
SPEND, COST_PER_LEAD, LEADS = _("spend"), _("cost per lead"), _("leads")
ALL = _("All channels")
OUR_WORDS = {
    ALL, COST_PER_LEAD, LEADS, SPEND, PIPELINE, SEGMENTS, THESE, OTHERS,
    # What data sources call its outcomes.
    "Leads", "New deals", "Revenue of deals won",
}  # fmt: skip


def named(name: str, translate: Callable[[str], str]) -> str:
    """The words of ours in a series' name in the reader's language; names of files as they are."""
    return " · ".join(translate(part) if part in OUR_WORDS else part for part in name.split(" · "))


NEED_DEALS = _("At least %(least)s deals with the day they were created; you have %(given)s.")
NEED_CLOSED = _(
    "For the win rate: at least %(least)s closed deals that are old enough; there are fewer."
)
NEED_AMOUNTS = _(
    "At least %(least)s deals with an amount, and at least two things known about them (source, "
    "region, customer, stage changes); %(given)s deals have an amount."
)
NEED_WEEKS = _(
    "For a forecast: at least %(least)s weeks or %(months)s months; there are %(given)s."
)
NEED_CHANGE = _("For a forecast: a figure that changes; all values are the same.")
GATES = {
    "one_group": _(
        "We looked at %(deals)s deals and found no groups: what is known about them early does not "
        "hang together."
    ),
    "unstable": _(
        "Groups can be drawn, but with other deals of yours they come out differently (agreement "
        "%(stability)s, 0.6 is needed). So they are not shown."
    ),
    "unclear": _(
        "Groups can be drawn, but too many deals lie between them (%(belonging)s belong clearly, "
        "85 %% must). So they are not shown."
    ),
    "tiny": _(
        "Groups can be drawn, but one of them is smaller than a twentieth of your deals. So they "
        "are not shown."
    ),
}
