# SPDX-License-Identifier: Apache-2.0
"""
Shows that each plugin of tests/hostile, which misbehave in one way each and were written against
the conformance kit, harms nobody from a runner: all of them are loaded into one paper session from
an isolated directory, every strategy among them is run. The daemon lives and ends as asked, two
healthy strategies beside them trade to the last fill as without, and no process is left over.
Skipped while there are none.
"""
import glob
import os
import shutil
import sys
import unittest

from isolation_rig import BUILD, IsolationCase, SANITIZED
from test_attacks import BARS, HEALTHY

HOSTILE = sorted(glob.glob(os.path.join(BUILD, "hostile", "*.so")))


class Hostile(IsolationCase):
    def session(self, store, strategies):
        self.configure(strategies, store + ".yaml", store, bars=BARS)
        daemon = self.start(store + ".yaml")
        self.assertEqual(daemon.end(timeout=120), 0, "\n".join(daemon.said[-20:]))
        return daemon

    def starts(self, name):
        """Whether it starts at all: what refuses its configuration refuses the whole session."""
        self.configure({"one": "{plugin: hostile.%s, on: AAA.sim@1m}" % name}, "try.yaml", "try",
                       bars=1)
        done = self.turret("run", "try.yaml")
        shutil.rmtree(self.path("try"), ignore_errors=True)
        self.assertGreaterEqual(done.returncode, 0, f"{name}: {done.stderr}")
        return done.returncode == 0

    def test_hostile(self):
        self.put("own", "sim", "accumulate", "sma")
        self.put("isolated", "ma_cross")
        self.session("alone", HEALTHY)
        strategies, offered = dict(HEALTHY), 0
        for path in HOSTILE:
            name = os.path.basename(path)[:-3]
            copy = shutil.copy(path, self.path("isolated"))
            done = self.turret("--json", "plugin", "list", "--kind", "strategy", "-C", "alone.yaml")
            self.assertGreaterEqual(done.returncode, 0, f"{name}: {done.stderr}")
            offered += f'"hostile.{name}"' in done.stdout
            if f'"hostile.{name}"' in done.stdout and self.starts(name):
                strategies[name.replace("_", "-")] = (
                    "{plugin: hostile.%s, on: AAA.sim@1m}" % name)
            os.rename(copy, copy + ".kept")
        for path in glob.glob(self.path("isolated/*.kept")):
            os.rename(path, path[:-5])
        daemon = self.session("attacked", strategies)
        self.assertEqual(self.runners(), [])
        faults = self.faults(daemon)
        print(f"{len(HOSTILE)} plugins, {offered} strategies, "
              f"{len(strategies) - len(HEALTHY)} of them start, "
              f"{len(faults)} were stopped")
        self.assertGreater(len(strategies), len(HOSTILE) // 4)
        for name in HEALTHY:
            self.assertNotIn(name, faults)
        fills = self.fills_of("alone", *HEALTHY)
        self.assertGreater(len(fills), BARS, "too little traded to show anything")
        self.assertEqual(self.fills_of("attacked", *HEALTHY), fills)


if __name__ == "__main__":
    if not HOSTILE or SANITIZED:
        print("no hostile plugins in this build")
        sys.exit(77)
    unittest.main()
