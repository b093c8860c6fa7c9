"""What the figures can and cannot carry, said before anything is fitted.

A refusal names what is missing; a warning travels with the result. Thresholds: a year at the
least and better two (the season repeats), ten weeks for each thing estimated (the rule that
Robyn's documentation gives), variance inflation above 10 (Marquardt 1970).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from enterprise.optimization_engine.engine.contracts import Check, MixData, Said, Severity
from enterprise.optimization_engine.errors import MixInvalid
from marketing_platform.core.text import mark as _

LEAST_WEEKS, GOOD_WEEKS, MOST_WEEKS, MOST_CHANNELS = 52, 104, 520, 20
WEEKS_EACH = 10
LEAST_ACTIVE = 8
MOST_MISSING = 0.05
SMALL_SHARE = 0.01
SAME_CORRELATION, HIGH_INFLATION = 0.99, 10.0
# Channels that add up to another have no inverse; with this on the diagonal they have a huge one.
RIDGE = 1e-6
OUTLIER_SPREADS = 6.0
LARGEST = 1e13


@dataclass(frozen=True)
class Prepared:
    """An outcome without holes, the places of the channels to fit, what was noticed."""

    outcome: np.ndarray
    kept: tuple[int, ...]
    checks: tuple[Check, ...]


def prepare(data: MixData) -> Prepared:
    """Raises MixInvalid with the first thing that makes a fit impossible."""
    checks = look(data)
    for check in checks:
        if check.severity is Severity.REFUSE:
            raise MixInvalid(check.said.message, field="data", **dict(check.said.values))
    kept = tuple(place for place in range(len(data.channels)) if _is_active(data, place))
    return Prepared(_filled(data), kept, checks)


def look(data: MixData) -> tuple[Check, ...]:
    """Everything noticed, refusals first."""
    shape = list(_shape(data))
    if shape:
        return tuple(shape)
    found = [
        *_length(data), *_gaps(data), *_outcome(data), *_channels(data),
        *_coverage(data), *_twins(data), *_outliers(data),
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: one.severity is not Severity.REFUSE))


def _shape(data: MixData) -> Iterable[Check]:
    if not data.weeks or not data.channels:
        yield _refusal("empty", _("There is no spend to look at yet."), _UPLOAD)
        return
    if len(data.channels) > MOST_CHANNELS or len(data.weeks) > MOST_WEEKS:
        yield _refusal(
            "too_much",
            _("At most %(channels)d channels and %(weeks)d weeks can be fitted at once."),
            Said(_("Merge small channels, or choose a shorter period.")),
            channels=MOST_CHANNELS,
            weeks=MOST_WEEKS,
        )
        return
    is_rectangle = len(data.outcome) == len(data.weeks) == len(data.spend_paise) and all(
        len(row) == len(data.channels) for row in data.spend_paise
    )
    if not is_rectangle:
        yield _refusal("shape", _("Every week needs one value for each channel and one outcome."))
        return
    steps = {later - earlier for earlier, later in zip(data.weeks, data.weeks[1:], strict=False)}
    if steps - {timedelta(days=7)}:
        yield _refusal("weeks", _("Weeks must follow one another, seven days apart."))
        return
    if len(set(data.channels)) != len(data.channels):
        yield _refusal("names", _("Two channels have the same name. Give each its own."))
        return
    yield from _numbers(data)


def _numbers(data: MixData) -> Iterable[Check]:
    for week, row in zip(data.weeks, data.spend_paise, strict=True):
        for channel, paise in zip(data.channels, row, strict=True):
            if paise < 0 or paise > LARGEST * 100:
                yield _refusal(
                    "spend",
                    _("%(channel)s has a negative or impossible spend in the week of %(week_on)s."),
                    Said(_("Correct the file and upload it again.")),
                    channel=channel,
                    week_on=week.isoformat(),
                )
                return
    for week, value in zip(data.weeks, data.outcome, strict=True):
        if value is not None and not (np.isfinite(value) and abs(value) <= LARGEST):
            yield _refusal(
                "outcome",
                _("%(name)s is not a usable number in the week of %(week_on)s."),
                Said(_("Correct the file and upload it again.")),
                name=data.outcome_name,
                week_on=week.isoformat(),
            )
            return


def _length(data: MixData) -> Iterable[Check]:
    count = len(data.weeks)
    if count < LEAST_WEEKS:
        yield _refusal(
            "short",
            _("One week is too little: at least %(least)d are needed, %(good)d are better.")
            if count == 1
            else _("%(weeks)d weeks are too few: at least %(least)d are needed, %(good)d are "
                   "better."),
            Said(_("Upload older months of spend and of the outcome.")),
            weeks=count, least=LEAST_WEEKS, good=GOOD_WEEKS,
        )  # fmt: skip
    elif count < GOOD_WEEKS:
        yield _warning(
            "one_season",
            _("%(weeks)d weeks hold less than two years, so season and media are hard to tell "
              "apart. Ranges are wide for that reason."),
            Said(_("Upload older months, or fit again when two years are there.")),
            weeks=count,
        )  # fmt: skip
    if LEAST_WEEKS <= count < WEEKS_EACH * (len(data.channels) + 4):
        yield _warning(
            "many_channels",
            _("%(channels)d channels are many for %(weeks)d weeks."),
            Said(_("Merge channels that are bought together.")),
            channels=len(data.channels), weeks=count,
        )  # fmt: skip


def _gaps(data: MixData) -> Iterable[Check]:
    missing = [w for w, value in zip(data.weeks, data.outcome, strict=True) if value is None]
    if len(missing) > MOST_MISSING * len(data.weeks):
        yield _refusal(
            "gaps",
            _("%(name)s is missing in %(missing)d of %(weeks)d weeks; at most one in twenty may "
              "be."),
            Said(_("Upload the missing weeks.")),
            name=data.outcome_name, missing=len(missing), weeks=len(data.weeks),
        )  # fmt: skip
    elif missing:
        yield _warning(
            "filled",
            _("%(name)s was missing in the week of %(week_on)s; it was filled in from its "
              "neighbours.")
            if len(missing) == 1
            else _("%(name)s was missing in %(missing)d weeks, first in the week of %(week_on)s; "
                   "these were filled in from their neighbours."),
            Said(_("Upload the missing weeks.")),
            name=data.outcome_name, missing=len(missing), week_on=missing[0].isoformat(),
        )  # fmt: skip


def _outcome(data: MixData) -> Iterable[Check]:
    values = np.array([value for value in data.outcome if value is not None], dtype=float)
    if len(values) < 2 or np.ptp(values) <= 1e-9 * np.abs(values).max(initial=0.0):
        yield _refusal(
            "flat", _("%(name)s never changes, so nothing can be said to move it."),
            name=data.outcome_name,
        )  # fmt: skip
    elif (values <= 0).mean() > 0.5 or values.mean() <= 0:
        yield _refusal(
            "mostly_zero", _("%(name)s is zero or below in most weeks."),
            Said(_("Choose an outcome that happens every week.")), name=data.outcome_name,
        )  # fmt: skip
    elif (values < 0).any():
        weeks = int((values < 0).sum())
        yield _warning(
            "negative_outcome",
            _("%(name)s is negative in one week.")
            if weeks == 1
            else _("%(name)s is negative in %(weeks)d weeks."),
            Said(_("Check whether refunds belong into it.")),
            name=data.outcome_name, weeks=weeks,
        )  # fmt: skip


def _channels(data: MixData) -> Iterable[Check]:
    spend = _spend(data)
    if not any(_is_active(data, place) for place in range(len(data.channels))):
        yield _refusal(
            "nothing_moves", _("No channel's spend changes from week to week, so none can be "
                               "measured."),
            Said(_("Vary the spend of one channel for some weeks.")),
        )  # fmt: skip
        return
    total = max(spend.sum(), 1.0)
    for place, channel in enumerate(data.channels):
        if not _is_active(data, place):
            yield _warning(
                "constant",
                _("%(channel)s is left out: its spend hardly changes, or it ran in fewer than "
                  "%(least)d weeks. What it did is part of the baseline."),
                Said(_("Vary its spend for some weeks; then it can be measured.")),
                channel=channel, least=LEAST_ACTIVE,
            )  # fmt: skip
        elif spend[:, place].sum() / total < SMALL_SHARE:
            yield _warning(
                "small", _("%(channel)s is less than one percent of all spend: too little to "
                           "measure well."),
                Said(_("Merge it with a similar channel.")), channel=channel,
            )  # fmt: skip


def _coverage(data: MixData) -> Iterable[Check]:
    """One sentence a channel; one that is left out anyway has its own."""
    known = zip(data.channels, data.covered, strict=False)
    for place, (channel, (first, last)) in enumerate(known):
        is_late = first > data.weeks[0] + timedelta(days=6)
        is_over = last < data.weeks[-1]
        if not (is_late or is_over) or not _is_active(data, place):
            continue
        code, message, fix = _COVERED[is_late, is_over]
        values = {"channel": channel}
        if is_late:
            values["first_on"] = first.isoformat()
        if is_over:
            values["last_on"] = last.isoformat()
        yield _warning(code, message, Said(fix), **values)


def _twins(data: MixData) -> Iterable[Check]:
    kept = [place for place in range(len(data.channels)) if _is_active(data, place)]
    spend = _spend(data)[:, kept]
    if len(kept) < 2 or len(spend) < LEAST_ACTIVE:
        return
    correlation = np.corrcoef(spend.T)
    names = [data.channels[place] for place in kept]
    same = np.argwhere(np.triu(correlation, 1) >= SAME_CORRELATION)
    for one, other in same:
        yield _refusal(
            "same",
            _("%(channel)s and %(other)s were always spent together, so nothing can tell "
              "their effects apart."),
            Said(_("Merge them into one channel, or spend on them at different times.")),
            channel=names[one], other=names[other],
        )  # fmt: skip
    if not len(same):
        yield from _collinear(correlation, names)


def _collinear(correlation: np.ndarray, names: list[str]) -> Iterable[Check]:
    """Each pair once: what holds for the one holds for the other."""
    inflation = np.diag(np.linalg.inv(correlation + RIDGE * np.eye(len(names))))
    said = set()
    for one in np.flatnonzero(inflation > HIGH_INFLATION):
        away = np.where(np.arange(len(names)) == one, -1.0, np.abs(correlation[one]))
        other = int(away.argmax())
        if frozenset((one, other)) in said:
            continue
        said.add(frozenset((one, other)))
        yield _warning(
            "collinear",
            _("%(channel)s moves with the other channels, most with %(other)s (correlation "
              "%(percent)d%%). Their effects are hard to tell apart."),
            Said(_("Spend on them at different times for a few weeks.")),
            channel=names[one], other=names[other],
            percent=round(100 * float(correlation[one, other])),
        )  # fmt: skip


def _outliers(data: MixData) -> Iterable[Check]:
    if len(data.weeks) < LEAST_WEEKS or all(value is None for value in data.outcome):
        return
    values = _filled(data)
    window = 13
    padded = np.pad(values, window // 2, mode="edge")
    middle = np.median(np.lib.stride_tricks.sliding_window_view(padded, window), axis=1)
    away = values - middle
    spread = float(np.median(np.abs(away))) / 0.6744898
    far = np.flatnonzero(np.abs(away) > OUTLIER_SPREADS * spread) if spread > 0 else []
    days = [week for week in (data.weeks[place] for place in far) if not _is_promoted(data, week)]
    if days:
        yield _warning(
            "outliers",
            _("%(name)s is far from its neighbours in the week of %(week_on)s.")
            if len(days) == 1
            else _("%(name)s is far from its neighbours in %(weeks)d weeks, first in the week of "
              "%(week_on)s."),
            Said(_("If an offer, a launch or a mistake explains it, name those days.")),
            name=data.outcome_name, weeks=len(days), week_on=days[0].isoformat(),
        )  # fmt: skip


_OLDER = _("If it ran before, upload those months.")
_NEWER = _("If it still runs, upload the newest months.")
_BOTH = _("If it ran before or still runs, upload those months.")
# (starts late, ends early) → code, sentence, what would help
_COVERED = {
    (True, False): (
        "starts_late",
        _("%(channel)s has figures from %(first_on)s only; before that it counts as nothing "
          "spent."),
        _OLDER,
    ),
    (False, True): (
        "ends_early",
        _("%(channel)s has figures up to %(last_on)s only; after that it counts as nothing "
          "spent."),
        _NEWER,
    ),
    (True, True): (
        "part_only",
        _("%(channel)s has figures from %(first_on)s to %(last_on)s only; outside of these days "
          "it counts as nothing spent."),
        _BOTH,
    ),
}  # fmt: skip
_UPLOAD = Said(_("Upload your spend by channel and an outcome such as revenue or leads."))


def _is_promoted(data: MixData, week) -> bool:
    last = week + timedelta(days=6)
    return any(one.first_on <= last and one.last_on >= week for one in data.promotions)


def _is_active(data: MixData, place: int) -> bool:
    column = _spend(data)[:, place]
    peak = column.max(initial=0.0)
    if peak <= 0 or (column > 0).sum() < LEAST_ACTIVE:
        return False
    return bool(column.std() > 0.02 * column.mean())


def _spend(data: MixData) -> np.ndarray:
    return np.array(data.spend_paise, dtype=float).reshape(len(data.weeks), len(data.channels))


def _filled(data: MixData) -> np.ndarray:
    values = np.array([np.nan if v is None else v for v in data.outcome], dtype=float)
    is_missing = np.isnan(values)
    places = np.arange(len(values))
    values[is_missing] = np.interp(places[is_missing], places[~is_missing], values[~is_missing])
    return values


def _refusal(code: str, message: str, fix: Said | None = None, **values: str | int) -> Check:
    return Check(code, Severity.REFUSE, Said(message, tuple(values.items())), fix)


def _warning(code: str, message: str, fix: Said | None = None, **values: str | int) -> Check:
    channel = str(values.get("channel", ""))
    return Check(code, Severity.WARN, Said(message, tuple(values.items())), fix, channel)
