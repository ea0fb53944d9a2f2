# SPDX-License-Identifier: Apache-2.0
"""What the isolation tests share: daemons with plugins in runners, and the runners of a folder."""
import ctypes
import glob
import os
import re
import shutil
import sys

for folder in ("cli", "fault"):
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", folder))
from fault_rig import BUILD, Case, PLUGINS  # noqa: E402

ISOLATED = os.path.join(BUILD, "isolation-plugins")
SANITIZED = "asan" in os.path.basename(os.path.realpath(BUILD)) or \
    "tsan" in os.path.basename(os.path.realpath(BUILD))
# landlock_create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION)
LANDLOCK = ctypes.CDLL(None).syscall(444, None, 0, 1) > 0

CONFIG = """
turret: 1
mode: paper
store: {store}
plugins:
  - path: own
  - {{path: isolated, isolation: process}}
venues:
  sim:
    adapter: sim
    cash: {{USD: 1000000}}
    seed: 7
    params: {{market: synthetic, pace_ms: {pace}, bars: {bars}}}
instruments:
  AAA.sim: {{tick: 0.01, lot: 1, currency: USD}}
strategies:
{strategies}
risk: {{preset: development}}
"""


class IsolationCase(Case):
    def setUp(self):
        super().setUp()
        for name in ("own", "isolated"):
            os.mkdir(self.path(name))

    def put(self, name, *plugins):
        """Copies built plugins into the folder `own` or `isolated`."""
        for plugin in plugins:
            for folder in (ISOLATED, PLUGINS, os.path.join(BUILD, "venue-plugins")):
                if os.path.exists(os.path.join(folder, plugin + ".so")):
                    shutil.copy(os.path.join(folder, plugin + ".so"), self.path(name))
                    break
            else:
                self.fail(f"{plugin}.so is not built")

    def configure(self, strategies, name="turret.yaml", store="store", pace=1, bars=0):
        self.write(name, CONFIG.format(
            store=store, pace=pace, bars=bars,
            strategies="\n".join(f"  {key}: {value}" for key, value in strategies.items())))

    def runners(self):
        """Process ids of the runners that were started from this test's folder."""
        found = []
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            try:
                with open(path, "rb") as file:
                    words = file.read().split(b"\0")
            except OSError:
                continue
            if len(words) > 5 and words[0].endswith(b"turret-runner") and \
                    words[5].startswith(self.folder.encode()):
                found.append(int(path.split("/")[2]))
        return found

    def fills_of(self, store, *strategies):
        """Without what other strategies on the same account change in them."""
        shared = ("order_id", "fill_id", "id", "execution_id", "sequence", "realised")
        return [{key: fill[key] for key in fill if key not in shared}
                for fill in self.json("fills", "--all", "--store", store)
                if fill["strategy"] in strategies]

    def wait_for_line(self, daemon, phrase):
        if not any(phrase in line for line in daemon.said):
            self.assertIsNotNone(daemon.until(phrase), "\n".join(daemon.said[-20:]))

    def faults(self, daemon):
        """What is told of each lost strategy, the first time that it was let run (on a busy machine)."""
        told = {}
        for line in daemon.said:
            match = re.match(r"turret: fault: strategy (\S+): its runner (.*)", line)
            if match and "gave no answer" in told.get(match.group(1), "gave no answer"):
                told[match.group(1)] = match.group(2)
        return told
