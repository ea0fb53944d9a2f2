# SPDX-License-Identifier: Apache-2.0
"""
Shows that an operator is told of a venue that cannot be reached, from the first moment on: by the
daemon, once for each reason, as an alarm where orders work; by status and state, with the reason and
since when; and when it is back. No retry is a line, nor a record of the journal. And of orders that
stay UNKNOWN, more of them, and none any more.
"""
import os
import re
import signal
import unittest

from fault_rig import DONE
from venue_rig import QUOTER, RESTING, VenueCase

SINCE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
RETRIES = "turret: log: venue fake is down: No such file or directory; nothing trades there"


class Told(VenueCase):
    strategies = QUOTER.replace("every: 2", "every: 1000")  # nothing is there that is an alarm
    pace_ms = 20

    def away(self):
        """The daemon at a venue whose socket is not there; what the venue is to be called."""
        daemon = self.begin("")
        self.wait(daemon, lambda: self.status()["venues"][0]["ready"], "the venue")
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        os.rename(self.path("s"), self.path("t"))
        return self.start()

    def told(self, daemon):
        return [line for line in daemon.said if re.search(": venue fake is (?!not sim)", line)]


class AtTheStart(Told):
    def test_reason_and_return(self):
        daemon = self.away()
        self.assertEqual(daemon.until("venue fake is"), RETRIES)
        venue, = self.status()["venues"]
        self.assertEqual((venue["ready"], venue["connected"], venue["stream"]),
                         (False, False, "No such file or directory"))
        self.assertRegex(venue["not_ready_since"], f"^{SINCE}$")
        why = (f"it is not connected since {venue['not_ready_since']} (No such file or directory): "
               "see whether the venue is up")
        self.assertEqual(venue["waits"], why)
        self.assertIn(f"since {venue['not_ready_since']}: No such file or directory\n",
                      self.ok("status", "--store", "store"))
        self.assertEqual(self.json("state", "--store", "store")["now"]["waits"],
                         [{"scope": "venue", "name": "fake", "why": why}])
        self.assertIn(f"venue fake trades nothing: {why}\n",
                      self.turret("state", "--store", "store").stderr)
        records = self.status()["sequence"]
        daemon.drain_for(1)  # some seven retries; a slow disk may be recorded
        self.assertLessEqual(self.status()["sequence"], records + 2)
        self.assertEqual(len(self.told(daemon)), 1, daemon.said)
        os.rename(self.path("t"), self.path("s"))
        self.assertEqual(daemon.until("venue fake is"),
                         "turret: log: venue fake is connected and reconciled")
        venue, = self.status()["venues"]
        self.assertEqual((venue["connected"], venue["stream"], venue["not_ready_since"],
                          venue["waits"]), (True, None, None, None))
        self.assertRegex(self.ok("status", "--store", "store"), r"not ready\nfake .* -\n")
        self.settle(daemon)


class WhileItTrades(Told):
    strategies = RESTING

    def test_orders_make_it_an_alarm(self):
        daemon = self.begin("")
        self.wait(daemon, lambda: self.states()["ACCEPTED"] >= 5, "orders")
        self.assertEqual(self.told(daemon), [])
        os.rename(self.path("s"), self.path("t"))
        self.venue.kill()
        self.venue.wait()
        self.assertEqual(daemon.until("venue fake is"), "turret: alarm: venue fake is down: "
                         "connection lost; nothing trades there")
        self.assertEqual(daemon.until("venue fake is"), RETRIES.replace("log", "alarm"))
        self.assertEqual(self.status()["venues"][0]["stream"], "No such file or directory")
        daemon.drain_for(0.5)
        self.assertEqual(len(self.told(daemon)), 2, daemon.said)
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        self.replays_equal("store")


class Unknown(Told):
    """Answers are lost and questions find nothing, until the orders are cancelled."""
    strategies = RESTING
    pace_ms = 300

    def count(self, line):
        found = re.fullmatch(r"turret: alarm: venue fake: (\d+) orders? (?:is|are) UNKNOWN, (\d+) for "
                             r"more than 5 s: nobody knows whether (?:it works|they work), and "
                             r"(?:it is|they are) taken for open \(turret reconcile\)", line or "")
        self.assertIsNotNone(found, line)
        self.first = found[2]
        return int(found[1])

    def test_orders_that_stay_unknown(self):
        daemon = self.begin("every order 1: lost-ack; every query 1: not-found")
        few = self.count(daemon.until("UNKNOWN"))
        self.assertEqual(self.first, self.lines("ORDER")[0][0])
        self.assertGreaterEqual(self.count(daemon.until("UNKNOWN")), 2 * few)
        self.stop_strategies(daemon)
        self.assertEqual(daemon.until("UNKNOWN"),
                         "turret: log: venue fake: no order is UNKNOWN any more")
        self.settle(daemon)


class Silent(Told):
    """The connection is taken, and nothing is said on it."""
    heartbeat_ms = 60000

    def test_once(self):
        daemon = self.begin("")
        self.wait(daemon, lambda: self.status()["venues"][0]["ready"], "the venue")
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        self.venue.send_signal(signal.SIGSTOP)
        daemon = self.start()
        self.assertEqual(daemon.until("venue fake is"),
                         "turret: log: venue fake is not connected and reconciled, and its adapter "
                         "does not say why; nothing trades there")
        self.assertRegex(self.status()["venues"][0]["waits"],
                         rf"^it is not connected since {SINCE} \(its adapter does not say why\): ")
        daemon.drain_for(0.5)
        self.assertEqual(len(self.told(daemon)), 1, daemon.said)
        self.venue.send_signal(signal.SIGCONT)
        self.assertEqual(daemon.until("venue fake is"),
                         "turret: log: venue fake is connected and reconciled")
        self.settle(daemon)


if __name__ == "__main__":
    unittest.main()
