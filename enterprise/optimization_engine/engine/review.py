"""What a fitted model must own up to: signs that it is wrong, or that the figures say little."""

from collections.abc import Iterable

from enterprise.optimization_engine.engine.contracts import (
    INR,
    ChannelResult,
    Check,
    Diagnostics,
    Said,
    Severity,
)
from enterprise.optimization_engine.engine.summary import Summary
from marketing_platform.core.text import mark as _

OFTEN_NEGATIVE = 0.10
IMPLAUSIBLE_ROAS = 20.0
MOST_MEDIA = 0.80
WIDE_RATIO = 5.0
LEFT_OVER = 0.6
POOR_FIT = 0.3
LEAST_COVERAGE = 0.75
EXPERIMENT = Said(_("Stop or double this channel in some cities for four weeks and compare."))


def review(
    summary: Summary, diagnostics: Diagnostics, unit: str, before: Iterable[Check] = ()
) -> tuple[Check, ...]:
    """``before``: what the figures had warned of; a channel that was too small hears it once."""
    small = {one.channel for one in before if one.code == "small"}
    return (
        *_whole(summary, diagnostics),
        *(
            check
            for one in summary.channels
            for check in _channel(one, unit)
            if check.code == "implausible" or one.channel not in small
        ),
    )


def _whole(summary: Summary, diagnostics: Diagnostics) -> Iterable[Check]:
    quality = summary.quality
    if not diagnostics.is_reliable:
        yield _warning(
            "sampling",
            _("The sampling did not settle well enough. Read the ranges as too narrow."),
            Said(_("Fewer channels or more weeks make it settle.")),
        )
    if summary.negative_baseline > OFTEN_NEGATIVE:
        yield _warning(
            "negative_baseline",
            _("The baseline falls below zero in %(percent)d%% of the draws: media is probably "
              "given too much."),
            Said(_("Name offers and launches as promotions, or add more weeks.")),
            percent=round(100 * summary.negative_baseline),
        )  # fmt: skip
    if 1 - summary.baseline_share.mean > MOST_MEDIA:
        yield _warning(
            "mostly_media",
            _("Media is said to bring %(percent)d%% of everything. Few businesses would lose that "
              "much without ads."),
            Said(_("Check whether spend follows sales, for example when budgets are set from "
                   "last week's orders.")),
            percent=round(100 * (1 - summary.baseline_share.mean)),
        )  # fmt: skip
    if quality.r_squared < POOR_FIT:
        yield _warning(
            "poor_fit",
            _("The model explains only %(percent)d%% of the ups and downs."),
            Said(_("Name what else moved the outcome: prices, stock, offers.")),
            percent=max(0, round(100 * quality.r_squared)),
        )
    if abs(quality.autocorrelation) > LEFT_OVER:
        yield _note(
            "left_over",
            _("What is left over hangs together from week to week: something that is not in the "
              "figures moved the outcome for weeks."),
        )  # fmt: skip
    if quality.coverage < LEAST_COVERAGE:
        yield _warning(
            "narrow", _("Only %(percent)d of 100 weeks lie inside their 90%% range."),
            percent=round(100 * quality.coverage),
        )  # fmt: skip


def _channel(one: ChannelResult, unit: str) -> Iterable[Check]:
    if not one.is_identified:
        yield _warning(
            "not_identified",
            _("%(channel)s: the figures hardly say more than what was assumed before looking."),
            EXPERIMENT, channel=one.channel,
        )  # fmt: skip
    elif one.roas.low <= 0 or one.roas.high / one.roas.low > WIDE_RATIO:
        yield _note(
            "wide",
            _("%(channel)s: the range of its return is wide. It pays, or it hardly does; these "
              "figures cannot say."),
            EXPERIMENT, channel=one.channel,
        )  # fmt: skip
    if unit == INR and one.roas.mean > IMPLAUSIBLE_ROAS:
        yield _warning(
            "implausible",
            _("%(channel)s: a return of ₹%(roas)d for each rupee is hardly possible. Spend "
              "probably follows sales here."),
            EXPERIMENT, channel=one.channel, roas=round(one.roas.mean),
        )  # fmt: skip


def _warning(code: str, message: str, fix: Said | None = None, **values: str | int) -> Check:
    channel = str(values.get("channel", ""))
    return Check(code, Severity.WARN, Said(message, tuple(values.items())), fix, channel)


def _note(code: str, message: str, fix: Said | None = None, **values: str | int) -> Check:
    channel = str(values.get("channel", ""))
    return Check(code, Severity.NOTE, Said(message, tuple(values.items())), fix, channel)
