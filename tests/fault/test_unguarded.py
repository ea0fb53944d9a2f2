# SPDX-License-Identifier: Apache-2.0
"""
Shows that an operator is told what nobody guards: how many orders of a venue are UNKNOWN, by status
and reconcile; what a daemon that ends leaves behind; which positions have no stop once a halt has
cancelled it, by resume, state and status; and which venues and instruments trade nothing though every
scope is ACTIVE, by state.
"""
import re
import signal
import unittest

from fault_rig import Case, DONE, PLUGINS
from test_halt_held import GUARDED
from venue_rig import QUOTER, RESTING, VenueCase

NOTHING = {"waits": [], "unprotected": [], "not_sent": []}
EVERY = "    reconcile: {every: 1s}\n"


class Unguarded(VenueCase):
    strategies = QUOTER

    def state(self):
        """The lines for people, and the JSON of what the daemon added to the states."""
        done = self.turret("state", "--store", "store")
        self.assertEqual(done.returncode, DONE, done.stderr)
        return done.stderr, self.json("state", "--store", "store")["now"]

    def waits_for(self, daemon, row, line):
        self.wait(daemon, lambda: row in self.state()[1]["waits"], row)
        self.assertIn(line, self.state()[0])

    def left(self, daemon):
        """What was said at the end of the daemon."""
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        return [line for line in daemon.said if line.startswith("turret: venue fake: ")]


class Unknown(Unguarded):
    def test_counted(self):
        self.pace_ms = 100  # its deadline is seconds away
        self.strategies = QUOTER.replace("every: 2", "every: 40").replace("away: 25", "away: 900")
        daemon = self.begin("after order 1: 5xx-dropped")
        self.wait(daemon, lambda: self.json("reconcile", "--store", "store") == [], "the venue")
        self.wait(daemon, lambda: self.status()["venues"][0]["unknown"] == 1, "the unknown order")
        self.wait(daemon, lambda: self.states()["UNKNOWN"] == 1, "its row")
        order, = [one for one in self.orders() if one["state"] == "UNKNOWN"]
        venue, = self.status()["venues"]
        self.assertEqual(venue["unknown_since"], re.sub(r"\.\d+Z$", "Z", order["updated"]))
        self.assertRegex(self.ok("status", "--store", "store"),
                         rf"working  UNKNOWN  since +not ready\n"
                         rf"fake .* 1  {venue['unknown_since']}  -\n")
        row, = self.json("reconcile", "--store", "store")
        self.assertEqual([row[name] for name in ("kind", "venue", "orders", "order_id", "since")],
                         ["unknown", "fake", 1, order["id"], order["updated"]])
        line, = self.left(daemon)
        self.assertRegex(line, r"fake: \d+ orders? works? on there or may, 1 is UNKNOWN$")
        rows = self.json("reconcile", "--store", "store")  # no daemon is needed
        self.assertEqual([row["kind"] for row in rows], ["unknown", "not_compared"])


class Left(Unguarded):
    pace_ms = 20

    def test_exits(self):
        self.strategies = GUARDED
        daemon = self.begin("")
        self.wait(daemon, lambda: self.counts()["FILL"] == 4 and self.states()["HELD"] == 4 and
                  not self.states()["SENT"], "stops")
        self.assertEqual(self.left(daemon), [
            "turret: venue fake: 4 exits held by this host are not watched until the next start: "
            "AAA, BBB; 2 positions stay open"])

    def test_orders(self):
        self.strategies = RESTING
        self.more = "    dead_man: 30s\n"
        daemon = self.begin("")
        self.wait(daemon, lambda: self.states()["ACCEPTED"] == 40, "orders")
        self.assertEqual(self.left(daemon), ["turret: venue fake: 40 orders work on there until "
                                             "its dead-man timer cancels them"])

    def test_nothing(self):
        self.pace_ms = 100
        self.strategies = QUOTER.replace("every: 2", "every: 1000")
        daemon = self.begin("")
        self.wait(daemon, lambda: self.status()["venues"][0]["ready"], "the venue")
        self.assertEqual(self.left(daemon), [])


SIMULATED = """
turret: 1
mode: paper
store: store
plugins: [{{path: {plugins}}}]
venues:
  sim: {{adapter: sim, cash: {{USD: 1000000}}, seed: 7, params: {{market: synthetic, pace_ms: 20}}}}
instruments:
  AAA.sim: {{tick: 0.01, lot: 1, currency: USD}}
strategies:
  guarded: {{plugin: accumulate, on: AAA.sim@1m, params: {{qty: 1, orders: 2}},
            protect: {{trailing_stop: 50%}}}}
risk: {{preset: development}}
"""


class LeftSimulated(Case):
    def test_exits_alone(self):
        """What the simulated venue has stands still with the daemon; its exits are told."""
        self.write("turret.yaml", SIMULATED.format(plugins=PLUGINS))
        daemon = self.start()
        for _ in range(1000):
            if [one["state"] for one in self.json("orders", "--store", "store")
                    ].count("HELD") == 2:
                break
            daemon.drain(0.02)
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        self.assertEqual([line for line in daemon.said if line.startswith("turret: venue")], [
            "turret: venue sim: 2 exits held by this host are not watched until the next start: "
            "AAA"])
        self.assertIn("ended; state is saved", daemon.said[-1])


class Unprotected(Unguarded):
    strategies = GUARDED
    pace_ms = 20  # few bars go by before the venue is ready: denied orders count among the few

    def test_after_a_halt(self):
        daemon = self.begin("")
        self.wait(daemon, lambda: self.counts()["FILL"] == 4 and self.states()["HELD"] == 4,
                  "stops")
        self.assertEqual(self.state(), ("", NOTHING))
        self.assertEqual(self.turret("halt", "--store", "store").returncode, DONE)
        self.wait(daemon, lambda: self.states()["HELD"] == 0, "no stops")
        done = self.turret("resume", "all", "--killed", "--reason", "seen", "--store", "store")
        self.assertEqual(done.returncode, DONE, done.stderr)
        lines = [f"guarded{symbol}: {qty} of {symbol}.fake have no stop, and it asked for one: "
                 f"watch it, or close it: turret flatten strategy guarded{symbol}"
                 for symbol, qty in (("AAA", 3), ("BBB", 1))]
        self.assertEqual(done.stderr.splitlines(), [*lines, "next: turret state"])
        self.assertEqual(self.state()[0].splitlines(), lines)
        rows = [{"strategy": f"guarded{symbol}", "instrument": f"{symbol}.fake", "qty": qty}
                for symbol, qty in (("AAA", "3"), ("BBB", "1"))]
        self.assertEqual(self.state()[1]["unprotected"], rows)
        self.assertEqual(self.status()["unprotected"], rows)
        self.assertRegex(self.ok("status", "--store", "store"), r"""
without the stop it asked for  instrument  qty
guardedAAA +AAA.fake +3
guardedBBB +BBB.fake +1
""")
        self.ok("state", "strategy", "guardedBBB", "halted", "--reason", "x", "--store", "store")
        answer = self.json("resume", "strategy", "guardedBBB", "--reason", "x", "--store", "store")
        self.assertEqual(answer["unprotected"], rows[1:])  # of what was resumed
        self.ok("flatten", "strategy", "guardedAAA", "--reason", "x", "--store", "store")
        self.assertEqual(self.status()["unprotected"], rows[1:])
        self.assertEqual(self.left(daemon), ["turret: venue fake: 1 position stays open"])
        self.replays_equal("store")

    def test_by_a_stop(self):
        daemon = self.begin("")
        self.wait(daemon, lambda: self.counts()["FILL"] == 4 and self.states()["HELD"] == 4,
                  "stops")
        self.assertEqual(self.turret("pause", "--all", "--store", "store").stderr,
                         "guardedAAA: paused\nguardedBBB: paused\n")
        self.assertEqual(
            self.turret("stop", "guardedAAA", "--store", "store").stderr,
            "guardedAAA: stopped\nguardedAAA: 3 of its stops and targets end with that: what it "
            "holds is unprotected (turret flatten strategy guardedAAA)\n")
        self.wait(daemon, lambda: self.states()["HELD"] == 1, "the end of its stops")
        self.assertEqual(self.json("stop", "--all", "--store", "store")["exits"],
                         {"guardedBBB": 1})
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)


class NotSent(Unguarded):
    """A state that keeps new orders back keeps stops back, too: each command and each start says it."""
    strategies = GUARDED
    pace_ms = 20

    def set(self, *words):
        done = self.turret("state", *words, "--reason", "x", "--store", "store")
        self.assertEqual(done.returncode, DONE, done.stderr)
        return done.stderr.splitlines()

    @staticmethod
    def lines(*symbols, end="not sent while this lasts"):
        rows = {"AAA": "3 protective orders of AAA.fake are", "BBB": "1 protective order of BBB.fake is"}
        return [f"guarded{symbol}: {rows[symbol]} {end}" for symbol in symbols]

    def test_each_state(self):
        daemon = self.begin("")
        self.wait(daemon, lambda: self.counts()["FILL"] == 4 and self.states()["HELD"] == 4,
                  "stops")
        both, last = self.lines("AAA", "BBB"), "next: turret state"
        self.assertEqual(self.set("all", "reducing"), ["all: REDUCING", last])
        self.assertEqual(self.state(), ("", NOTHING))
        self.assertEqual(self.set("all", "cancel-only"), ["all: CANCEL_ONLY", *both, last])
        self.assertEqual(self.set("all", "halted"), ["all: HALTED", *both, last])
        self.assertEqual(self.state()[0].splitlines(), both)
        rows = [{"strategy": f"guarded{symbol}", "instrument": f"{symbol}.fake", "orders": orders}
                for symbol, orders in (("AAA", 3), ("BBB", 1))]
        self.assertEqual(self.state()[1]["not_sent"], rows)
        self.assertEqual(self.status()["not_sent"], rows)
        self.assertRegex(self.ok("status", "--store", "store"), r"""
protective orders not sent: turret state +instrument +orders
guardedAAA +AAA.fake +3
guardedBBB +BBB.fake +1
""")
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        daemon = self.start()
        self.assertEqual([line for line in daemon.said if "protective" in line], [
            f"turret: alarm: {line}" for line in self.lines(
                "AAA", "BBB", end="not sent while its trading state lasts (turret state)")])
        self.wait(daemon, lambda: self.status()["venues"][0]["ready"], "the venue")
        self.ok("resume", "all", "--reason", "x", "--store", "store")
        self.assertEqual(self.state(), ("", NOTHING))
        only = self.lines("BBB")
        self.assertEqual(self.set("instrument", "BBB.fake", "halted"),
                         ["instrument BBB.fake: HALTED", *only, last])
        self.assertEqual(self.state()[0].splitlines(), only)
        self.assertEqual(self.set("strategy", "guardedAAA", "killed"), [
            "strategy guardedAAA: KILLED", *self.lines("AAA", end="cancelled"), last])
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        self.replays_equal("store")


class Waits(Unguarded):
    def test_a_venue_that_is_away(self):
        daemon = self.begin("")
        self.wait(daemon, lambda: self.status()["venues"][0]["ready"], "the venue")
        self.assertEqual(self.state(), ("", NOTHING))
        daemon.kill(signal.SIGSTOP)
        said, now = self.state()
        daemon.kill(signal.SIGCONT)
        self.assertEqual((said, now), (
            "the daemon does not answer: what else stands still is not known\n", None))
        self.venue.kill()
        self.venue.wait()
        self.wait(daemon, lambda: self.status()["venues"][0]["stream"] == "Connection refused",
                  "the connection's end")
        self.waits_for(daemon, {"scope": "venue", "name": "fake",
                                "why": self.status()["venues"][0]["waits"]},
                       "venue fake trades nothing: it is not connected")
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        self.assertEqual(self.state(), ("", None))

    def test_books_that_differ(self):
        self.more = EVERY
        daemon = self.begin("after fill 3: drift 5")
        self.assertIsNotNone(daemon.until("the venue says position"), daemon.said)
        why = "books and ours differ: turret reconcile"
        self.waits_for(daemon, {"scope": "instrument", "name": "AAA.fake",
                                "why": "the venue's " + why},
                       "instrument AAA.fake trades nothing: the venue's " + why)
        daemon.end(signal.SIGKILL)
        daemon = self.start()
        self.waits_for(daemon, {"scope": "venue", "name": "fake", "why": "its " + why},
                       "venue fake trades nothing: its " + why)
        self.assertEqual(len(self.state()[1]["waits"]), 1)  # not its instrument, too
        self.assertEqual(self.status()["trading"], "RECONCILING")
        self.assertRegex(self.ok("status", "--store", "store"), r"\nfake .* since \S+Z: its books and "
                         r"ours differ: turret reconcile\n(.*\n)*position +fake +AAA .* yes +the "
                         r"account's position: reconcile adopt takes theirs\n")
        self.ok("reconcile", "adopt", "fake", "AAA", "--reason", "found", "--store", "store")
        self.wait(daemon, lambda: not self.state()[1]["waits"], "trading again")
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)


if __name__ == "__main__":
    unittest.main()
