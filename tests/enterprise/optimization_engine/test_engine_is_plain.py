import subprocess
import sys

BLOCKED = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("django", "celery", "rest_framework"):
            raise ImportError(f"{name} is blocked")
sys.meta_path.insert(0, Blocker())
import importlib, pkgutil
package = "enterprise.optimization_engine.engine"
for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
    importlib.import_module(f"{package}.{module.name}")
from enterprise.optimization_engine.engine.contracts import FitSettings
from enterprise.optimization_engine.engine.fit import fit
from tests.enterprise.optimization_engine.generators import hard_market
settings = FitSettings(may_refine=False, saturations=("logistic",), rhos=(0.4,))
print(len(fit(hard_market(1, weeks=60, channels=2).data, settings)[0].channels))
"""


def test_the_engine_works_with_django_and_celery_blocked():
    answer = subprocess.run(
        [sys.executable, "-c", BLOCKED], capture_output=True, text=True, check=False, timeout=120
    )
    assert (answer.returncode, answer.stdout) == (0, "2\n"), answer.stderr
