# SPDX-License-Identifier: Apache-2.0
"""
Shows that the kill switch reaches orders whose fate the host does not know: acknowledgements were
lost, the answer was a server error, the venue does not find an order for a while. They are
cancelled by their client id, and nothing is called gone before the venue says so. The latch
outlives the restart.
"""
import signal
import subprocess
import unittest

from fault_rig import DONE, PARTLY
from halt_rig import HaltCase


class Unknown(HaltCase):
    def halted_while(self, script, fault, times, at=0, pace=20, resting=20):
        """Orders whose answers are lost; then the loop is stuck, or the daemon dies, and halt."""
        self.pace_ms = pace  # the host asks after 250 ms
        daemon = self.trading(at=at, orders=20, batch=5, script=script, resting=resting)
        self.wait(daemon, lambda: self.counts()[fault] >= times, fault)
        return daemon

    def test_59_lost_acks_and_a_stuck_loop(self):
        daemon = self.halted_while("every 1: lost-ack; every query 1: not-found", "lost-ack", 20,
                                   at=9)
        result = self.halt()
        self.assertEqual(self.working(), set())
        self.assertEqual(len(result["orders"]), 20)
        self.assertLessEqual({order["was"] for order in result["orders"]}, {"SENT", "UNKNOWN"})
        self.assertEqual({order["became"] for order in result["orders"]}, {"CANCELED"})
        self.end_by(daemon)
        self.unstick()
        self.agree(self.next_start())

    def test_59_unknown_when_the_daemon_died(self):
        daemon = self.halted_while("every 2: 5xx-placed; every 3: lost-ack; "
                                   "every query 1: not-found", "5xx-placed", 8, pace=50)
        self.wait(daemon, lambda: self.states()["UNKNOWN"] > 0, "an UNKNOWN order")
        self.end_by(daemon)
        result = self.halt()
        self.assertEqual(self.working(), set())
        self.assertEqual(result["open"], 0)
        self.agree(self.next_start())

    def test_59_lost_acks_of_cancels(self):
        """Nor is a cancel believed that nobody confirmed: it is asked for."""
        daemon = self.trading(at=60, script="every cancel 2: lost-ack; every cancel 3: 5xx-placed; "
                                            "every report 3: gap")
        result = self.halt()
        self.assertEqual(self.working(), set())
        self.assertTrue(all(order["proven"] for order in result["orders"]))
        self.assertTrue(any(order["queries"] for order in result["orders"]))
        self.end_by(daemon)
        self.unstick()
        self.agree(self.next_start())

    def test_59_not_found_is_not_gone(self):
        """The venue knows them only after a while: they are asked for and cancelled until then."""
        daemon = self.halted_while("every 1: lost-ack; every 1: query-lag 24", "query-lag", 20,
                                   at=9, pace=50)
        result = self.halt()
        self.assertEqual(self.working(), set())
        self.assertGreater(max(order["cancels"] for order in result["orders"]), 1)
        self.assertEqual({order["became"] for order in result["orders"]}, {"CANCELED"})
        self.end_by(daemon)
        self.unstick()
        self.agree(self.next_start())

    def test_59_not_found_within_the_bound(self):
        daemon = self.halted_while("every 1: lost-ack; every 1: query-lag 26", "query-lag", 20,
                                   at=8, pace=200)
        result = self.halt("--wait", "1", code=PARTLY)
        self.assertFalse(any(order["proven"] for order in result["orders"]))
        self.end_by(daemon)
        self.unstick()
        self.assertEqual(self.halt("--wait", "30")["open"], 0)
        self.assertEqual(self.working(), set())
        self.agree(self.next_start())

    def test_59_never_arrived(self):
        """Dropped on the way: gone half a minute later at the venue, which is not at once."""
        daemon = self.halted_while("every 2: 5xx-dropped; every query 1: not-found", "5xx-dropped",
                                   10, pace=100, resting=10)
        self.end_by(daemon)
        command = [word for word in self.halt_command("--wait", "1") if word != "--json"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.folder,
                              check=False, timeout=120)
        self.assertEqual(done.returncode, PARTLY, done.stdout + done.stderr)
        self.assertIn("NOT PROVEN: the venue does not find it, and it may still arrive", done.stdout)
        self.assertRegex(done.stderr, r"\n\d+ orders NOT PROVEN to be closed: say turret halt --wait "
                                      r"60, or look at the venue\n")
        self.assertNotIn("never arrived", done.stdout)
        result = self.halt("--wait", "60")
        self.assertEqual(self.working(), set())
        self.assertLessEqual({order["became"] for order in result["orders"]},
                             {"CANCELED", "never arrived", "REJECTED"})
        self.assertIn("never arrived", {order["became"] for order in result["orders"]})
        daemon = self.next_start()
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)


if __name__ == "__main__":
    unittest.main()
