# SPDX-License-Identifier: Apache-2.0
"""
Shows that a build which turns out bad is taken back: a score that is not a number, infinite ones,
denied orders and an indicator that stops giving numbers roll it back by themselves and block it; a
build that wishes something else is given up in the shadow with a diff that can be read; a person
rolls back on probation, after it and in the shadow; a blocked build is refused until it is
unblocked, at a start as well.
"""
import json
import os
import re
import unittest

from swap_rig import PLUGINS, Case, build, without_builds


class Probation(Case):
    def taken_back(self, name, version, phrase):
        """One's build does wrong and is back at v1; two's does not and goes on."""
        self.begin()
        self.trades_on("1.0.0")
        self.place(name)
        self.says(f"strategy one is now {version}")
        line = self.says("strategy one is back at 1.0.0")
        self.assertIn(phrase, line)
        self.assertIn("is blocked", line)
        self.trades_on("1.0.0", "one")
        version_now, bars, level = self.counted()
        self.assertEqual((version_now, level), ("1.0.0", 2 * bars))
        self.assertEqual(self.swaps()["rollbacks"], 1)
        blocked = self.json("plugin", "blocked", "--store", "store")
        self.assertEqual([one["build"] for one in blocked], [self.build_id(name)])
        row = self.history("one")[-1]
        self.assertEqual((row["step"], row["from_version"], row["to_version"]),
                         ("rolled back", version, "1.0.0"))
        self.assertIn(f"build {self.build_id(name)[:12]} is blocked", self.swap(name, code=5))
        self.verified()

    def test_nan(self):
        self.taken_back("nan", "2.0.4", "score that is not a number")

    def test_infinite(self):
        self.taken_back("infinite", "2.0.5", "score that is not a number")

    def test_denied(self):
        self.taken_back("denied", "2.0.6", "orders denied")

    def test_flood(self):
        """A burst inside one event, of more orders than a strategy may ask for in one, is judged
        before the next event, however many wait."""
        self.configure(pace=0)
        with open(self.path("turret.yaml"), encoding="utf-8") as file:
            text = file.read()
        self.write("turret.yaml", re.sub(r"  two: .*\n", "", text))
        self.begin()
        self.trades_on("1.0.0", "one")
        self.place("floods")
        line = self.says("strategy one is back at 1.0.0")
        self.assertRegex(line, r" 25[6-8] of 25[6-9] orders denied$")  # at most 256 in one event
        self.trades_on("1.0.0", "one")
        self.verified()

    def test_indicator(self):
        self.begin()
        self.trades_on("1.0.0")
        self.place("meannan", "mean.so")
        self.says("indicators of swap.mean are now 2.0.1")
        self.says("indicators of swap.mean is back at 1.0.0")
        self.trades_on("1.0.0")
        self.assertEqual(self.history("swap.mean")[-1]["step"], "rolled back")
        self.verified()

    def test_shadow_diverges(self):
        self.configure("shadow: 200, probation: 40000, divergence: 2")
        self.begin()
        self.trades_on("1.0.0")
        text = self.swap("diverges", "--only", "one", code=5)
        self.assertIn("strategy one stays at 1.0.0: in the shadow 3 of its ", text)
        self.assertIn("differed; 2 may", text)
        kept = self.history("--shadow")
        self.assertEqual(len(kept), 3)
        self.assertRegex(kept[0]["difference"], r"^one at event \d+: 1\.0\.0 says .*, 2\.0\.7 says ")
        self.assertEqual(self.history("two", "--shadow"), [])
        self.assertRegex(self.says("shadow: one at event"),
                         "1.0.0 says target [01] of AAA, 2.0.7 says target [23] of AAA")
        self.trades_on("1.0.0")
        self.assertEqual(self.history("one")[-1]["step"], "given up")
        self.verified()

    def rolled_back(self, *more, code=0):
        done = self.plugin("rollback", "one", *more)
        self.assertEqual(done.returncode, code, done.stderr)
        return without_builds(done.stdout + done.stderr)

    def test_by_hand_on_probation(self):
        self.begin()
        self.swap("v3")
        self.trades_on("3.0.0")
        _, bars, _ = self.counted()
        text = self.rolled_back("--reason", "buys too late")
        self.assertIn("strategy one is rolled back: buys too late", text)
        self.trades_on("1.0.0", "one")
        self.trades_on("3.0.0", "two")
        version, after, level = self.counted()
        self.assertEqual((version, level), ("1.0.0", 2 * after))
        self.assertGreaterEqual(after, bars)  # it saw every event
        self.assertEqual(self.history("one")[-1]["reason"], "buys too late")
        self.verified()

    def test_by_hand_afterwards(self):
        self.configure("probation: 1")
        self.begin()
        self.swap("v3")
        self.wait(lambda: self.swaps()["under_way"] == [], "the probation is over")
        self.trades_on("3.0.0")
        _, bars, _ = self.counted()
        text = self.rolled_back("--reason", "buys too late")
        self.assertIn("strategy one is now 1.0.0, was 3.0.0", text)
        self.trades_on("1.0.0", "one")
        self.trades_on("3.0.0", "two")
        version, after, level = self.counted()
        self.assertEqual((version, level), ("1.0.0", 2 * after))
        self.assertGreater(after, bars)
        self.assertIn("no other build", self.rolled_back(code=3))
        self.assertIn(self.build_id("v3"), self.ok("plugin", "blocked", "--store", "store"))
        self.verified()

    def test_by_hand_in_the_shadow(self):
        self.configure("shadow: 40000")
        self.begin()
        self.trades_on("1.0.0")
        number = self.ask(command="swap", path=build("v2"))["number"]
        self.wait(lambda: len(self.swaps()["under_way"]) == 2, "both are in the shadow")
        seen = self.swaps()["under_way"][0]
        self.assertEqual((seen["instance"], seen["from"], seen["to"], seen["phase"], seen["of"],
                          seen["different"]), ("one", "1.0.0", "2.0.0", "SHADOW", 40000, 0))
        self.wait(lambda: self.swaps()["under_way"][0]["same"] > seen["same"] + 3, "wishes agree")
        self.assertIn("SHADOW", self.ok("status", "--store", "store"))
        for name in ("one", "two"):
            done = self.plugin("rollback", name, "--reason", "no time")
            self.assertEqual(done.returncode, 0, done.stderr)
        outcome = self.ask(command="swap-outcome", number=number)
        self.assertEqual((outcome["settled"], outcome["stayed"]), (True, 2))
        self.assertEqual(self.json("plugin", "blocked", "--store", "store"), [])
        self.trades_on("1.0.0")
        self.verified()

    def test_blocked(self):
        self.begin()
        self.swap("v2")
        build_id = self.build_id("v2")
        for name in ("one", "two"):
            self.assertEqual(self.plugin("rollback", name).returncode, 0)
        self.place("v2")
        self.assertIn("is blocked", self.says("turret plugin unblock"))
        self.trades_on("1.0.0")
        self.refused_words(build_id)
        # the blocked file lies in the directory: a start passes it over
        self.end()
        self.begin()
        self.trades_on("1.0.0")
        self.assertTrue(any(build_id[:12] in line and "is used" in line
                            for line in self.daemon.said), self.daemon.said)
        done = self.plugin("unblock", build_id[:8])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("no longer blocked", done.stderr)
        self.place("v2")
        self.runs("2.0.0")
        self.trades_on("2.0.0")
        self.verified()

    def refused_words(self, build_id):
        for words, code, phrase in (
                (("block", "12345", "--reason", "x"), 3, "no build id"),
                (("block", "0123456789", "--reason", "x"), 3, "no build 0123456789"),
                (("block", build_id[:8]), 2, "--reason"),
                (("unblock", self.build_id("v1")[:12]), 3, "is not blocked")):
            done = self.plugin(*words)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(phrase, done.stderr)

    def test_block_without_daemon(self):
        """What runs is blocked while no daemon runs: the start goes back to the build before; and a
        fresh strategy that only has a blocked build refuses."""
        self.begin()
        self.swap("v2")
        self.place("v2")
        self.trades_on("2.0.0")
        self.end()
        build_id = self.build_id("v2")
        done = self.plugin("block", build_id[:10], "--reason", "by the books")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"build {build_id[:12]} of swap.counter 2.0.0 is blocked", done.stderr)
        self.assertEqual(self.json("plugin", "blocked", "--store", "store"),
                         [{"build": build_id, "reason": "by the books"}])
        self.begin()
        self.runs("1.0.0")
        self.runs("1.0.0", "two")
        self.trades_on("1.0.0")
        self.end()
        done = self.turret("plugin", "install", build("v2"), "--store", "store")
        self.assertEqual(done.returncode, 5, done.stderr)
        self.replays_equal("store")
        # its first build blocked as well
        done = self.plugin("block", self.build_id("v1"), "--reason", "too")
        self.assertEqual(done.returncode, 0, done.stderr)
        daemon = self.start(ready=False)
        self.assertEqual(daemon.end(), 5, daemon.said)
        self.assertIn("which is blocked", " ".join(daemon.said))
        os.rename(self.path("store"), self.path("other"))
        self.assertEqual(self.plugin("block", build_id, "--reason", "x").returncode, 3)

    def test_fresh_strategy(self):
        """One that never ran has nothing to fall back on: refused by a reload and by a start."""
        self.place(os.path.join(PLUGINS, "accumulate.so"), "accumulate.so")
        self.begin()
        self.trades_on("1.0.0")
        done = self.turret("--json", "plugin", "info", "plugins/accumulate.so")
        build_id = json.loads(done.stdout)[0]["build_id"]
        done = self.plugin("block", build_id[:12], "--reason", "buys and buys")
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(self.path("turret.yaml"), encoding="utf-8") as file:
            text = file.read()
        self.write("turret.yaml", text.replace("risk:", "  three: {plugin: accumulate, on: "
                                               "AAA.sim@1m, params: {qty: 1}}\nrisk:"))
        line = self.says("the changed configuration is refused")
        self.assertIn(f"strategy three would run build {build_id[:12]} of turret.accumulate", line)
        self.assertIn("is blocked (buys and buys)", line)
        self.trades_on("1.0.0")
        self.end()
        daemon = self.start(ready=False)
        self.assertEqual(daemon.end(), 5, daemon.said)
        self.assertIn("strategy three would run build", " ".join(daemon.said))
        done = self.plugin("unblock", build_id[:12])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.begin()
        self.wait(lambda: self.strategy("three")["fills"] > 3, "three trades")
        self.verified()


if __name__ == "__main__":
    unittest.main()
