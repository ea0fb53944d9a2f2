# SPDX-License-Identifier: Apache-2.0
"""
Shows that the kill switch tells of the protection that is lost with it: how many stops the daemon
held for which instrument, and that those are at no venue; by a living daemon, by a dead one, and by
one that was quicker and has cancelled them already; and what was to close at once for what it is.
A stop for a fill that is heard of only after that is held anew, is called kept, and goes on with
resume.
"""
import re
import signal
import subprocess
import unittest
from collections import Counter

from fault_rig import DONE, PARTLY, TURRET
from venue_rig import VenueCase

GUARDED = "".join(f"  guarded{s}: {{plugin: turret.accumulate, on: {s}.fake@1s, params: {{qty: 1, "
                  f"orders: {orders}}}, protect: {{trailing_stop: 20%}}}}\n"
                  for s, orders in (("AAA", 3), ("BBB", 1)))
INSIDE = "not at a venue; cancelled when the daemon next runs"
TURN = "not at a venue; the daemon cancels it at its next turn"
KEPT = "not at a venue; kept here, goes on with turret resume"


class Held(VenueCase):
    strategies = GUARDED
    pace_ms = 20

    def held(self):
        return Counter(order["symbol"] for order in self.orders() if order["state"] == "HELD")

    def held_ids(self):
        return {order["id"] for order in self.orders() if order["state"] == "HELD"}

    def guarded(self):
        """A daemon that holds stops for two instruments; answers how many for each."""
        daemon = self.begin("")
        self.wait(daemon, lambda: self.held()["AAA"] > 0 and self.held()["BBB"] > 0, "stops")
        return daemon

    @staticmethod
    def told(symbol, count):
        words = "order held here is" if count == 1 else "orders held here are"
        return f"{count} protective {words} cancelled: {symbol}.fake has no stop now\n"

    def halted(self):
        done = self.turret("halt", "--store", "store")
        self.assertEqual(done.returncode, DONE, done.stdout + done.stderr)
        return done

    def ended(self, daemon):
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        self.replays_equal("store")

    def test_dead_daemon(self):
        daemon = self.guarded()
        daemon.kill()
        daemon.process.wait(60)
        held, before = self.held(), self.held_ids()
        done = self.halted()
        for symbol, count in held.items():
            self.assertIn(self.told(symbol, count), done.stderr)
        self.assertNotIn("CCC.fake", done.stderr)
        self.assertEqual(done.stdout.count(INSIDE), sum(held.values()))
        result = self.json("halt", "--store", "store")
        self.assertEqual(result["unprotected"], [
            {"instrument": "AAA.fake", "orders": held["AAA"], "kept": False},
            {"instrument": "BBB.fake", "orders": held["BBB"], "kept": False}])
        self.assertEqual({order["became"] for order in result["orders"]
                          if order["was"] == "HELD"}, {INSIDE})
        self.assertLess(done.stderr.index("the latch is set"), done.stderr.index("protective"))
        daemon = self.start()
        self.wait(daemon, lambda: not self.held_ids() & before, "none of what was held")
        self.ended(daemon)

    def test_living_daemon(self):
        daemon = self.guarded()
        daemon.kill(signal.SIGSTOP)  # not a line of it runs until it is halted
        before = self.held_ids()
        done = self.halted()
        daemon.kill(signal.SIGCONT)
        self.assertEqual((done.stdout.count(TURN), done.stdout.count(INSIDE)), (len(before), 0))
        self.assertRegex(done.stderr, r"\d+ protective orders? held here (is|are) cancelled: AAA.fake")
        self.wait(daemon, lambda: not self.held_ids() & before, "none of what was held")
        self.ended(daemon)

    def cancelled(self):
        """Exits that the daemon has cancelled, by symbol: nothing but a kill does that here."""
        return Counter(order["symbol"] for order in self.orders()
                       if (order["role"], order["state"]) == ("exit", "CANCELED"))

    def test_quick_daemon(self):
        """It has cancelled what it held before the command reads the first order."""
        daemon = self.guarded()
        before = self.held_ids()
        daemon.kill(signal.SIGUSR1)
        self.wait(daemon, lambda: not self.held_ids() & before, "none of what was held")
        done = self.halted()
        for symbol, count in self.cancelled().items():
            self.assertIn(self.told(symbol, count), done.stderr)
        result = self.json("halt", "--venue", "fake", "--store", "store")
        self.assertEqual({row["instrument"]: row["orders"] for row in result["unprotected"]
                          if not row["kept"]},
                         {f"{symbol}.fake": count for symbol, count in self.cancelled().items()})
        for scope in (("all",), ("venue", "fake")):
            self.wait(daemon, lambda words=scope: self.turret(
                "resume", *words, "--killed", "--reason", "seen", "--store", "store").returncode == 0,
                "resume")
        daemon.kill(signal.SIGKILL)
        daemon.process.wait(60)
        held, venue = self.held(), self.turret("halt", "--venue", "fake", "--store", "store")
        lines = re.findall(r"\d+ protective .* (\w+)\.fake has no stop now", venue.stderr)
        self.assertEqual(sorted(lines), sorted(held), "what an older kill cancelled, or not once")
        self.ended(self.start())

    def test_closing_at_once(self):
        """What turret flatten waits for is no stop: the position stays, and that is said."""
        daemon = self.guarded()
        self.ok("state", "all", "halted", "--reason", "news", "--store", "store")
        done = self.turret("flatten", "strategy", "guardedAAA", "--reason", "enough", "--wait", "1",
                           "--store", "store")
        self.assertEqual(done.returncode, PARTLY, done.stderr)
        daemon.kill(signal.SIGSTOP)
        self.assertIn("1 closing order held here is cancelled: what it was to close of AAA.fake "
                      "stays open\n", self.halted().stderr)
        result = self.json("halt", "--store", "store")
        self.assertEqual(result["unclosed"],
                         [{"instrument": "AAA.fake", "orders": 1, "kept": False}])
        self.assertNotIn("AAA.fake", [row["instrument"] for row in result["unprotected"]])
        daemon.kill(signal.SIGCONT)
        self.wait(daemon, lambda: self.status()["trading"] == "KILLED", "KILLED")
        self.ended(daemon)

    def test_heard_of_after_the_kill(self):
        """The fills' reports are late: the daemon reads them when the kill is on its record."""
        daemon = self.begin("every report 1: delay-report 10")
        self.wait(daemon, lambda: self.counts()["FILL"] > 0, "a fill at the venue")
        daemon.kill(signal.SIGSTOP)
        self.assertEqual(self.held_ids(), set())
        said = self.halted().stderr
        self.assertNotIn("protective", said)
        daemon.kill(signal.SIGCONT)
        self.wait(daemon, lambda: len(self.held_ids()) == self.counts()["FILL"], "a stop for each")
        held = self.held()
        result = self.json("halt", "--store", "store")
        self.assertEqual(result["unprotected"], [
            {"instrument": f"{symbol}.fake", "orders": held[symbol], "kept": True}
            for symbol in ("AAA", "BBB") if held[symbol]])
        self.assertEqual({order["became"] for order in result["orders"]}, {KEPT})
        done = self.halted()
        self.assertEqual(done.stdout.count(KEPT), sum(held.values()))
        for symbol, count in held.items():
            self.assertIn(f"{count} protective order{'s' * (count > 1)} held here "
                          f"{'are' if count > 1 else 'is'} kept: {symbol}.fake has no stop until "
                          "turret resume\n", done.stderr)
        before = self.held_ids()
        self.wait(daemon, lambda: self.turret(
            "resume", "all", "--killed", "--reason", "seen", "--store", "store").returncode == 0,
            "resume")
        self.wait(daemon, lambda: self.status()["trading"] == "ACTIVE", "trading")
        self.assertEqual(self.held_ids() & before, before)
        self.ended(daemon)

    def test_one_pipe(self):
        """What is said stands where it belongs when both go to one place: before or after a row."""
        daemon = self.guarded()
        daemon.kill()
        daemon.process.wait(60)
        done = subprocess.run([TURRET, "halt", "--store", "store"], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, cwd=self.folder, check=False,
                              timeout=120)
        lines = [re.sub(r" .*", "", line) for line in done.stdout.splitlines()
                 if re.match(r"the latch|order  |[0-9]{6,}  |[0-9]+ protective|next: ", line)]
        self.assertEqual(lines[:2], ["the", "order"])
        self.assertEqual(lines[-1], "next:")
        rows = [at for at, line in enumerate(lines) if len(line) > 5]
        self.assertEqual(rows, list(range(2, 2 + len(rows))))
        self.assertGreater(len(lines) - len(rows), 4)


if __name__ == "__main__":
    unittest.main()
