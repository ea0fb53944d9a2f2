# SPDX-License-Identifier: Apache-2.0
"""
Shows that changes of code under load lose, double and reorder nothing: a dose of 500 swaps
(TURRET_SWAPS) of strategies, an indicator, the simulated venue and the fake venue's adapter; see
campaign.py for what is compared. `scripts/campaign swap` runs 10000.
"""
import os
import re
import subprocess
import sys
import tempfile
import unittest

SWAPS = int(os.environ.get("TURRET_SWAPS", "500"))
SEED = os.environ.get("TURRET_SEED", "1")
HERE = os.path.dirname(os.path.abspath(__file__))


class Campaign(unittest.TestCase):
    def test_dose(self):
        with tempfile.TemporaryDirectory(prefix="turret-swap-") as folder:
            done = subprocess.run(
                [sys.executable, os.path.join(HERE, "campaign.py"), "--swaps", str(SWAPS),
                 "--folder", folder, "--seed", SEED],
                capture_output=True, text=True, check=False)
        print(done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        total = {name: int(value) for name, value in
                 re.findall(r"(\w+) (\d+)", done.stdout.splitlines()[-1])}
        self.assertGreaterEqual(total["swaps"], SWAPS)
        for kind in ("strategy", "indicator", "broker"):
            self.assertGreater(total[kind], SWAPS // 6, kind)
        self.assertGreater(total["fills"], SWAPS, "too little traded to show anything")
        self.assertGreater(total["said"], total["strategy"], "the chains were not compared")


if __name__ == "__main__":
    unittest.main()
