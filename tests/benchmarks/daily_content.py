"""Daily content for 100 businesses: the engine alone, and with posters for a sample of them.

Posters go to a folder of the benchmark, keyed as the media store keys them, so that no database
is needed and "cached" means what it means in the product: the key is known, nothing is drawn.
"""

import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

from local.automation.social_media.engine import (
    LANGUAGES,
    NETWORKS,
    PREVIEW_PIXELS,
    ComposedDay,
    DaySituation,
    PosterPlan,
    compose_day,
    poster_plan,
)
from local.business.engine import CATEGORIES, CITIES, BusinessFacts
from local.occasions.engine import occasions_between
from marketing_platform.documents.preview import webp_preview
from marketing_platform.documents.render import render_png

BUSINESSES = 100
POSTER_LANGUAGES = ("en", "hi")
DAY = date(2026, 11, 19)
CAPTIONS_AND_TWO_POSTERS_MS = 300


def run(full: bool = False) -> tuple[list[dict], dict]:
    """Rows to read and figures; `full` draws posters for all 100 businesses instead of 10."""
    situations = [_situation(number) for number in range(BUSINESSES)]
    _compose(situations[0])  # phrase files, rules and fonts are read once per process
    _fresh(situations[0], Path(tempfile.mkdtemp()))
    composed, captions = _timed(lambda: [_compose(situation) for situation in situations])
    sample = situations if full else situations[:: BUSINESSES // 10]
    with tempfile.TemporaryDirectory() as folder:
        fresh = [_timed(lambda s=each: _fresh(s, Path(folder)))[1] for each in sample]
        again = [_timed(lambda s=each: _fresh(s, Path(folder)))[1] for each in sample]
        previews = [path.stat().st_size for path in Path(folder).glob("*.webp")]
    figures = {
        "businesses": BUSINESSES,
        "captions_total_ms": round(captions, 1),
        "captions_per_business_ms": round(captions / BUSINESSES, 2),
        "with_two_posters_median_ms": round(statistics.median(fresh), 1),
        "with_two_posters_slowest_ms": round(max(fresh), 1),
        "cached_median_ms": round(statistics.median(again), 1),
        "cached_to_fresh": round(statistics.median(again) / statistics.median(fresh), 3),
        "largest_preview_bytes": max(previews),
        "blocked": sum(len(day.blocked) for day in composed),
        "different_first_ideas": len({day.pick.key for day in composed}),
        "target_ms": CAPTIONS_AND_TWO_POSTERS_MS,
        "is_within_target": statistics.median(fresh) <= CAPTIONS_AND_TWO_POSTERS_MS,
    }
    return _rows(figures, len(sample)), figures


def _situation(number: int) -> DaySituation:
    categories, cities = list(CATEGORIES), list(CITIES.values())
    category, city = categories[number % len(categories)], cities[number % len(cities)]
    facts = BusinessFacts(
        id=f"bench-{number}",
        name=f"Shop {number}",
        category=category,
        city=city.slug,
        state=city.state,
        languages=POSTER_LANGUAGES,
    )
    occasions = occasions_between(
        DAY, DAY + timedelta(days=31), state=city.state, city=city.slug, category=category
    )
    return DaySituation(facts, DAY, occasions)


def _compose(situation: DaySituation) -> ComposedDay:
    return compose_day(situation, languages=LANGUAGES, networks=NETWORKS)


def _fresh(situation: DaySituation, folder: Path) -> None:
    """Captions in all languages and two posters, drawn only if their key is not there."""
    day = _compose(situation)
    plans = [
        poster_plan(situation, day.pick, day.posters[language], language)
        for language in POSTER_LANGUAGES
    ]
    missing = [plan for plan in plans if not (folder / f"{plan.key}.webp").exists()]
    if missing:
        with ThreadPoolExecutor(max_workers=2) as pool:
            list(pool.map(lambda plan: _draw(plan, folder), missing))


def _draw(plan: PosterPlan, folder: Path) -> None:
    png = render_png(plan.source, payload=plan.payload)
    (folder / f"{plan.key}.png").write_bytes(png)
    small = render_png(plan.source, payload=plan.payload, pixels=PREVIEW_PIXELS)
    (folder / f"{plan.key}.webp").write_bytes(webp_preview(small, pixels=PREVIEW_PIXELS))


def _timed(work):
    began = time.perf_counter()
    made = work()
    return made, (time.perf_counter() - began) * 1000


def _rows(figures: dict, drawn: int) -> list[dict]:
    return [
        {
            "what": "captions, 4 networks x 4 languages",
            "businesses": BUSINESSES,
            "ms each": figures["captions_per_business_ms"],
        },
        {
            "what": "captions and 2 new posters (median)",
            "businesses": drawn,
            "ms each": figures["with_two_posters_median_ms"],
        },
        {
            "what": "captions and 2 known posters (median)",
            "businesses": drawn,
            "ms each": figures["cached_median_ms"],
        },
    ]
