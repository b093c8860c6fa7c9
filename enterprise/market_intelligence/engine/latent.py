"""Latent classes: groups that differ in how often each word of each feature occurs.

Features are independent within a group (Lazarsfeld & Henry 1968; EM of Dempster, Laird & Rubin
1977). Numbers enter as quarters of their range, so that a skewed or many-peaked number alone never
passes for groups: only features that hang together do. Unlike k-means it has a likelihood, so BIC
can answer "one group". It runs on the distinct patterns with their counts, however many rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.special import logsumexp

MOST_STEPS = 200
TOLERANCE = 0.01
PRIOR = 0.5


@dataclass(frozen=True, eq=False)
class Patterns:
    """``marks``: m distinct patterns × all levels, 0/1. ``blocks`` says which columns are one
    feature's. ``counts``: rows of each pattern; ``place``: the pattern of each row."""

    marks: np.ndarray
    blocks: tuple[slice, ...]
    counts: np.ndarray
    place: np.ndarray

    def resampled(self, random: np.random.Generator) -> np.ndarray:
        """Counts of as many rows drawn again with replacement."""
        total = int(self.counts.sum())
        return random.multinomial(total, self.counts / total).astype(float)


@dataclass(frozen=True, eq=False)
class Classes:
    log_weights: np.ndarray
    log_shares: np.ndarray
    log_likelihood: float
    size: int

    @property
    def groups(self) -> int:
        return len(self.log_weights)

    def bic(self, count: int) -> float:
        return float(self.size * np.log(count) - 2 * self.log_likelihood)

    def memberships(self, marks: np.ndarray) -> np.ndarray:
        """Patterns × groups, rows sum to one."""
        joint = self._joint(marks)
        return np.exp(joint - logsumexp(joint, axis=1, keepdims=True))

    def _joint(self, marks: np.ndarray) -> np.ndarray:
        return self.log_weights + marks @ self.log_shares.T


def patterns(columns: Sequence[Sequence[str]]) -> Patterns:
    """From one list of words per feature, all of one length."""
    coded, levels = [], []
    for column in columns:
        kinds, codes = np.unique(np.array(column, dtype=str), return_inverse=True)
        coded.append(codes)
        levels.append(len(kinds))
    distinct, place, counts = np.unique(
        np.column_stack(coded), axis=0, return_inverse=True, return_counts=True
    )
    ends = np.cumsum([0, *levels])
    marks = np.zeros((len(distinct), ends[-1]))
    for feature in range(len(levels)):
        marks[np.arange(len(distinct)), ends[feature] + distinct[:, feature]] = 1.0
    blocks = tuple(slice(int(a), int(b)) for a, b in pairwise(ends))
    return Patterns(marks, blocks, counts.astype(float), np.ravel(place))


def fit(
    found: Patterns, counts: np.ndarray, groups: int, random: np.random.Generator, starts: int
) -> Classes:
    """The likeliest of several random starts; the same ``random`` state, the same answer."""
    begun = 1 if groups == 1 else starts
    made = [_climb(found, counts, groups, random) for _start in range(begun)]
    return max(made, key=lambda each: each.log_likelihood)


def _climb(
    found: Patterns, counts: np.ndarray, groups: int, random: np.random.Generator
) -> Classes:
    memberships = random.dirichlet(np.full(groups, 0.5), size=len(counts))
    before = -np.inf
    for _step in range(MOST_STEPS):
        classes = _maximised(found, counts, memberships)
        joint = classes._joint(found.marks)
        each = logsumexp(joint, axis=1, keepdims=True)
        reached = float(counts @ each[:, 0])
        memberships = np.exp(joint - each)
        if reached - before < TOLERANCE:
            break
        before = reached
    return Classes(classes.log_weights, classes.log_shares, reached, classes.size)


def _maximised(found: Patterns, counts: np.ndarray, memberships: np.ndarray) -> Classes:
    weighted = memberships * counts[:, None]
    sizes = weighted.sum(axis=0) + 1e-9
    # Half a row is spread over a feature's levels, so that no share is exactly nothing.
    totals = weighted.T @ found.marks
    log_shares = np.empty_like(totals)
    for block in found.blocks:
        own = totals[:, block] + PRIOR / (block.stop - block.start)
        log_shares[:, block] = np.log(own / own.sum(axis=1, keepdims=True))
    groups = len(sizes)
    levels = sum(block.stop - block.start - 1 for block in found.blocks)
    return Classes(np.log(sizes / sizes.sum()), log_shares, -np.inf, groups * levels + groups - 1)
