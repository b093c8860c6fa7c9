"""Exact paise."""

import numpy as np


def rounded_to_sum(
    amounts: np.ndarray, total: int, low: np.ndarray, high: np.ndarray
) -> np.ndarray:
    """Integers nearest to ``amounts`` inside their bounds that sum exactly to ``total``.

    Largest remainders first. The bounds must allow the total: ``low.sum() ≤ total ≤ high.sum()``.
    """
    whole = np.clip(np.floor(amounts).astype(np.int64), low, high)
    order = np.argsort(-(amounts - np.floor(amounts)), kind="stable")
    missing = int(total - whole.sum())
    while missing:
        step = 1 if missing > 0 else -1
        room = (high - whole) if step > 0 else (whole - low)
        open_places = [place for place in order if room[place] > 0]
        if not open_places:
            raise ValueError("the bounds do not allow this total")
        # Many at once where the whole lies far off; a paisa each when it is nearly there.
        each = max(1, abs(missing) // len(open_places))
        for place in open_places:
            moved = min(each, int(room[place]), abs(missing))
            whole[place] += step * moved
            missing -= step * moved
            if not missing:
                break
    return whole
