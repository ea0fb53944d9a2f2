# SPDX-License-Identifier: Apache-2.0
"""
Shows what becomes of the private copies in the store: fifty builds that nobody uses, and fifty that
are refused, leave none behind; a start removes what a daemon that died left over, and nothing that
is not its own. Every build that a record names stays, over kills and restarts, so that the journal
runs again and a person can go back to it.
"""
import os
import re
import shutil
import signal
import unittest

from swap_rig import Case, build

MANY = 50


class Copies(Case):
    def copies(self):
        return sorted(os.listdir(self.path("store/plugins")))

    def another(self, name, number):
        """The same code under another build id, which takes no compiler."""
        with open(build(name), "rb") as file:
            content = file.read()
        note = re.search(rb"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0", content)
        at = note.end()
        path = self.path("another.so")
        with open(path, "wb") as file:
            file.write(content[:at] + bytes((number + 1, 0x5a)) + content[at + 2:])
        return path

    def test_nobody_uses_them(self):
        self.configure(swap="probation: 1")
        with open(self.path("turret.yaml"), encoding="utf-8") as file:
            text = file.read()
        self.write("turret.yaml", text.replace("mean: true", "mean: false"))
        self.begin()
        before = self.copies()
        for number in range(MANY):
            self.place(self.another("mean1", number), "mean.so")
            self.says("nothing that runs uses it")
        self.wait(lambda: len(self.copies()) == len(before), "copies are removed")
        self.wait(lambda: self.swaps()["unloaded"] == MANY, "all are unloaded")
        self.assertNotEqual(self.copies(), before)  # that of the newest is there
        self.end()
        for number in range(3):  # the same while no daemon runs
            self.place(self.another("mean1", MANY + number), "mean.so")
            self.begin()
            self.trades_on("1.0.0")
            self.end()
            self.assertEqual(len(self.copies()), len(before))
        self.replays_equal("store")

    def test_refused(self):
        """By their trial, and by what they were to take over."""
        self.begin()
        before = self.copies()
        for number in range(MANY):
            self.place(self.another("v9", number))
            for _ in ("one", "two"):
                self.says("no converter leads there")
        self.wait(lambda: self.copies() == before, "copies are removed")
        for number in range(3):
            self.place(self.another("converter", number))
            self.says("its trial in a child process")
        self.wait(lambda: self.copies() == before, "copies are removed")
        self.trades_on("1.0.0")
        self.verified()

    def test_needed(self):
        self.configure(swap="probation: 10")
        self.begin()
        kept = [self.build_id("v1"), self.build_id("mean1")]
        for name, version in (("v2", "2.0.0"), ("v3", "3.0.0"), ("v1", "1.0.0"), ("v2", "2.0.0")):
            self.place(name)
            self.runs(version)
            self.runs(version, "two")
            self.wait(lambda: not self.swaps()["under_way"], "the probation is over")
            kept.append(self.build_id(name))
        self.swap("diverges", "--only", "one")
        self.assertRegex(self.plugin_back("one"), "is (now 2.0.0|rolled back)")
        kept.append(self.build_id("diverges"))
        self.daemon.kill(signal.SIGKILL)
        self.daemon.end()
        left = ("swap.counter-00aa11.so", ".loading-a1b2c3", "state-a1b2c3", "swap.mean-00aa.2.so")
        for name in (*left, "notes.so", "swap-notes.txt"):
            self.write("store/plugins/" + name, "left")
        for _ in range(2):
            self.begin()
            self.runs("2.0.0")
            for name in left:
                self.assertNotIn(name, self.copies())
            for one in kept:
                self.assertTrue([name for name in self.copies() if f"-{one}.so" in name], one)
            self.end()
        self.assertIn("notes.so", self.copies())
        self.assertIn("swap-notes.txt", self.copies())
        self.replays_equal("store")
        shutil.rmtree(self.path("plugins"))  # what ran is in the store
        os.mkdir(self.path("plugins"))
        self.begin()
        self.trades_on("2.0.0")
        self.assertIn("is now 1.0.0", self.plugin_back("two"))
        self.verified()

    def plugin_back(self, name):
        done = self.plugin("rollback", name, "--reason", "it is needed")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return re.sub(r" \([0-9a-f]{8}\)", "", done.stdout + done.stderr)

    def test_reload(self):
        """A strategy that came with a reload runs a build that must stay, too."""
        self.configure()
        with open(self.path("turret.yaml"), encoding="utf-8") as file:
            text = file.read()
        self.write("turret.yaml", re.sub(r"  (one|two): .*\n", "", text).replace(
            "strategies:", "strategies: {}"))
        self.begin()
        self.write("turret.yaml", text)
        self.says("is in force")
        self.trades_on("1.0.0")
        self.end()
        self.place("v2")
        self.begin()
        self.runs("2.0.0", "two")
        self.trades_on("2.0.0")
        self.assertTrue([name for name in self.copies() if self.build_id("v1") in name])
        self.assertEqual({row["from_version"] for row in self.history()
                          if row["to_version"] == "2.0.0"}, {"1.0.0"})
        self.verified()


if __name__ == "__main__":
    unittest.main()
