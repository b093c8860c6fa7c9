import subprocess
import sys

SCRIPT = """
import sys
class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("django", "celery", "httpx"):
            raise ImportError(name)
sys.meta_path.insert(0, Refused())
from datetime import date
from local.automation.social_media.engine import DaySituation, NETWORKS, compose_day
from local.business.engine import BusinessFacts
facts = BusinessFacts(
    id="1", name="Asha", category="salon", city="pune", state="MH", languages=("en",)
)
made = compose_day(DaySituation(facts, date(2026, 11, 19)), languages=("en",), networks=NETWORKS)
print(len(made.networks["facebook"]["en"].caption) > 80)
"""


def test_the_engine_runs_without_django_celery_and_httpx():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.strip() == "True", done.stderr
