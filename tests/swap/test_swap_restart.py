# SPDX-License-Identifier: Apache-2.0
"""
Shows that a change of code survives the end of the daemon in every phase, ordered or killed: in the
shadow the old build goes on, on probation and after a rollback the one that the journal says. A file
that was put in place while no daemon ran is swapped in at the next start with its state converted;
one that cannot convert, is cut short or is gone leaves the old build running from its private copy.
"""
import os
import signal
import unittest

from swap_rig import Case, build


class Restart(Case):
    def again(self, number=None):
        """Ends the daemon (killed, or asked to) and starts it again."""
        if number is None:
            self.end()
        else:
            self.daemon.end(number)
        self.begin()

    def is_durable(self):
        """All that happened until now is in the journal on the disk."""
        now = self.ask(command="status")["sequence"]
        self.wait(lambda: self.ask(command="status")["durable"] >= now, "durable")

    def level_is(self, version, per_bar, least):
        """The counter went on from what it had: none of its bars is lost."""
        self.wait(lambda: self.counted()[0] == version, f"{version} counts")
        _, bars, level = self.counted()
        self.assertEqual(level, per_bar * bars)
        self.assertGreaterEqual(bars, least)
        return bars

    def test_in_the_shadow(self):
        for number in (None, signal.SIGKILL):
            with self.subTest(number=number):
                self.configure("shadow: 40000")
                self.begin()
                self.trades_on("1.0.0")
                _, bars, _ = self.counted()
                self.place("v3")
                self.wait(lambda: len(self.swaps()["under_way"]) == 2, "both are in the shadow")
                self.trades_on("1.0.0")
                self.place("v1")  # else the next start goes on with v3, rightly
                self.again(number)
                self.trades_on("1.0.0")
                self.level_is("1.0.0", 2, bars)
                self.verified()

    def test_prepared_and_killed(self):
        """The journal ends with a swap prepared: the file is there still, so it is prepared again."""
        self.configure("shadow: 40000")
        self.begin()
        self.trades_on("1.0.0")
        self.place("v3")
        self.wait(lambda: len(self.swaps()["under_way"]) == 2, "both are in the shadow")
        self.is_durable()
        self.assertEqual(self.strategy()["version"], "1.0.0")
        self.configure()
        self.again(signal.SIGKILL)
        self.runs("3.0.0")
        self.runs("3.0.0", "two")
        self.trades_on("3.0.0")
        self.verified()

    def test_on_probation(self):
        for number in (None, signal.SIGKILL):
            with self.subTest(number=number):
                self.begin()
                self.trades_on(self.strategy()["version"])
                bars = self.counted()[1]
                self.place("v3")
                self.runs("3.0.0")
                self.trades_on("3.0.0")
                self.again(number)
                self.runs("3.0.0")
                self.runs("3.0.0", "two")
                self.trades_on("3.0.0")
                bars = self.level_is("3.0.0", 200, bars)
                self.place("v1")
                self.runs("1.0.0")
                self.again(number)
                self.runs("1.0.0")  # by the journal; or, killed before that was durable, again
                self.runs("1.0.0", "two")
                self.trades_on("1.0.0")
                self.level_is("1.0.0", 2, bars)
                self.verified()

    def test_after_rollback(self):
        for number in (None, signal.SIGKILL):
            with self.subTest(number=number):
                self.begin()
                self.trades_on("1.0.0")
                self.place("nan")
                self.says("strategy one is back at 1.0.0")
                self.is_durable()
                bars = self.counted()[1]
                self.again(number)
                self.runs("1.0.0")
                self.runs("1.0.0", "two")  # its build is blocked
                self.trades_on("1.0.0")
                self.level_is("1.0.0", 2, bars)
                self.place("v1")
                self.assertEqual(self.plugin("unblock", self.build_id("nan")[:12]).returncode, 0)
                self.verified()

    def test_after_retirement(self):
        self.configure("probation: 1")
        self.begin()
        self.place("v2")
        self.runs("2.0.0")
        self.wait(lambda: self.swaps()["under_way"] == [], "the probation is over")
        bars = self.counted()[1]
        self.again(signal.SIGKILL)
        self.runs("2.0.0")
        self.runs("2.0.0", "two")
        self.trades_on("2.0.0")
        self.level_is("2.0.0", 2, bars)
        self.verified()

    def stopped(self):
        self.begin()
        self.trades_on("1.0.0")
        bars = self.counted()[1]
        self.end()
        return bars

    def test_new_file_while_stopped(self):
        bars = self.stopped()
        done = self.turret("plugin", "install", build("v3"), "--store", "store")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("no daemon runs on this store: the next start uses it", done.stderr)
        self.begin()
        self.runs("3.0.0")
        self.runs("3.0.0", "two")
        self.trades_on("3.0.0")
        self.level_is("3.0.0", 200, bars)
        self.verified()

    def test_unfit_file_while_stopped(self):
        bars = self.stopped()
        self.place("converter")
        self.begin()
        self.says("counter.so: its trial in a child process")
        self.assertIn("is not convertible", self.daemon.said[self.mark - 1])
        self.trades_on("1.0.0")
        self.level_is("1.0.0", 2, bars)
        self.verified()

    def test_cut_or_gone_while_stopped(self):
        bars = self.stopped()
        with open(build("v2"), "rb") as file:
            whole = file.read()
        with open(self.path("plugins/counter.so"), "wb") as file:
            file.write(whole[:3000])
        os.unlink(self.path("plugins/mean.so"))
        self.begin()
        said = "\n".join(self.daemon.said)
        self.assertIn("counter.so", said)
        for plugin in ("swap.counter", "swap.mean"):
            self.assertIn(f"no file of {plugin} that may be used is in a plugin directory", said)
        self.trades_on("1.0.0")
        self.level_is("1.0.0", 2, bars)
        self.place("v2")
        self.runs("2.0.0")
        self.trades_on("2.0.0")
        self.verified()

    def test_minimum_raised_while_stopped(self):
        """A copy is held to the minimums of the configuration as a file is."""
        self.stopped()
        os.unlink(self.path("plugins/counter.so"))
        self.configure(policy="    minimum: {swap.counter: 1.5}\n")
        daemon = self.start(ready=False)
        self.assertEqual(daemon.end(), 5, daemon.said)
        self.assertIn("a copy of swap.counter 1.0.0, older than the minimum 1.5 of turret.yaml:6",
                      " ".join(daemon.said))
        self.place("v2")
        self.begin()
        self.runs("2.0.0")
        self.runs("2.0.0", "two")
        self.trades_on("2.0.0")
        self.verified()


if __name__ == "__main__":
    unittest.main()
