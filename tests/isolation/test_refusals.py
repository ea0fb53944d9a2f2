# SPDX-License-Identifier: Apache-2.0
"""
Shows that a directory with isolation: process takes and refuses exactly what it takes and refuses
without, with the same words: every plugin file of the ABI's fixtures, good, malformed or lying.
"""
import glob
import os
import shutil
import unittest

from isolation_rig import BUILD, IsolationCase

CONFIG = """
turret: 1
mode: paper
store: store
plugins:
  - {path: isolated%s}
venues:
  sim: {adapter: sim}
instruments:
  AAA.sim: {tick: 0.01, lot: 1, currency: USD}
strategies: {}
risk: {preset: development}
"""


class Refusals(IsolationCase):
    def listed(self, isolation):
        self.write("list.yaml", CONFIG % isolation)
        done = self.turret("plugin", "list", "-C", "list.yaml", "--plain")
        self.assertGreaterEqual(done.returncode, 0)
        return done.stdout, done.stderr.splitlines()

    def test_same_refusals(self):
        for path in glob.glob(os.path.join(BUILD, "fixtures", "*.so")):
            if os.path.isfile(path):
                shutil.copy(path, self.path("isolated"))
        taken, refused = self.listed("")
        self.assertGreater(len(refused), 60)
        self.assertIn("fixture.cxx_strategy", taken)
        self.assertEqual(self.listed(", isolation: process"), (taken, refused))
        self.assertEqual(self.runners(), [])


if __name__ == "__main__":
    unittest.main()
