# SPDX-License-Identifier: Apache-2.0
"""
Shows that docs/fake-venue.md says how to run the fake venue by hand: its configuration and commands,
as they stand there, trade, meet the fault of the script, and end with books that agree.
"""
import json
import os
import re
import signal
import subprocess
import unittest

from fault_rig import BUILD
from venue_rig import VenueCase

SOURCE = os.environ.get("TURRET_SOURCE", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
ENV = {**os.environ, "TURRET_SOURCE": SOURCE, "TURRET_BUILD": BUILD}
PAGE = os.path.join(SOURCE, "docs", "fake-venue.md")


class ByHand(VenueCase):
    def terminal(self, block):
        """A block typed into a terminal of its own, where Ctrl-C reaches all of it."""
        shell = self.start(program=["sh", "-euc", "trap : INT\n" + block], ready=False, env=ENV, start_new_session=True)
        self.addCleanup(self.press, shell, signal.SIGKILL)
        return shell

    def press(self, shell, number=signal.SIGINT):
        if shell.process.poll() is None:
            os.killpg(shell.process.pid, number)

    def typed(self, block):
        done = subprocess.run(["sh", "-euc", block], cwd=self.folder, env=ENV, capture_output=True, text=True,
                              check=False, timeout=300)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_as_the_page_says(self):
        with open(PAGE, encoding="utf-8") as page:
            text = page.read()
        [config] = re.findall(r"^```yaml\n(.*?)^```$", text, re.S | re.M)
        build, venue, run, look, compare = re.findall(r"^```sh\n(.*?)^```$", text, re.S | re.M)
        self.assertIn("cmake --preset release", build)
        self.write("turret.yaml", config)
        self.log = self.path("venue.log")
        venue = self.terminal(venue)
        self.wait(venue, lambda: os.path.exists(self.path("venue.sock")), "the venue")
        daemon = self.terminal(run)
        self.assertIsNotNone(daemon.until("orders leave this machine"))
        self.wait(daemon, lambda: self.counts()["lost-ack"] and self.counts()["FILL"] > 3, "the fault")
        self.assertIn("quoter", self.typed(look))
        self.wait(daemon, lambda: self.status()["working_orders"] == 0, "no working order")
        self.wait(daemon, self.heard_all, "all fills")
        self.press(daemon)
        self.assertEqual(daemon.end(), 0, "\n".join(daemon.said))
        counts = json.loads(self.typed(compare).splitlines()[-1])
        self.assertEqual((counts["differences"], counts["faults"]), (0, {"lost-ack": 1}))
        self.assertGreaterEqual(counts["orders"], 5)
        self.press(venue)


if __name__ == "__main__":
    unittest.main()
