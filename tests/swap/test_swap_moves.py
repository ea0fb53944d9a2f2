# SPDX-License-Identifier: Apache-2.0
"""
Shows that strategies, an indicator and the sim adapter move to another build while orders work, by
file and by command: a field is added, a field changes its meaning through a converter, and back to
the first build; one instance alone; a shadow run that agrees; and that the journal of all of it runs
again to the same state.
"""
import os
import unittest

from swap_rig import Case, HERE, PLUGINS, build, sim2

TOLD = 64  # outcomes that the daemon remembers
ISOLATED = "    isolation: process\n"


class Moves(Case):
    def test_there_and_back(self):
        """v1 → v2 by file, → v3 by command, → v1 by file: what was counted is never lost."""
        self.begin()
        self.there_and_back()

    def test_there_and_back_in_runners(self):
        """The same for a directory with isolation: process, whose converters run apart as well."""
        self.configure(policy=ISOLATED)
        self.begin()
        self.assertTrue(self.strategy()["isolated"])
        self.there_and_back()

    def test_converter_fails_in_its_runner(self):
        self.configure(policy=ISOLATED)
        self.begin()
        self.trades_on("1.0.0")
        self.assertIn("converter from schema 1 to 2: a level of", self.swap("converter", code=1))
        self.assertIn("its runner was lost: ended by SIGABRT", self.swap("dies", code=1))
        bars = self.counted()[1]
        self.trades_on("1.0.0")
        version, after, level = self.counted()
        self.assertGreater(after, bars)
        self.assertEqual((version, level), ("1.0.0", 2 * after))
        self.verified()

    def there_and_back(self):
        self.trades_on("1.0.0")
        version, bars, level = self.counted()
        self.assertEqual((version, level), ("1.0.0", 2 * bars))
        self.place("v2")
        self.runs("2.0.0")
        self.runs("2.0.0", "two")
        self.trades_on("2.0.0")
        text = self.swap("v3")
        self.assertIn("strategy one is now 3.0.0, was 2.0.0", text)
        self.assertIn("strategy two is now 3.0.0, was 2.0.0", text)
        self.assertIn("in no plugin directory", text)
        self.trades_on("3.0.0")
        self.wait(lambda: self.counted()[0] == "3.0.0", "v3 counts")
        _, after, level = self.counted()
        self.assertGreater(after, bars)
        self.assertEqual(level, 200 * after)
        self.place("v1")
        self.runs("1.0.0")
        self.trades_on("1.0.0")
        self.wait(lambda: self.counted()[0] == "1.0.0", "v1 counts")
        _, last, level = self.counted()
        self.assertGreater(last, after)
        self.assertEqual(level, 2 * last)
        steps = [(row["step"], row["to_version"]) for row in self.history("one")
                 if row["step"] == "took over"]
        self.assertEqual([version for _, version in steps], ["2.0.0", "3.0.0", "1.0.0"])
        self.verified()

    def test_indicator_and_adapter(self):
        self.begin()
        self.trades_on("1.0.0")
        self.place("mean2", "mean.so")
        self.says("indicators of swap.mean are now 2.0.0")
        self.trades_on("1.0.0")
        text = self.swap(sim2())
        self.assertIn("venue sim is now 1.0.0, was 1.0.0", text)
        self.trades_on("1.0.0")
        self.assertEqual(self.swaps()["count"], 2)
        done = self.plugin("rollback", "sim", "--reason", "to see it")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.trades_on("1.0.0")
        done = self.plugin("rollback", "swap.mean")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.trades_on("1.0.0")
        self.verified()

    def test_adapter_takes_nothing_over(self):
        """The venue was made quiet already when the new build refuses: it goes on as before."""
        self.configure(pace=40)  # so slow that no bars wait which could hide that it stands still
        self.begin()
        self.trades_on("1.0.0")
        bad = sim2("refuses", os.path.join(HERE, "plugins", "sim_refuses.c"),
                   "-Wl,--wrap=saved_import", build_id="5111bbbb5111bbbb")
        for _ in range(3):
            text = self.swap(bad, code=1)
            self.assertIn("venue sim stays at", text)
            self.assertIn("takes no session over", text)
            self.trades_on("1.0.0")
        self.assertIn("venue sim is now", self.swap(sim2()))
        self.trades_on("1.0.0")
        self.verified()

    def test_only_one(self):
        self.begin()
        text = self.swap("v2", "--only", "two")
        self.assertIn("strategy two is now 2.0.0", text)
        self.assertNotIn("strategy one", text)
        self.trades_on("1.0.0", "one")
        self.trades_on("2.0.0", "two")
        self.assertIn("did you mean 'two'", self.swap("v2", "--only", "tow", code=3))
        self.verified()

    def test_shadow_agrees(self):
        self.configure("shadow: 300, probation: 40000", pace=5)
        self.begin()
        self.trades_on("1.0.0")
        number = self.ask(command="swap", path=build("v2"), instance="")["number"]
        self.wait(lambda: self.ask(command="swap-outcome", number=number)["settled"], "settled")
        outcome = self.ask(command="swap-outcome", number=number)
        self.assertEqual((outcome["code"], outcome["moved"], outcome["stayed"]), (0, 2, 0))
        self.trades_on("2.0.0")
        steps = {row["step"]: row["sequence"] for row in self.history("one")}
        self.assertGreaterEqual(steps["took over"] - steps["prepared"], 300)
        status = self.ok("status", "--store", "store")
        self.assertIn("PROBATION", status)
        self.assertIn("2.0.0 " + self.build_id("v2")[:8], status)
        self.verified()

    def test_same_build_asked_for_twice(self):
        """A file that is dropped and asked for as well moves in once, and both hear of it."""
        self.begin()
        done = self.turret("plugin", "install", build("v2"), "--store", "store")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("counter.so holds swap.counter already and is replaced", done.stderr)
        self.trades_on("2.0.0")
        self.assertEqual([m["phase"] for m in self.swaps()["under_way"]], ["PROBATION"] * 2)
        self.assertIn("strategy one is now 2.0.0, was 1.0.0", self.swap("v2"))
        self.assertEqual(sum(row["step"] == "took over" for row in self.history("one")), 1)
        self.verified()


    def test_many_ask_for_it(self):
        """The answer is kept for who waits longest, also when others ask for more meanwhile."""
        self.configure("shadow: 100, probation: 40000", pace=5)
        self.begin()
        self.trades_on("1.0.0")
        first = self.ask(command="swap", path=build("v2"))["number"]
        self.wait(lambda: self.swaps()["under_way"], "it moves in")
        for number in range(first + 1, first + TOLD):
            self.assertEqual(self.ask(command="swap", path=build("v2"))["number"], number)

        def outcome(number):
            return self.ask(command="swap-outcome", number=number)
        for number in range(first, first + TOLD):
            self.wait(lambda n=number: outcome(n)["settled"], f"{number} is settled")
        for number in range(first + TOLD, first + TOLD + 3):  # takes the places of the first
            self.assertEqual(self.ask(command="swap", path=build("v2"))["number"], number)
        self.assertFalse(outcome(first)["ok"])
        for number in (first + 3, first + TOLD - 1):
            self.assertTrue(outcome(number)["settled"], outcome(number))
            self.assertEqual((outcome(number)["code"], outcome(number)["moved"]), (0, 2))
            self.assertIn("strategy one is now 2.0.0", " ".join(outcome(number)["lines"]))
        for number in range(first + TOLD, first + TOLD + 3):  # what it was is not known any more
            self.wait(lambda n=number: outcome(n)["settled"], f"{number} is settled")
            self.assertEqual(outcome(number)["code"], 0)
        self.verified()

    def test_only_after_the_watcher(self):
        """Where the build runs already nothing has to be done, and that is no failure."""
        self.begin()
        self.place("v2")
        self.runs("2.0.0")
        self.runs("2.0.0", "two")
        text = self.swap(self.path("plugins/counter.so"), "--only", "one")
        self.assertIn("one runs this build of swap.counter 2.0.0 already", text)
        self.place("mean2", "mean.so")
        self.says("indicators of swap.mean are now 2.0.0")
        text = self.swap(self.path("plugins/mean.so"), "--only", "indicators swap.mean")
        self.assertIn("indicators swap.mean runs this build of swap.mean 2.0.0 already", text)
        text = self.swap(self.path("plugins/mean.so"), "--only", "one", code=1)
        self.assertIn("one runs nothing of swap.mean", text)
        self.trades_on("2.0.0")
        self.verified()

    def test_asked_for_after_the_watcher(self):
        """Who asks for a build that was dropped before is told what became of it."""
        self.begin()
        self.place("v2")
        self.runs("2.0.0")
        self.runs("2.0.0", "two")
        self.place("mean2", "mean.so")
        self.says("indicators of swap.mean are now 2.0.0")
        text = self.swap(self.path("plugins/counter.so"))
        self.assertIn("strategy one is now 2.0.0, was 1.0.0", text)
        self.assertIn("strategy two is now 2.0.0, was 1.0.0", text)
        for _ in range(2):  # the second time it is there already
            done = self.turret("plugin", "install", os.path.join(PLUGINS, "sma.so"), "--store",
                               "store")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("is there; nothing that runs uses it", done.stdout)
        self.verified()


if __name__ == "__main__":
    unittest.main()
