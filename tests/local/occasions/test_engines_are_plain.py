import subprocess
import sys

BLOCKED = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("django", "celery"):
            raise ImportError(f"{name} is blocked")
sys.meta_path.insert(0, Blocker())
from datetime import date
from local.business.engine import BusinessFacts, city_of
from local.business.engine.details import clean_name
from local.intelligence.engine import LocalInsightsRequest, insights_about
from local.occasions.engine import occasions_between
found = occasions_between(date(2026, 11, 1), date(2026, 11, 30), state="MH", city="pune")
print(len([each for each in found if each.slug == "diwali"]), city_of("पुणे").slug, clean_name("A"))
"""


def test_engines_work_with_django_and_celery_blocked():
    answer = subprocess.run(
        [sys.executable, "-c", BLOCKED], capture_output=True, text=True, check=False, timeout=60
    )
    assert (answer.returncode, answer.stdout) == (0, "1 pune A\n"), answer.stderr
