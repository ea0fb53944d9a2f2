# SPDX-License-Identifier: Apache-2.0
"""
Shows what the failure of any single call does, once and from then on: allocations, writes, syncs,
opens of a paper session, a backtest and an import. Never a crash; a failed run says why and exits by
the table; and afterwards, with all calls working, the journal is whole, replays alike, and the next
run ends as if nothing had failed: same fills, same bars, same report. A client that cannot be
accepted waits and is served.

TURRET_NTH_RUNS is how many failures each scenario and kind takes (a sample; scripts/campaign nth
runs all). TURRET_SEED chooses others.
"""
import errno
import os
import random
import shutil
import signal
import unittest

import nth_rig
from fault_rig import Case, DONE, PLUGINS

RUNS = int(os.environ.get("TURRET_NTH_RUNS", "14"))
SEED = int(os.environ.get("TURRET_SEED", "1"))


@unittest.skipUnless(os.path.exists(nth_rig.LIBRARY), "not in a sanitizer build")
class Nth(Case):
    def sweep(self, name):
        chance = random.Random(SEED)
        folder = nth_rig.folder()
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        bench, ended, runs = nth_rig.Bench(name, folder), 0, 0
        for kind in nth_rig.KINDS:
            count = bench.count(kind)
            for _ in range(min(RUNS, 2 * count)):
                runs += 1
                ended += bench.fail(kind, chance.randrange(1, count + 1), chance.random() < 0.5)
        self.assertGreater(ended, runs // 10, "hardly any failure was noticed")
        print(f"{name}: {runs} failures, {ended} ended the run, {bench.libcrypto} in libcrypto")

    def test_session(self):
        self.sweep("session")

    def test_backtest(self):
        self.sweep("backtest")

    def test_import(self):
        self.sweep("import")

    def test_accept(self):
        self.write("turret.yaml", nth_rig.CONFIG.format(
            mode="paper", plugins=PLUGINS, market="market: synthetic, pace_ms: 5"))
        for at in (1, 2, 3):
            daemon = self.start(env=dict(os.environ, LD_PRELOAD=nth_rig.LIBRARY, NTH_KIND="accept",
                                         NTH_AT=str(at), NTH_ERRNO=str(errno.EMFILE)))
            for _ in range(3):
                self.assertEqual(self.json("status", "--store", "store")["trading"], "ACTIVE")
            self.assertEqual(daemon.end(signal.SIGTERM), DONE, daemon.said)
        self.replays_equal("store")


if __name__ == "__main__":
    unittest.main()
