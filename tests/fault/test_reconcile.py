# SPDX-License-Identifier: Apache-2.0
"""
Shows that the venue's books and ours are compared while everything goes on: a difference stops what
it is about and nothing else, is listed until it is settled, and is settled by agreeing, by a policy
or by a person with a reason, on record; that what the core has forgotten the store still knows; that
every order carries configuration and build; and that clocks and arming hold orders back. Against
the fake venue, with the oracle where the venue's own log has the whole truth.
"""
import os
import re
import signal
import unittest

from fault_rig import BUILD, person
from venue_rig import BUYER, QUOTER, VenueCase

EVERY = "    reconcile: {every: 1s%s}\n"
CROWD = "".join(f"  crowd{s}{i}: {{plugin: turret.accumulate, on: {s}.fake@1s, params: {{qty: 1, "
                f"orders: 100000}}}}\n" for i in range(10) for s in ("AAA", "BBB", "CCC"))


class ReconcileCase(VenueCase):
    more = EVERY % ""
    strategies = QUOTER.replace("every: 2", "every: 3") + BUYER  # on both instruments

    def differences(self, *more):
        """Without the rows of venues with UNKNOWN orders, which a killed daemon leaves."""
        return [one for one in self.json("reconcile", *more, "--store", "store")
                if one["kind"] != "unknown"]

    def one_difference(self, daemon):
        """What was said is on the disk a moment later."""
        self.wait(daemon, lambda: len(self.differences()) == 1, "the difference")
        return self.differences()[0]

    def decide(self, *words):
        return self.turret("reconcile", *words, "--store", "store")

    def sent_for(self, symbol):
        return sum(words[2] == symbol for words in self.lines("ORDER"))

    def end(self, daemon):
        """Where the venue's log does not have the whole truth."""
        self.assertEqual(daemon.end(signal.SIGTERM), 0, "\n".join(daemon.said[-5:]))
        self.replays_equal("store")


class Positions(ReconcileCase):
    def test_58_drift_while_it_trades(self):
        """Nobody hung up: one instrument stops, the other goes on; a person adopts."""
        daemon = self.begin("after tick 60: drift 5")
        self.assertIsNotNone(daemon.until("the venue says position"), daemon.said)
        one = self.one_difference(daemon)
        self.assertEqual((one["kind"], one["symbol"], one["state"]), ("position", "AAA", "HALTS"))
        self.assertEqual(int(one["theirs"]) - int(one["ours"]), 5)
        self.assertEqual(self.status()["differences"][0]["about"], "AAA")
        before = self.sent_for("AAA"), self.sent_for("CCC")
        self.wait(daemon, lambda: self.sent_for("CCC") > before[1] + 10, "the other instrument")
        self.assertEqual(self.sent_for("AAA"), before[0])

        refused = self.decide("adopt", "fake", "CCC", "--reason", "x")
        self.assertIn("nothing of CCC", refused.stderr)
        self.assertEqual(self.decide("adopt", "fake", "AAA").returncode, 2)
        done = self.decide("adopt", "fake", "AAA", "--reason", "traded by hand")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.wait(daemon, lambda: self.sent_for("AAA") > before[0] + 3, "trading again")
        self.wait(daemon, lambda: self.differences() == [], "the end of it")
        one, = self.differences("--all")
        self.assertEqual(one["state"], "ADOPTED")
        self.assertRegex(one["text"], f"^{person()}: traded by hand$")
        self.end(daemon)

    def test_58_drift_adopted_by_policy(self):
        self.more = EVERY % ", positions: adopt"
        daemon = self.begin("after tick 60: drift 5")
        self.assertIsNotNone(daemon.until("is taken for"), daemon.said)
        before = self.sent_for("AAA")
        self.wait(daemon, lambda: self.sent_for("AAA") > before + 3, "trading on")
        self.wait(daemon, lambda: [one["text"] for one in self.differences("--all")] ==
                  ["policy adopt"], "the record of it")
        self.end(daemon)

    def test_58_differences_survive_a_restart(self):
        daemon = self.begin("after tick 60: drift 5")
        self.assertIsNotNone(daemon.until("the venue says position"), daemon.said)
        daemon.end(signal.SIGKILL)
        daemon = self.start()
        self.assertIsNotNone(daemon.until("the venue says position"), daemon.said)
        one = self.one_difference(daemon)
        self.assertEqual(one["symbol"], "AAA")
        self.wait(daemon, lambda: not self.status()["venues"][0]["ready"],
                  "the whole venue to stand still after the download")
        self.assertEqual(self.decide("adopt", "fake", "AAA", "--reason", "found").returncode, 0)
        before = self.sent_for("AAA")
        self.wait(daemon, lambda: self.sent_for("AAA") > before + 3, "trading again")
        self.end(daemon)

    def test_nothing_differs(self):
        """Reports that are late, lost, doubled and out of order are no difference."""
        self.trade("every 3: delay-report 30; every 7: gap; every 5: duplicate-report; "
                   "every 11: reorder-report", lambda counts: counts["FILL"] > 1500)
        self.assert_calm()
        self.assertEqual(self.differences("--all"), [])


class Cash(ReconcileCase):
    def test_58_cash_alarm(self):
        self.more = EVERY % ", cash: alarm"
        daemon = self.begin("after tick 60: deposit 1000")
        self.assertIsNotNone(daemon.until("the venue says cash"), daemon.said)
        before = self.counts()["ORDER"]
        self.wait(daemon, lambda: self.counts()["ORDER"] > before + 10, "trading on")
        one = self.one_difference(daemon)
        self.assertEqual((one["kind"], one["currency"], one["halts"]), ("cash", "USD", False))
        self.assertEqual(self.decide("adopt", "fake", "USD", "--reason", "deposit").returncode, 0)
        self.wait(daemon, lambda: self.differences() == [], "the end of it")
        self.end(daemon)

    def test_58_cash_halts(self):
        daemon = self.begin("after tick 60: deposit 1000")
        self.assertIsNotNone(daemon.until("the venue says cash"), daemon.said)
        before = self.counts()["ORDER"]
        denied = sum(one["denied"] for one in self.status()["strategies"])
        self.wait(daemon, lambda: sum(one["denied"] for one in self.status()["strategies"]) >
                  denied + 20, "denials")
        self.assertEqual(self.counts()["ORDER"], before)
        self.end(daemon)

    def test_58_within_the_tolerance(self):
        self.more = EVERY % ", cash_tolerance: 1000"
        daemon = self.begin("after tick 60: deposit 1000")
        self.wait(daemon, lambda: self.counts()["FILL"] > 1000, "fills")
        self.assertEqual(self.differences("--all"), [])
        self.end(daemon)


class Orders(ReconcileCase):
    def test_24_a_person_decides(self):
        """Placed nowhere, answered 5xx; the broker says on the phone that it never arrived."""
        self.pace_ms = 100  # its deadline is seconds away
        self.strategies = QUOTER.replace("every: 2", "every: 40").replace("away: 25", "away: 900")
        daemon = self.begin("after order 1: 5xx-dropped")
        self.wait(daemon, lambda: self.states()["UNKNOWN"] == 1, "the unknown order")
        order, = [one for one in self.orders() if one["state"] == "UNKNOWN"]
        self.wait(daemon, lambda: len(self.orders()) > 1, "another order")
        other, *_ = [one for one in self.orders() if one["state"] != "UNKNOWN"]
        refused = self.decide("order", str(other["id"]), "canceled", "--reason", "x")
        self.assertIn("only what is UNKNOWN", refused.stderr)
        done = self.decide("order", str(order["id"]), "never-arrived", "--reason", "asked them")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.wait(daemon, lambda: self.states()["UNKNOWN"] == 0, "the decision")
        order, = [one for one in self.orders() if one["id"] == order["id"]]
        self.assertEqual(order["state"], "REJECTED")
        self.assertRegex(order["venue_reason"], f"^{person()}: asked them$")
        self.settle(daemon)

    def test_52_configuration_and_build_in_each_order(self):
        daemon = self.begin("after tick 1000000: mute")
        self.wait(daemon, lambda: self.counts()["ORDER"] > 10, "orders")
        status = self.status()
        builds = {one["name"]: one["build"] for one in status["strategies"]}
        for order in self.orders():
            self.assertEqual((order["config_version"], order["build"]),
                             (status["config_version"], builds[order["strategy"]]), order["id"])
        self.assertTrue(all(builds.values()), builds)
        self.settle(daemon)
        last = max(order["id"] for order in self.orders())

        with open(self.path("turret.yaml"), encoding="utf-8") as file:
            text = file.read()
        self.write("turret.yaml", text.replace("every: 3,", "every: 5,"))
        daemon = self.start()
        for name in builds:
            self.ok("start", name, "--store", "store")
        self.assertTrue(any("configuration" in line and "version 2" in line
                            for line in daemon.said), daemon.said)
        self.wait(daemon, lambda: any(one["id"] > last for one in self.orders()), "new orders")
        self.settle(daemon)
        versions = {order["config_version"] for order in self.orders() if order["id"] > last}
        self.assertEqual(versions, {2})


class Executions(ReconcileCase):
    def test_28_older_than_the_core_remembers(self):
        """More fills than the core keeps; old ones are told again and taken back."""
        self.strategies = CROWD
        self.pace_ms = 1
        found = self.trade("every fill 500: bust 350", lambda counts: counts["FILL"] > 16000)
        self.assertGreater(found["fills"], 16000)
        self.assertIn("was taken back", self.said)
        self.assertNotIn("takes back", self.said)  # of what nobody knows


STUCK = os.path.join(BUILD, "tests", "stuck.so")


@unittest.skipUnless(os.path.exists(STUCK), "not in sanitizer builds")
class Journal(ReconcileCase):
    def start(self, *arguments, **more):
        env = dict(os.environ, LD_PRELOAD=STUCK, STUCK=self.path("stuck"))
        return super().start(*arguments, env=env, **more)

    def test_26_nothing_is_ordered_ahead_of_the_disk(self):
        daemon = self.begin("after tick 1000000: mute")
        self.wait(daemon, lambda: self.counts()["FILL"] > 20, "fills")
        self.write("stuck", "")
        self.assertIsNotNone(daemon.until("the journal is behind"), daemon.said)
        sent = self.counts()["ORDER"]
        self.assertIsNotNone(daemon.until("(JOURNAL)"), daemon.said)
        os.remove(self.path("stuck"))
        self.assertIsNotNone(daemon.until("on the disk again"), daemon.said)
        self.wait(daemon, lambda: self.counts()["ORDER"] > sent + 10, "orders again")
        self.settle(daemon)
        self.assertIn("JOURNAL", {order["denial"] for order in self.orders()})


class Gates(ReconcileCase):
    def test_42_clock_skew(self):
        """The venue's clock jumps away: no orders go there, cancels do, and it is said why."""
        daemon = self.begin("after tick 200: clock-skew 3600")
        self.assertIsNotNone(daemon.until("away from this machine's; nothing trades there"),
                             daemon.said)
        self.wait(daemon, lambda: self.states()["DENIED"] > 20, "denials")
        before = self.counts()["ORDER"]  # what was on its way has come
        self.wait(daemon, lambda: self.states()["DENIED"] > 60, "more denials")
        self.assertEqual(self.counts()["ORDER"], before)
        self.assertIn("CLOCK_SKEW", {order["denial"] for order in self.orders()})
        self.assertAlmostEqual(self.status()["venues"][0]["clock_skew_ms"], 3600e3, delta=1000)
        self.assertEqual(self.one_difference(daemon)["kind"], "clock")
        self.settle(daemon)

    def test_28_live_needs_the_word(self):
        self.mode = "live"
        daemon = self.begin("after tick 1000000: mute")
        self.wait(daemon, lambda: any(order["denial"] == "NOT_ARMED" for order in self.orders()),
                  "denials")
        self.assertEqual(self.states().keys(), {"DENIED"})
        self.settle(daemon)

    def test_28_armed(self):
        self.mode, self.more = "live", EVERY % "" + "    armed: default\n"
        found = self.trade("after tick 1000000: mute", lambda counts: counts["FILL"] > 20)
        self.assertGreater(found["fills"], 20)

    def test_28_armed_for_another_account(self):
        self.mode, self.more = "live", "    armed: someone\n"
        with self.assertRaises(AssertionError):
            self.begin("after tick 1000000: mute")
        refused = self.turret("config", "check", "turret.yaml")
        self.assertTrue(re.search("armed is 'someone', not the account", refused.stderr),
                        refused.stderr)


if __name__ == "__main__":
    unittest.main()
