"""Where the weekly budget brings most, within what the user allows.

Maximises the expected steady-state response, the mean over the posterior's draws, by sequential
quadratic programming (Kraft 1988, SciPy's SLSQP) with the analytic gradient from several starts;
the curves are not concave, so one start could end on a hill that is not the highest. Rupees are
rounded to paise by largest remainders, so that the parts sum to the budget exactly.
"""

import hashlib
import json
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from enterprise.optimization_engine.engine.binding import binding_of, limits_of
from enterprise.optimization_engine.engine.budget import Room, checked
from enterprise.optimization_engine.engine.contracts import (
    ENGINE_VERSION,
    Allocation,
    AllocationRequest,
    ChannelChange,
    Draws,
    FitResult,
)
from enterprise.optimization_engine.engine.rounding import rounded_to_sum
from enterprise.optimization_engine.engine.stored import to_json
from enterprise.optimization_engine.engine.summary import NEXT_SHARE, interval
from enterprise.optimization_engine.engine.transforms import steady_response

STARTS = 6
SEED = 7
SMALLEST_GAIN = 1e-6
UNCHANGED_SHARE = 0.005


@dataclass(frozen=True)
class Surface:
    """The posterior's response to weekly rupees; arrays (D, C)."""

    scale: np.ndarray
    beta: np.ndarray
    shape: np.ndarray
    slope: np.ndarray
    is_hill: np.ndarray

    @classmethod
    def of(cls, draws: Draws) -> "Surface":
        return cls(
            scale=np.array(draws.scale_rupees),
            beta=np.array(draws.beta),
            shape=np.array(draws.shape),
            slope=np.array(draws.slope),
            is_hill=np.array(draws.is_hill)[:, None],
        )

    def by_channel(self, rupees: np.ndarray) -> np.ndarray:
        """Outcome a week of each channel in each draw, (D, C)."""
        response, _steep = self._at(rupees)
        return response * self.beta

    def expected(self, rupees: np.ndarray) -> tuple[float, np.ndarray]:
        """Mean response and its gradient by rupees."""
        response, steep = self._at(rupees)
        gradient = (steep * self.beta).mean(0) / self.scale
        return float((response * self.beta).sum(1).mean()), gradient

    def next_rupee(self, rupees: np.ndarray) -> np.ndarray:
        """Return of the next rupees of each channel, (D, C), as the fit defines it."""
        step = np.maximum(NEXT_SHARE * rupees, 0.01 * self.scale)
        return (self.by_channel(rupees + step) - self.by_channel(rupees)) / step

    def _at(self, rupees: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        # Below a ten-thousandth of the highest week a Hill curve may be infinitely steep.
        exposure = np.maximum(rupees / self.scale, 1e-4)[None]
        response, steep = steady_response(exposure, self.is_hill, self.shape, self.slope)
        is_off = (rupees <= 0)[None]
        return np.where(is_off, 0.0, response), steep


def allocate(fit: FitResult, draws: Draws, request: AllocationRequest) -> Allocation:
    """The best weekly budget within the request. Raises BudgetInvalid, naming the field."""
    room = checked(fit, request)
    surface = Surface.of(draws)
    before = room.today / 100.0
    best = _best(surface, room)
    total = int(np.clip(round(float(best.sum())), room.total_low, room.total_high))
    after = rounded_to_sum(best, total, room.low, room.high)
    if _is_no_better(surface, room, after):
        after = room.today
    gain = (surface.by_channel(after / 100.0) - surface.by_channel(before)).sum(1)
    changes = tuple(_change(fit, surface, room, after, place) for place in range(len(before)))
    is_unchanged = bool(np.abs(after - room.today).sum() <= UNCHANGED_SHARE * room.today.sum())
    today = surface.by_channel(before).sum(1)
    return Allocation(
        run_hash=allocation_hash(fit, request),
        fit_run_hash=fit.run_hash,
        outcome_name=fit.outcome_name,
        outcome_unit=fit.outcome_unit,
        as_of=fit.as_of,
        total_before_paise=int(room.today.sum()),
        total_after_paise=int(after.sum()),
        changes=changes,
        gain=interval(gain),
        gain_percent=interval(100 * gain / np.maximum(today, 1e-12)),
        chance=float((gain > 0).mean()),
        is_unchanged=is_unchanged,
        binding=binding_of(room, changes, is_unchanged=is_unchanged, total=int(after.sum())),
        limits=limits_of(fit, changes),
    )


def allocation_hash(fit: FitResult, request: AllocationRequest) -> str:
    content = [ENGINE_VERSION, fit.run_hash, to_json(request)]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _best(surface: Surface, room: Room) -> np.ndarray:
    """The best paise found, before rounding; steps are in shares of the budget."""
    low, high = room.low.astype(float), room.high.astype(float)
    unit = max(float(room.total_high), 1.0)

    def downhill(share: np.ndarray) -> tuple[float, np.ndarray]:
        height, slope = surface.expected(share * unit / 100.0)
        return -height / size, -slope * unit / 100.0 / size

    size = max(abs(surface.expected(room.today / 100.0)[0]), 1e-9)
    limits = [
        {"type": "ineq", "fun": lambda s: s.sum() - room.total_low / unit,
         "jac": lambda s: np.ones_like(s)},
        {"type": "ineq", "fun": lambda s: room.total_high / unit - s.sum(),
         "jac": lambda s: -np.ones_like(s)},
    ]  # fmt: skip
    if room.total_low == room.total_high:
        limits = [{"type": "eq", "fun": lambda s: s.sum() - room.total_low / unit,
                   "jac": lambda s: np.ones_like(s)}]  # fmt: skip
    found = []
    for start in _starts(room):
        answer = minimize(
            downhill, start / unit, jac=True, method="SLSQP", constraints=limits,
            bounds=list(zip(low / unit, high / unit, strict=True)),
            options={"maxiter": 200, "ftol": 1e-10},
        )  # fmt: skip
        paise = _projected(np.nan_to_num(answer.x) * unit, room)
        found.append((surface.expected(paise / 100.0)[0], paise))
    return max(found, key=lambda one: one[0])[1]


def _starts(room: Room) -> list[np.ndarray]:
    """Today's budget made to fit, the middle of the bounds, and some in between."""
    random = np.random.default_rng(SEED)
    low, high = room.low.astype(float), room.high.astype(float)
    first = [room.today.astype(float), (low + high) / 2]
    more = [low + (high - low) * random.beta(0.6, 0.6, len(low)) for _more in range(STARTS - 2)]
    return [_projected(one, room) for one in (*first, *more)]


def _projected(paise: np.ndarray, room: Room) -> np.ndarray:
    """The nearest amounts inside bounds whose sum lies in the range: a shift, found by halving."""
    low, high = room.low.astype(float), room.high.astype(float)
    inside = np.clip(paise, low, high)
    wanted = float(np.clip(inside.sum(), room.total_low, room.total_high))
    reach = float(high.max() + 1)
    down, up = -reach, reach
    for _turn in range(80):
        middle = (down + up) / 2
        if np.clip(paise + middle, low, high).sum() < wanted:
            down = middle
        else:
            up = middle
    return inside if wanted == inside.sum() else np.clip(paise + up, low, high)


def _is_no_better(surface: Surface, room: Room, after: np.ndarray) -> bool:
    """Whether today's budget, where it is allowed, does as well."""
    total = int(room.today.sum())
    is_allowed = bool(((room.today >= room.low) & (room.today <= room.high)).all())
    if not is_allowed or not room.total_low <= total <= room.total_high:
        return False
    now = surface.expected(room.today / 100.0)[0]
    return surface.expected(after / 100.0)[0] <= now * (1 + SMALLEST_GAIN)


def _change(
    fit: FitResult, surface: Surface, room: Room, after: np.ndarray, place: int
) -> ChannelChange:
    before, now = room.today / 100.0, after / 100.0
    seen = fit.curves[place].observed_high_paise
    return ChannelChange(
        channel=fit.channels[place].channel,
        before_paise=int(room.today[place]),
        after_paise=int(after[place]),
        low_paise=int(room.low[place]),
        high_paise=int(room.high[place]),
        outcome_before=interval(surface.by_channel(before)[:, place]),
        outcome_after=interval(surface.by_channel(now)[:, place]),
        marginal_before=interval(surface.next_rupee(before)[:, place]),
        marginal_after=interval(surface.next_rupee(now)[:, place]),
        binds=room.binds(place, int(after[place])),
        is_extrapolated=int(after[place]) > seen,
    )
