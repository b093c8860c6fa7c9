"""Two years of an invented company, Veda Home Appliances, with one planted change.

Made by a seeded generator, so that the sample shows what the engine really finds: leads from
Meta Ads become dearer 26 weeks before the end, and one week's Google spend is a slip.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType

import numpy as np

from enterprise.data_sources.engine.contracts import FileKind, LeadEntry, SpendEntry

COMPANY = "Veda Home Appliances"
WEEKS = 104
SHIFT_WEEKS_BEFORE_END = 26
SLIP_WEEKS_BEFORE_END = 9
SHIFT_FACTOR = 1.45
SLIP_FACTOR = 1.9
SEED = 20_261_122


@dataclass(frozen=True)
class _Channel:
    """``spend`` in rupees a week; ``cost_per_lead`` in rupees; campaigns with their share."""

    spend: float
    cost_per_lead: float
    campaigns: tuple[tuple[str, float], ...]


CHANNELS: Mapping[FileKind, _Channel] = MappingProxyType(
    {
        FileKind.GOOGLE_ADS: _Channel(
            420_000, 540, (("Search | Air coolers", 0.55), ("Search | Brand", 0.45))
        ),
        FileKind.META_ADS: _Channel(
            265_000, 390, (("Kitchen range | Leads", 0.6), ("Festive | Reach", 0.4))
        ),
        FileKind.LINKEDIN_ADS: _Channel(90_000, 1_450, (("Dealers | Lead form", 1.0),)),
    }
)


@dataclass(frozen=True)
class Sample:
    spend: Mapping[FileKind, tuple[SpendEntry, ...]]
    leads: tuple[LeadEntry, ...]
    shift_on: date
    slip_on: date


def sample(today: date) -> Sample:
    """The 104 full weeks before ``today``; the same for every day of a week."""
    random = np.random.default_rng(SEED)
    end = today - timedelta(days=today.weekday())
    weeks = [end - timedelta(weeks=WEEKS - place) for place in range(WEEKS)]
    spend: dict[FileKind, tuple[SpendEntry, ...]] = {}
    leads: list[LeadEntry] = []
    for kind, channel in CHANNELS.items():
        costs = channel.spend * _season(weeks) * _noise(random, 0.05)
        per_lead = channel.cost_per_lead * _noise(random, 0.05)
        if kind is FileKind.META_ADS:
            per_lead[-SHIFT_WEEKS_BEFORE_END:] *= SHIFT_FACTOR
        counts = np.round(costs / per_lead)
        if kind is FileKind.GOOGLE_ADS:
            costs[-SLIP_WEEKS_BEFORE_END] *= SLIP_FACTOR
        spend[kind] = tuple(_rows(channel, weeks, costs, counts))
        leads += [
            LeadEntry(week, kind.value, int(count))
            for week, count in zip(weeks, counts, strict=True)
        ]
    return Sample(
        spend=MappingProxyType(spend),
        leads=tuple(leads),
        shift_on=weeks[-SHIFT_WEEKS_BEFORE_END],
        slip_on=weeks[-SLIP_WEEKS_BEFORE_END],
    )


def _rows(channel: _Channel, weeks: list[date], costs: np.ndarray, counts: np.ndarray):
    for week, cost, count in zip(weeks, costs, counts, strict=True):
        for name, share in channel.campaigns:
            yield SpendEntry(
                date=week,
                campaign=name,
                cost_paise=round(cost * share) * 100,
                impressions=round(cost * share * 6.5),
                clicks=round(cost * share / 14),
                leads=Decimal(round(count * share)),
            )


def _season(weeks: list[date]) -> np.ndarray:
    """A quiet monsoon and a strong run-up to Diwali, by the day of the year."""
    days = np.array([week.timetuple().tm_yday for week in weeks])
    return 1 + 0.18 * np.cos(2 * np.pi * (days - 285) / 365.25)


def _noise(random: np.random.Generator, size: float) -> np.ndarray:
    """Lognormal with lag-one autocorrelation of .4."""
    shocks = random.standard_normal(WEEKS) * size
    wave = np.empty(WEEKS)
    wave[0] = shocks[0]
    for place in range(1, WEEKS):
        wave[place] = 0.4 * wave[place - 1] + np.sqrt(1 - 0.4**2) * shocks[place]
    return np.exp(wave)
