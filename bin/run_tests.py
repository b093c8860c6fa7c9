"""`bin/test`: the suite on real PostgreSQL and Valkey, slow tests left out.

Two workers, and a third for the browser tests alone (tests/conftest.py).

bin/test                       everything but what is marked slow
bin/test --all                 everything
bin/test tests/billing -k tax  further arguments go to pytest
"""

import os
import signal
import subprocess
import sys

from steps import ROOT

sys.path.insert(0, str(ROOT))

from marketing_platform.operations import testing
from marketing_platform.operations.processes import StartFailed


def main(arguments: list[str]) -> int:
    # A stopped run cleans up as an interrupted one does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    was_running = testing.services_running()
    try:
        testing.services_start(os.environ)
        return subprocess.run(command(arguments), cwd=ROOT, check=False).returncode
    except StartFailed as failure:
        print(failure, failure.tail(), sep="\n", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        # Those of a developer who runs pytest directly are left alone.
        if not was_running:
            testing.services_stop()


def command(arguments: list[str]) -> list[str]:
    wants_all = "--all" in arguments
    passed_on = [argument for argument in arguments if argument != "--all"]
    chosen = [] if wants_all or "-m" in passed_on else ["-m", "not slow"]
    workers = [] if "-n" in passed_on else ["-n", "3", "--dist", "loadgroup"]
    return [sys.executable, "-m", "pytest", *workers, *chosen, *passed_on]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
