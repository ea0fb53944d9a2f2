# SPDX-License-Identifier: Apache-2.0
"""
Shows that the venue's books and ours are compared while everything goes on: a difference stops what
it is about and nothing else, is listed until it is settled, and is settled by agreeing, by a policy
or by a person with a reason, on record; that what the core has forgotten the store still knows; that
every order carries configuration and build; and that clocks and arming hold orders back. Against
the fake venue, with the oracle where the venue's own log has the whole truth.
"""
import json
import os
import re
import signal
import unittest

from fault_rig import BUILD, FAILED, PARTLY, USAGE, person
from venue_rig import BUYER, QUOTER, VenueCase

EVERY = "    reconcile: {every: 1s%s}\n"
CROWD = "".join(f"  crowd{s}{i}: {{plugin: turret.accumulate, on: {s}.fake@1s, params: {{qty: 1, "
                f"orders: 100000}}}}\n" for i in range(10) for s in ("AAA", "BBB", "CCC"))


class ReconcileCase(VenueCase):
    more = EVERY % ""
    strategies = QUOTER.replace("every: 2", "every: 3") + BUYER  # on both instruments

    def differences(self, *more):
        """
        Without the rows of venues with UNKNOWN orders, which a killed daemon leaves, and of those
        that are not compared.
        """
        return [one for one in self.json("reconcile", *more, "--store", "store")
                if one["kind"] not in ("unknown", "not_compared")]

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
        daemon = self.begin("after fill 3: drift 5")
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
        wrong = self.decide("adopt", "AAA.fake", "--reason", "x")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("two words, the venue and then the instrument or the currency, and a reason: "
                      "turret reconcile adopt VENUE INSTRUMENT --reason TEXT\n", wrong.stderr)
        done = self.decide("adopt", "fake", "AAA.fake", "--reason", "traded by hand")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.wait(daemon, lambda: self.sent_for("AAA") > before[0] + 3, "trading again")
        self.wait(daemon, lambda: self.differences() == [], "the end of it")
        one, = self.differences("--all")
        self.assertEqual(one["state"], "ADOPTED")
        self.assertRegex(one["text"], f"^{person()}: traded by hand$")
        self.end(daemon)

    def held(self):
        """Of AAA, by whom; None: the account."""
        return {row["strategy"]: int(row["qty"])
                for row in self.json("positions", "--store", "store")
                if row["symbol"] == "AAA" and int(row["qty"])}

    def test_58_what_strategies_still_count(self):
        """The account has less than the strategy bought: it is told, and so is the way out."""
        self.strategies = BUYER.replace("BBB", "AAA")
        self.pace_ms = 20
        daemon = self.begin("after fill 3: drift -1000")
        self.assertIsNotNone(daemon.until("the venue says position"), daemon.said)
        self.one_difference(daemon)
        done = self.decide("adopt", "fake", "AAA", "--reason", "sold by hand")
        self.assertEqual(done.returncode, 0, done.stderr)
        held = self.held()
        self.assertGreater(held["buyer"], 0)
        self.assertEqual(held[None], held["buyer"] - 1000)  # at once
        self.assertIn(f"buyer still counts {held['buyer']} of AAA.fake, and the account has "
                      f"{held[None]}: it goes on by its own count; to end that: turret stop buyer, "
                      "then give it another name in the configuration and list buyer in disowned\n",
                      done.stderr)
        self.wait(daemon, lambda: self.turret("stop", "buyer", "--store", "store").returncode == 0,
                  "stop")
        self.wait(daemon, lambda: self.status()["working_orders"] == 0, "nothing that works")
        with open(self.path("turret.yaml"), encoding="utf-8") as file:
            text = file.read()
        self.write("turret.yaml", text.replace("  buyer:", "  again:") + "disowned: [buyer]\n")
        daemon.kill(signal.SIGHUP)
        self.assertIsNotNone(daemon.until("is in force"), daemon.said)
        self.wait(daemon, lambda: self.held().get("again", 0) > 0, "it to begin anew")
        held = self.held()
        self.assertNotIn("buyer", held)
        self.assertLess(held[None], 0)
        self.end(daemon)

    def test_58_what_strategies_count_is_there(self):
        self.strategies = BUYER.replace("BBB", "AAA")
        daemon = self.begin("after fill 3: drift 5")
        self.assertIsNotNone(daemon.until("the venue says position"), daemon.said)
        self.one_difference(daemon)
        done = self.turret("--json", "reconcile", "adopt", "fake", "AAA.fake", "--reason", "x",
                           "--store", "store")
        self.assertEqual(json.loads(done.stdout)["still_counted"], [])
        self.end(daemon)

    def test_58_a_fill_before_it_is_adopted(self):
        """
        What an order filled since the books were compared last is in both: theirs is not taken as it
        was before that, and nothing differs afterwards.
        """
        self.strategies = ("  rest: {plugin: test.rester, on: AAA.fake@1s, params: "
                           "{orders: 3, each: 3}}\n")
        self.pace_ms = 20
        daemon = self.begin("after tick 100: drift 5; every 1: late-fill")
        self.assertIsNotNone(daemon.until("the venue says position"), daemon.said)
        self.one_difference(daemon)
        self.stop_strategies(daemon)
        self.wait(daemon, lambda: len(self.json("fills", "--store", "store")) == 3, "late fills")
        done = self.decide("adopt", "fake", "AAA", "--reason", "traded by hand")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.held()[None], 5 + 3)
        self.end(daemon)

    def test_58_drift_adopted_by_policy(self):
        self.more = EVERY % ", positions: adopt"
        daemon = self.begin("after fill 3: drift 5")
        self.assertIsNotNone(daemon.until("is taken for"), daemon.said)
        before = self.sent_for("AAA")
        self.wait(daemon, lambda: self.sent_for("AAA") > before + 3, "trading on")
        self.wait(daemon, lambda: [one["text"] for one in self.differences("--all")] ==
                  ["policy adopt"], "the record of it")
        self.end(daemon)

    def test_58_differences_survive_a_restart(self):
        daemon = self.begin("after fill 3: drift 5")
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


class NotCompared(ReconcileCase):
    """That no difference is recorded is no agreement of a venue that nobody could ask."""
    strategies = QUOTER.replace("every: 2", "every: 1000")  # nothing is left UNKNOWN
    pace_ms = 20

    def listed(self):
        """The lines for people, and the rows of the JSON."""
        done = self.turret("reconcile", "--store", "store")
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        return done.stderr.splitlines(), self.json("reconcile", "--store", "store")

    def test_a_venue_that_is_away(self):
        daemon = self.begin("")
        self.wait(daemon, lambda: self.status()["venues"][0]["ready"], "the venue")
        self.assertEqual(self.listed(), (["no differences are recorded"], []))
        done = self.decide("now")
        self.assertEqual((done.returncode, done.stderr.splitlines()[0]), (0, "venue fake is asked"))
        self.assertEqual(self.json("reconcile", "now", "fake", "--store", "store")["asked"],
                         ["fake"])
        self.assertIn("no venue 'sim'", self.decide("now", "sim").stderr)
        for words in (("fake", "AAA"), ("fake", "fake")):  # none is left out in silence
            done = self.decide("now", *words)
            self.assertEqual(done.returncode, USAGE, done.stderr)
            self.assertIn(f"and '{words[1]}' was given, too", done.stderr)
        self.venue.kill()
        self.venue.wait()
        self.wait(daemon, lambda: self.status()["venues"][0]["stream"] == "Connection refused",
                  "the connection's end")
        since = self.status()["venues"][0]["not_ready_since"]
        line = f"venue fake is not connected: not compared since {since} (Connection refused)"
        lines, rows = self.listed()
        self.assertEqual(lines, ["no differences are recorded", line])
        self.assertEqual([[row[name] for name in ("kind", "venue", "since", "text")]
                          for row in rows], [["not_compared", "fake", since, line]])
        for words in ((), ("fake",)):
            done = self.decide("now", *words)
            self.assertEqual(done.returncode, FAILED)
            self.assertIn("no venue can be compared now: fake: it is not connected since "
                          f"{since} (Connection refused)", done.stderr)
        answer = self.turret("--json", "reconcile", "now", "--store", "store")
        self.assertEqual((answer.returncode, json.loads(answer.stderr)["error"]["code"]),
                         (FAILED, "ESTATE"))
        daemon.kill(signal.SIGSTOP)
        lines, rows = self.listed()
        daemon.kill(signal.SIGCONT)
        line = "the daemon does not answer: what is compared is not known"
        self.assertEqual((lines[1:], [row["text"] for row in rows]), ([line], [line]))
        self.end(daemon)
        line = "no daemon runs: nothing is compared"
        lines, rows = self.listed()
        self.assertEqual((lines[1:], [row["text"] for row in rows]), ([line], [line]))

    def test_some_can_be_asked(self):
        """Another venue, of which no socket is there."""
        self.more = EVERY % "" + "  away: {adapter: test.venue, params: {socket: none}}\n"
        daemon = self.begin("")
        self.wait(daemon, lambda: {one["name"] for one in self.status()["venues"]
                                   if one["ready"]} == {"fake"}, "the venue")
        done = self.decide("now")
        self.assertEqual(done.returncode, PARTLY, done.stderr)
        self.assertIn("venue fake is asked\nvenue away is NOT asked: it is not connected since",
                      done.stderr)
        answer = self.turret("--json", "reconcile", "now", "--store", "store")
        self.assertEqual(answer.returncode, PARTLY)
        answer = json.loads(answer.stdout)
        self.assertEqual((answer["asked"], [one["venue"] for one in answer["left_out"]]),
                         (["fake"], ["away"]))
        self.end(daemon)


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
        done = self.turret("resume", "all", "--reason", "a drill", "--store", "store")
        self.assertIn("venue fake is not ready (its books and ours differ: turret reconcile); nothing "
                      "is resumed before", done.stderr)
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


    def test_58_adopted_is_on_the_disk(self):
        """While that does not answer it is not said to be done."""
        daemon = self.begin("after fill 3: drift 5")
        self.assertIsNotNone(daemon.until("the venue says position"), daemon.said)
        self.one_difference(daemon)
        self.write("stuck", "")
        done = self.decide("adopt", "fake", "AAA", "--reason", "by hand")
        self.assertEqual(done.returncode, PARTLY, done.stderr)
        self.assertIn("the daemon took it, but it is not on the disk after 5 s; turret reconcile "
                      "shows it once it is\n", done.stderr)
        self.assertNotIn("are taken", done.stderr)
        os.remove(self.path("stuck"))
        self.wait(daemon, lambda: self.differences() == [], "the end of it")
        self.end(daemon)


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
        one = self.one_difference(daemon)
        self.assertEqual([one[name] for name in ("kind", "halts", "state", "text")], [
            "clock", True, "HALTS", "seconds from this machine's clock, beyond max_clock_skew"])
        self.clock_is_told(daemon)
        self.settle(daemon)

    def clock_is_told(self, daemon):
        """By every command that says what trades; closing waits for it, and says so."""
        why = r"its clock is 36\d\d(\.\d+)? s off \(max_clock_skew 5 s\)"
        done = self.turret("state", "--store", "store")
        self.assertEqual(done.stdout, "every scope is ACTIVE\n")
        self.assertRegex(done.stderr, f"^venue fake trades nothing: {why}\n$")
        status = self.status()
        self.assertEqual((status["trading"], status["venues"][0]["ready"]), ("RECONCILING", False))
        self.assertEqual([one["halts"] for one in status["differences"]], [True])
        self.assertRegex(self.ok("status", "--store", "store"), rf"\nfake .* no .* {why}\n")
        self.ok("state", "all", "reducing", "--reason", "x", "--store", "store")
        self.stop_strategies(daemon)
        done = self.turret("flatten", "all", "--reason", "x", "--wait", "0", "--store", "store")
        self.assertEqual(done.returncode, 6, done.stderr)
        self.assertRegex(done.stderr, rf"A\.fake: venue fake trades nothing: {why}: its closing "
                                      "waits for that\n")

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

    def test_28_armed_by_limits_for_simulated_money(self):
        """Told at the start, and by a reload which still has some of them."""
        self.mode, self.more = "live", EVERY % "" + "    armed: default\n"
        daemon = self.begin("after tick 1000000: mute")
        said = [line for line in daemon.said if "the preset's: " in line]
        self.assertEqual(len(said), 1)
        self.assertIn("daily_loss, drawdown, ", said[0])
        with open(self.path("turret.yaml"), encoding="utf-8") as file:
            text = file.read()
        self.write("turret.yaml", text.replace("development", "development, drawdown: 5%"))
        daemon.kill(signal.SIGHUP)
        self.assertIn("daily_loss, leverage, ", daemon.until("the preset's: "))
        self.settle(daemon)

    def test_28_armed_for_another_account(self):
        self.mode, self.more = "live", "    armed: someone\n"
        with self.assertRaises(AssertionError):
            self.begin("after tick 1000000: mute")
        refused = self.turret("config", "check", "turret.yaml")
        self.assertTrue(re.search("armed is 'someone', not the account", refused.stderr),
                        refused.stderr)


if __name__ == "__main__":
    unittest.main()
