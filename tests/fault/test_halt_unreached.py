# SPDX-License-Identifier: Apache-2.0
"""
Shows that a halt says of a venue that it could not reach why not, that nothing was cancelled there,
and how many orders and venues are not proven to be closed; and of one that it reached and that did
not tell its orders whole nothing of that.
"""
import signal
import subprocess
import unittest

from fault_rig import PARTLY
from halt_rig import HaltCase


class Unreached(HaltCase):
    def lines(self, *more):
        """What it says to people, after its table."""
        done = subprocess.run([one for one in self.halt_command("--wait", "1", *more)
                               if one != "--json"], capture_output=True, text=True,
                              cwd=self.folder, check=False, timeout=120)
        self.assertEqual(done.returncode, PARTLY, done.stderr)
        return done.stderr

    def test_a_venue_that_is_away(self):
        daemon = self.trading(orders=8, batch=1, resting=8)
        self.wait(daemon, lambda: self.states()["ACCEPTED"] == 8, "orders")
        self.venue.kill()
        self.venue.wait()
        said = self.lines()
        self.assertIn("venue fake could not be reached (Connection refused): nothing was cancelled "
                      "there; look there by hand\n", said)
        self.assertIn("\n8 orders and 1 venue NOT PROVEN to be closed: say turret halt again, or "
                      "look at the venue\n", said)
        result = self.halt("--wait", "1", code=PARTLY)
        venue, = result["venues"]
        self.assertEqual((venue["why"], venue["reached"], venue["connected"]),
                         ("Connection refused", False, False))
        self.assertEqual((result["open"], result["venues_open"]), (9, 1))
        self.end_by(daemon)

    def test_a_venue_that_does_not_answer(self):
        daemon = self.trading(orders=1, batch=1, resting=1)
        self.wait(daemon, lambda: self.states()["ACCEPTED"] == 1, "the order")
        self.end_by(daemon)
        self.venue.send_signal(signal.SIGSTOP)
        said = self.lines()
        self.venue.send_signal(signal.SIGCONT)
        self.assertIn("venue fake did not tell its orders whole: look there by hand\n", said)
        self.assertIn("\n1 order and 1 venue NOT PROVEN to be closed", said)
        self.assertNotIn("nothing was cancelled", said)


if __name__ == "__main__":
    unittest.main()
