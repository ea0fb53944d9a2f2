# SPDX-License-Identifier: Apache-2.0
"""
Shows what the failure of any single call does, once and from then on: every allocation, write, sync
and open of a paper session, a backtest and an import. Never a crash; a failed run says why and exits
by the table; and afterwards, with all calls working, the journal is whole, replays alike, and the
next run ends as if nothing had failed: same fills, same bars, same report. A client that cannot be
accepted waits and is served.
"""
import errno
import itertools
import os
import shutil
import signal
import unittest

import nth_rig
from fault_rig import Case, DONE, PLUGINS


@unittest.skipUnless(os.path.exists(nth_rig.SERVER), "not in a sanitizer build")
class Nth(Case):
    def sweep(self, name):
        folder = nth_rig.folder()
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        sweep = nth_rig.Sweep(nth_rig.SCENARIOS[name], folder)
        for failure in nth_rig.FAILURES:
            sweep.all(failure, (False, True), itertools.count(1))
        print(sweep.totals())
        self.assertEqual(sweep.harms, [], "\n".join(sweep.harms[:20]))
        self.assertGreater(sweep.ended, sweep.runs // 10, "hardly any failure was noticed")

    def test_14_7_session(self):
        self.sweep("session")

    def test_14_backtest(self):
        self.sweep("backtest")

    def test_14_import(self):
        self.sweep("import")

    def test_16_accept(self):
        self.write("turret.yaml", nth_rig.config(
            "paper", PLUGINS, "market: synthetic, pace_ms: 5"))
        for at in (1, 2, 3):
            daemon = self.start(env=dict(os.environ, LD_PRELOAD=nth_rig.LIBRARY, NTH_KIND="accept",
                                         NTH_AT=str(at), NTH_ERRNO=str(errno.EMFILE)))
            for _ in range(3):
                self.assertEqual(self.json("status", "--store", "store")["trading"], "ACTIVE")
            self.assertEqual(daemon.end(signal.SIGTERM), DONE, daemon.said)
        self.replays_equal("store")


if __name__ == "__main__":
    unittest.main()
