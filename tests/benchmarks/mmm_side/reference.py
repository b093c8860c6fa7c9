"""PyMC-Marketing's side of the comparison: runs in an environment of its own.

reference.py GIVEN.json ANSWERED.json: weeks, spend, offers and outcome in; for each channel the
mean and 90 % interval of ROAS out, with CPU seconds and NUTS diagnostics.
"""

import json
import sys
import time
from pathlib import Path

import arviz
import numpy as np
import pandas
from pymc_marketing.mmm import GeometricAdstock, LogisticSaturation
from pymc_marketing.mmm.multidimensional import MMM


def main(given_path: str, answered_path: str) -> None:
    given = json.loads(Path(given_path).read_text())
    spend = np.array(given["spend"])
    table = pandas.DataFrame(spend, columns=given["channels"])
    table["week"] = pandas.to_datetime(given["weeks"])
    offers = [f"offer_{place}" for place in range(len(given["offers"]))]
    for name, column in zip(offers, given["offers"], strict=True):
        table[name] = np.array(column, dtype=float)
    table["t"] = np.arange(len(table))
    outcome = pandas.Series(given["outcome"], name="y")
    model = MMM(
        adstock=GeometricAdstock(l_max=8),
        saturation=LogisticSaturation(),
        date_column="week",
        channel_columns=given["channels"],
        control_columns=[*offers, "t"],
        yearly_seasonality=2,
    )
    started = time.process_time()
    model.build_model(table, outcome)
    model.add_original_scale_contribution_variable(["channel_contribution"])
    built = time.process_time()
    model.fit(
        table, outcome, chains=2, cores=1, draws=given["draws"], tune=1_000, random_seed=7,
        progressbar=False,
    )  # fmt: skip
    sampled = time.process_time()
    answer = summary(model, spend)
    answer |= {"cpu_seconds": sampled - built, "build_cpu_seconds": built - started}
    Path(answered_path).write_text(json.dumps(answer))


def summary(model: MMM, spend: np.ndarray) -> dict:
    posterior = model.idata.posterior
    weekly = posterior["channel_contribution_original_scale"]
    roas = weekly.sum("date").stack(sample=("chain", "draw")).transpose("sample", "channel")
    values = roas.to_numpy() / spend.sum(axis=0)
    low, high = np.quantile(values, [0.05, 0.95], axis=0)
    names = [name for name in ("adstock_alpha", "saturation_lam", "saturation_beta", "y_sigma",
                               "intercept_contribution") if name in posterior]  # fmt: skip
    table = arviz.summary(posterior, var_names=names)
    return {
        "roas": [[float(x) for x in one] for one in zip(values.mean(0), low, high, strict=True)],
        "r_hat": float(table["r_hat"].max()),
        "ess": float(table["ess_bulk"].min()),
        "divergences": int(model.idata.sample_stats["diverging"].sum()),
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
