# SPDX-License-Identifier: Apache-2.0
"""
Shows that a swap of an adapter compares the venue's positions with books that have everything which
the venue has counted: executions that were on their way on the connection of the build before and
are older than what was heard since; and what a simulated venue could not say yet. Neither raises an
alarm, no order is lost or doubled, and nobody is rolled back.
"""
import os
import tempfile
import shutil
import unittest

from swap_rig import Case, HERE, sim2  # pylint: disable=wrong-import-order
from campaign_rig import Builds
from venue_rig import VenueCase

SWAPS = 8


class Executions(VenueCase):
    def test_on_their_way(self):
        """Every second fill is told 40 bars late, to whoever listens then."""
        folder = tempfile.mkdtemp(prefix="turret-swap-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        builds = Builds(folder)
        daemon = self.begin("every fill 2: delay-report 40")
        for number in range(SWAPS):
            before = self.counts()["delay-report"]
            self.wait(daemon, lambda n=before: self.counts()["delay-report"] >= n + 3, "late fills")
            done = self.turret("plugin", "swap", builds.make("fake", 2 + number % 2), "--store",
                               "store")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.wait(daemon, lambda: self.status()["venues"][0]["ready"], "the venue is ready")
        self.assertGreater(self.settle(daemon)["fills"], 3 * SWAPS)
        self.assert_calm()
        self.assertNotIn("the venue says", self.said)


class Simulated(Case):
    def test_what_it_could_not_say_yet(self):
        full = sim2("full", os.path.join(HERE, "plugins", "sim_full.c"), "-Wl,--wrap=events_feed",
                    build_id="5111cccc5111cccc")
        self.begin()
        self.trades_on("1.0.0")
        for _ in range(SWAPS):
            self.swap(full)
            self.trades_on("1.0.0")
            self.swap(sim2())
            self.trades_on("1.0.0")
        self.end()
        self.assertFalse([line for line in self.daemon.said if "the venue says" in line])


if __name__ == "__main__":
    unittest.main()
