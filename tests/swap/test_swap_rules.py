# SPDX-License-Identifier: Apache-2.0
"""
Shows that a risk rule moves to another build while orders flow: each order is judged by the build
that acts at its record, never by the one beside it, and the number of orders it was asked about goes
along, so that the k-th order of the whole session gets the answer of that build for number k. A
stricter build by file, after a shadow run and in a runner; back by hand; a build without on_check
denies everything until it is taken back; and the journal of all of it runs again to the same state.
"""
import unittest

from swap_rig import Case, build

EVERY = {"1.0.0": 7, "2.0.0": 2, "3.0.0": 1}  # the last: it cannot be asked
ISOLATED = "    isolation: process\n"


class Rules(Case):
    def begin_with_rule(self, swap="probation: 40000", policy="", pace=2):
        self.configure(swap, policy, pace)
        with open(self.path("turret.yaml"), encoding="utf-8") as file:
            text = file.read()
        self.write("turret.yaml", text.replace(
            "risk: {preset: development}",
            "  rule: {plugin: swap.rule, on: AAA.sim@1m}\n"
            "risk: {preset: development, rules: [rule]}"))
        self.place("rule1", "rule.so")
        self.begin()
        self.asked_more()

    def buys(self):
        """What the rule is asked about, in that order: sales only close."""
        orders = self.json("orders", "--all", "--store", "store")
        return sorted((order for order in orders if order["side"] == "buy"),
                      key=lambda order: order["id"])

    def asked_more(self, more=20):
        """The strategies go on to try, whatever becomes of it."""
        before = len(self.buys())
        self.wait(lambda: len(self.buys()) >= before + more, "orders")

    def judged(self):
        """Every order got the answer of the build that acted; answers how many each denied."""
        steps = [(row["sequence"], row["to_version"]) for row in self.history("rule")
                 if row["step"] in ("took over", "rolled back")]
        denied = {}
        for number, order in enumerate(self.buys(), 1):
            version = "1.0.0"
            for sequence, to_version in sorted(steps):
                if sequence < order["sequence"]:
                    version = to_version
            if number % EVERY[version] != 0:
                self.assertIsNone(order["denial"], (number, version, order))
                continue
            self.assertEqual(order["denial"], "RULE", (number, version, order))
            self.assertEqual(order["venue_reason"], "rule: its plugin checks no orders"
                             if version == "3.0.0" else
                             f"rule: {version} turns away number {number}")
            denied[version] = denied.get(version, 0) + 1
        return denied

    def there_and_back(self):
        self.place("rule2", "rule.so")
        self.runs("2.0.0", "rule")
        self.asked_more()
        done = self.plugin("rollback", "rule", "--reason", "too strict")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.runs("1.0.0", "rule")
        self.asked_more()
        self.verified()
        denied = self.judged()
        self.assertGreaterEqual(denied["1.0.0"], 4)
        self.assertGreaterEqual(denied["2.0.0"], 9)

    def test_there_and_back(self):
        self.begin_with_rule()
        self.there_and_back()

    def test_there_and_back_in_runners(self):
        self.begin_with_rule(policy=ISOLATED)
        self.assertTrue(self.strategy("rule")["isolated"])
        self.there_and_back()

    def test_after_a_shadow_run(self):
        """In the shadow it is asked, too, and nobody hears it."""
        self.begin_with_rule("shadow: 200, probation: 300", pace=5)
        text = self.swap("rule2")
        self.assertIn("strategy rule is now 2.0.0, was 1.0.0", text)
        self.asked_more()
        steps = {row["step"]: row["sequence"] for row in self.history("rule")}
        self.assertTrue([order for order in self.buys()
                         if steps["prepared"] < order["sequence"] < steps["took over"]])
        self.wait(lambda: any(row["step"] == "probation over" for row in self.history("rule")),
                  "the probation is over")
        self.asked_more()
        self.verified()
        self.assertGreaterEqual(self.judged()["2.0.0"], 9)

    def test_build_that_checks_nothing(self):
        """It is no way around the rule: nothing passes until another build takes over."""
        self.begin_with_rule()
        self.assertIn("strategy rule is now 3.0.0", self.swap("rule3"))
        self.asked_more()
        done = self.plugin("rollback", "rule", "--reason", "it is no rule")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.runs("1.0.0", "rule")
        self.asked_more()
        self.assertIn("strategy rule is now 2.0.0", self.swap("rule2"))
        self.asked_more()
        self.verified()
        denied = self.judged()
        self.assertGreaterEqual(denied["3.0.0"], 20)
        self.assertGreaterEqual(denied["2.0.0"], 9)

    def test_build_that_checks_nothing_stays(self):
        """It keeps nobody from a restart or from another configuration, and goes on denying."""
        self.begin_with_rule("probation: 100")
        self.place("rule3", "rule.so")
        self.runs("3.0.0", "rule")
        self.wait(lambda: any(row["step"] == "probation over" for row in self.history("rule")),
                  "the probation is over")
        self.daemon.end(9)
        self.begin()
        self.runs("3.0.0", "rule")
        self.asked_more()
        with open(self.path("turret.yaml"), encoding="utf-8") as file:
            text = file.read()
        self.write("turret.yaml", text.replace("max_order_qty: 50", "max_order_qty: 60"))
        self.says("configuration version 2 is in force")
        self.asked_more()
        self.daemon.end(9)
        self.write("turret.yaml", text.replace("plugins:\n", "plugins:\n  - path: .\n"))
        self.begin()
        self.asked_more()
        self.verified()
        self.assertGreaterEqual(self.denied_all(), 60)

    def denied_all(self):
        """How many orders were denied since the build without on_check took over: each."""
        first = next(row["sequence"] for row in self.history("rule")
                     if row["to_version"] == "3.0.0" and row["step"] == "took over")
        since = [order for order in self.buys() if order["sequence"] > first]
        self.assertEqual({order["venue_reason"] for order in since},
                         {"rule: its plugin checks no orders"})
        return len(since)


if __name__ == "__main__":
    unittest.main()
