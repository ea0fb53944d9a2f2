# SPDX-License-Identifier: Apache-2.0
"""
Shows that calendar time is for people only, and that an order does not outlive its deadline. While a
daemon trades at the fake venue its clock is set forth and back by a year, and passes leap seconds
and changes of summer time (libfaketime): trading and asking go on at their pace, the journal's times
do not go back, the books are right, and a venue that is ahead of the clock is named. And a daemon that is suspended for a minute after an order became
durable, before it was sent, keeps that order back when it goes on.
"""
import os
import signal
import unittest

from fault_rig import BUILD
from venue_rig import BUYER, QUOTER, VenueCase

FAKETIME = next((path for path in (f"/usr/lib/{arch}/faketime/libfaketimeMT.so.1" for arch in (
    "x86_64-linux-gnu", "aarch64-linux-gnu")) if os.path.exists(path)), None)
SUSPEND = os.path.join(BUILD, "tests", "suspend.so")
# forth and back by a year; a leap second; both changes of summer time in New York
STEPS = ("+365d", "-365d", "@2016-12-31 23:59:59", "@2026-03-08 06:59:59",
         "@2026-11-01 05:59:59", "+0")


@unittest.skipUnless(os.path.exists(SUSPEND), "not in a sanitizer build")
class Clocks(VenueCase):
    limits = ", max_clock_skew: 10000d"  # here the clock is that of this machine, which jumps

    def start(self, *arguments, **more):
        """Every daemon of these tests is started with the libraries of this one."""
        return super().start(*arguments, env=dict(os.environ, **self.preload), **more)

    def set_clock(self, step):
        """libfaketime reads the file at every look at the clock; monotonic time is left alone."""
        self.write("clock", step + "\n")
        self.preload = {"LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": self.path("clock"),
                        "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                        "TZ": "America/New_York"}

    def reload(self, daemon):
        """A version of the configuration has calendar time: that the daemon saw the step."""
        with open(self.path("turret.yaml"), encoding="ascii") as file:
            text = file.read()
        self.write("turret.yaml", text.replace("qty: 10", "qty: 11") if "qty: 10" in text
                   else text.replace("qty: 11", "qty: 10"))
        self.assertIsNotNone(daemon.until("is in force"), daemon.said)

    @unittest.skipIf(FAKETIME is None, "needs libfaketime")
    def test_41_clock_steps(self):
        """Trading goes on, nothing is late or early, the records' times never go back."""
        self.set_clock("+0")
        self.pace_ms = 10
        self.strategies = QUOTER + BUYER.replace("orders: 40", "orders: 4000")
        daemon = self.begin("every 40: lost-ack")
        self.wait(daemon, lambda: self.counts()["FILL"] > 10, "fills")
        for step in STEPS:
            self.set_clock(step)
            self.reload(daemon)
            before = self.counts()
            self.wait(daemon, lambda: self.counts()["FILL"] > before["FILL"] + 10 and
                      self.counts()["ORDER"] > before["ORDER"] + 10, f"trading on at {step}")
        self.settle(daemon)
        years = {version["time"][:4]
                 for version in self.json("config", "history", "--store", "store")}
        self.assertGreater(len(years), 3, "the daemon did not see the steps")
        # the venue's time is of 2023, of which this machine's clock knew nothing in 2016
        told = [line for line in self.said.splitlines() if "ahead of this machine's clock" in line]
        self.assertEqual(len(told), 1, told)
        self.assertIn("alarm: venue fake: its event is stamped 17000", told[0])
        self.said = self.said.replace(told[0], "")
        self.assert_calm()
        self.assertEqual(self.late(), [])
        created = [order["created"] for order in sorted(self.orders(), key=lambda order: order["id"])]
        self.assertEqual(created, sorted(created))

    @unittest.skipIf(FAKETIME is None, "needs libfaketime")
    def test_41_questions_keep_their_pace(self):
        """0.25, 0.5, 1, 2 s between the questions of one order, a step of the clock in each."""
        self.set_clock("+0")
        self.pace_ms = 100
        self.strategies = QUOTER.replace("every: 2", "every: 40").replace("away: 25", "away: 900")
        daemon = self.begin("after order 1: lost-ack; after order 1: query-lag 60")
        for asked, step in enumerate(STEPS[:5], 1):
            self.wait(daemon, lambda: len(self.lines("QUERY")) >= asked, "a question")
            self.set_clock(step)
        asked = [int(ms) for _, ms in self.lines("QUERY")][:5]  # the venue may have read one late
        self.assertGreater(asked[4] - asked[0], (250 + 500 + 1000 + 2000) * 3 // 4, asked)
        self.assertGreater(asked[4] - asked[2], (1000 + 2000) // 2, asked)
        self.settle(daemon)

    def stopped(self, daemon):
        with open(f"/proc/{daemon.process.pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0] == "T"

    def late(self):
        """Orders that were kept back."""
        return [str(order["id"]) for order in self.orders()
                if "deadline" in (order["venue_reason"] or "")]

    def suspend(self, seconds, times):
        """
        Stops after a durable commit, again and again; answers what the oracle counted. Not every
        commit has an order in it; an odd number of them between the stops meets both kinds.
        """
        self.preload = {"LD_PRELOAD": SUSPEND, "SUSPEND_EVERY": "41", "SUSPEND_TIMES": str(times),
                        "SUSPEND_SECONDS": str(seconds)}
        daemon = self.begin("")
        for _ in range(times):
            self.wait(daemon, lambda: self.stopped(daemon), "the daemon to stop")
            daemon.kill(signal.SIGCONT)
        before = self.counts()["ORDER"]
        self.wait(daemon, lambda: self.counts()["ORDER"] > before + 10, "orders afterwards")
        return self.settle(daemon)

    def test_43_suspend(self):
        self.suspend(60, times=20)
        late = self.late()
        self.assertGreater(len(late), 0, "no order was on its way when it stopped")
        self.assertEqual(set(late) & {words[0] for words in self.lines("ORDER")}, set())

    def test_43_a_short_stop(self):
        self.pace_ms = 50  # the 10 s that are left to the deadline are 500 ms of this machine
        self.suspend(20, times=5)
        self.assertEqual(self.late(), [])


if __name__ == "__main__":
    unittest.main()
