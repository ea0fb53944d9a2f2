# SPDX-License-Identifier: Apache-2.0
"""
Shows `turret flatten` and `turret halt --flatten` against the fake venue: what strategies hold is
closed, at the venue too, on opposite sides and in parts as well, nothing opens again, the scope is
REDUCING and the kill switch lifted; what is outside the scope trades on; the exit code says whether
nothing is held any more; without a daemon, without its venue or with a wrong word nothing is closed,
and that is told. The oracle finds the books equal and the journal does it all again.
"""
import json
import signal
import subprocess
import unittest

from fault_rig import DONE, INVALID, PARTLY, REFUSED, TURRET, UNREACHABLE, USAGE
from venue_rig import BUYER, CROSS, QUOTER, VenueCase


class Flatten(VenueCase):
    strategies = QUOTER + BUYER.replace("orders: 40", "orders: 4000")

    def flatten(self, *words, code=DONE):
        done = self.turret("flatten", *words, "--reason", "a drill", "--store", "store")
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def held(self, strategy=None):
        """What strategies hold, by the store."""
        return {(row["strategy"], row["symbol"]): row["qty"]
                for row in self.json("positions", "--store", "store")
                if float(row["qty"]) and row["strategy"] in ((strategy,) if strategy else
                                                             ("quoter", "buyer", "cross"))}

    def states(self):
        return {(row["scope"], row["name"]): row["state"]
                for row in self.json("state", "--store", "store")["states"]}

    def holding(self):
        daemon = self.begin("")
        self.wait(daemon, lambda: self.held("buyer") and self.held("quoter"), "positions")
        return daemon

    def flat(self, *words, command="flatten", strategy=None):
        """What fills while its cancel is on the way needs the word again; it is told by the code."""
        words = (*words, "--reason", "a drill") if command == "flatten" else words
        for _ in range(5):
            done = self.turret(command, *words, "--store", "store")
            self.assertIn(done.returncode, (DONE, PARTLY), done.stdout + done.stderr)
            self.assertEqual("NOT flat yet" in done.stderr, done.returncode == PARTLY, done.stderr)
            if done.returncode == DONE:
                break
        self.assertEqual(self.held(strategy), {}, done.stderr)
        return done

    def test_everything(self):
        daemon = self.holding()
        told = self.flat("all")
        self.assertRegex(told.stdout + told.stderr,
                         r"buyer +BBB\.fake +\d+ +still held: 0|no strategy holds anything")
        self.assertNotIn("waits", told.stderr)
        self.assertEqual(self.states(), {("all", ""): "REDUCING"})
        denied = self.status()["strategies"][1]["denied"]
        self.wait(daemon, lambda: self.status()["strategies"][1]["denied"] > denied + 5, "denials")
        self.assertEqual(self.held(), {})  # it asks, and gets nothing
        self.settle(daemon)

    def test_one_strategy(self):
        daemon = self.holding()
        told = self.flat("strategy", "buyer", strategy="buyer").stderr
        self.assertRegex(told, "strategy buyer was (ACTIVE|REDUCING) and is REDUCING now: only what "
                               "closes is sent until turret resume strategy buyer\n")
        before = self.status()["strategies"][0]["fills"]
        self.wait(daemon, lambda: self.status()["strategies"][0]["fills"] > before, "the other")
        self.assertEqual(self.states(), {("strategy", "buyer"): "REDUCING"})
        self.assertEqual(self.held("buyer"), {})
        self.settle(daemon)

    def test_more_than_one_order_may_be(self):
        self.limits = ", max_order_qty: 15"
        daemon = self.begin("")
        self.wait(daemon, lambda: float(self.held("buyer").get(("buyer", "BBB"), 0)) > 40, "many")
        self.flat("strategy", "buyer", strategy="buyer")
        self.settle(daemon)

    def test_books_that_differ(self):
        """Nothing of it is closed before they agree, and that is told."""
        self.more = "    reconcile: {every: 1s}\n"
        self.strategies = BUYER.replace("BBB", "AAA").replace("orders: 40", "orders: 4000")
        self.pace_ms = 20  # the drift comes seconds after the first download, which stops the venue
        daemon = self.begin("after tick 150: drift 5")
        self.assertIsNotNone(daemon.until("the venue says position"), daemon.said)
        self.assertIn("AAA.fake: venue fake's books and ours differ: turret reconcile: its closing "
                      "waits for that\n", self.flatten("all", "--wait", "0", code=PARTLY).stderr)
        self.assertNotEqual(self.held("buyer"), {})
        self.ok("reconcile", "adopt", "fake", "AAA", "--reason", "found", "--store", "store")
        self.flat("all")
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        self.replays_equal("store")

    def test_opposite_sides(self):
        """Closing the one takes the account further from flat: each is closed all the same."""
        self.strategies = BUYER.replace("orders: 40", "orders: 4000") + CROSS
        daemon = self.begin("")
        self.wait(daemon, lambda: float(self.held("buyer").get(("buyer", "BBB"), 0)) > 0 and
                  float(self.held("cross").get(("cross", "BBB"), 0)) < 0, "opposite positions")
        self.flat("all")
        self.settle(daemon)

    def test_killed(self):
        daemon = self.holding()
        self.assertEqual(self.turret("halt", "--store", "store").returncode, DONE)
        self.assertIn("--killed", self.flatten("all", code=REFUSED).stderr)
        self.assertNotEqual(self.held(), {})
        told = self.flat("all", "--killed")
        self.assertNotIn("is KILLED", told.stderr)
        self.assertIn(" is REDUCING now", told.stderr)
        self.assertEqual(self.json("state", "--store", "store")["kill_switch"], [])
        self.settle(daemon)

    def halt(self, code, *more):
        done = subprocess.run([TURRET, *more, "halt", "--flatten", "--store", "store"], text=True,
                              capture_output=True, cwd=self.folder, check=False, timeout=120)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def test_halt_and_flatten(self):
        daemon = self.holding()
        told = json.loads(self.halt(DONE, "--json").stdout)
        self.assertEqual(told["flatten_why"], "")
        self.assertTrue(told["flatten"]["held"])
        self.assertEqual(told["flatten"]["still_held"], [])
        self.assertEqual([told["flatten"][member] for member in ("before", "state", "kill_switch")],
                         ["KILLED", "REDUCING", True])
        self.assertEqual(self.held(), {})
        self.assertEqual(self.states(), {("all", ""): "REDUCING"})
        done = self.halt(DONE)
        self.assertIn("no strategy holds anything there", done.stderr)
        self.assertNotIn("is KILLED", done.stderr)
        self.assertIn("all was KILLED and is REDUCING now, the kill switch is lifted: only what closes "
                      "is sent until turret resume all\n", done.stderr)
        self.settle(daemon)

    def test_nobody_closes(self):
        daemon = self.holding()
        daemon.kill(signal.SIGKILL)
        daemon.process.wait(60)
        self.flatten("all", code=UNREACHABLE)
        self.assertIn("NOT flattened: no daemon runs", self.halt(PARTLY).stderr)
        self.assertNotEqual(self.held(), {})
        daemon = self.start()
        self.wait(daemon, lambda: self.status()["venues"][0]["ready"], "the venue")
        told = self.flatten("venue", "fake", "--wait", "1", code=PARTLY).stderr
        self.assertRegex(told, r"BBB\.fake: all is KILLED: its closing waits for that")
        self.assertIn("NOT flat yet", told)
        self.assertNotEqual(self.held(), {})
        self.flat("all", "--killed")
        self.settle(daemon)
        done = self.turret("halt", "--flatten", "--venue", "fake", "--wait", "0", "--store", "store")
        self.assertIn("then turret flatten venue fake --killed\n", done.stderr)

    def test_not_while_the_venue_is_away(self):
        daemon = self.holding()
        self.venue.kill()
        self.venue.wait()
        self.wait(daemon, lambda: not self.status()["venues"][0]["ready"], "it is away")
        self.assertIn("nothing is closed before", self.flatten("all", code=REFUSED).stderr)
        self.assertEqual(self.states(), {})
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)

    def test_mistakes(self):
        daemon = self.begin("")
        for words, code in ((("strategy", "nobody"), INVALID), (("desk", "x"), USAGE),
                            (("all", "x"), USAGE), (("strategy",), USAGE)):
            self.flatten(*words, code=code)
        self.assertEqual(self.turret("flatten", "all", "--store", "store").returncode, USAGE)
        self.assertEqual(self.states(), {})
        self.settle(daemon)


if __name__ == "__main__":
    unittest.main()
