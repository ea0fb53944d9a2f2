# SPDX-License-Identifier: Apache-2.0
"""
Shows that a bad build changes nothing: whatever is wrong with the file, its state, its signature or
its directory, the old build trades on and the message says what and why, by the file that was
dropped and by the command with its exit code.
"""
import os
import shutil
import subprocess
import unittest

from swap_rig import Case, build

INVALID, UNREACHABLE, REFUSED, FAILED = 3, 4, 5, 1
REQUIRE = """    signature: require
    keys: [{key}]
"""


class Refused(Case):
    def dropped(self, phrase, name="dropped.so", of=None):
        """The file that is there now leads to this line."""
        line = self.says(phrase)
        self.assertIn(of or name, line)
        self.trades_on("1.0.0")
        return line

    def file(self, name, content):
        with open(self.path("plugins/.new"), "wb") as file:
            file.write(content)
        os.replace(self.path("plugins/.new"), self.path("plugins/" + name))

    def bytes_of(self, name):
        with open(build(name), "rb") as file:
            return file.read()

    def key(self):
        """A new pair; answers the public one as a configuration has it."""
        subprocess.run(["minisign", "-G", "-W", "-p", self.path("key.pub"), "-s",
                        self.path("key.sec")], check=True, capture_output=True)
        with open(self.path("key.pub"), encoding="utf-8") as file:
            return file.read().splitlines()[1]

    def sign(self, path):
        subprocess.run(["minisign", "-S", "-s", self.path("key.sec"), "-m", path],
                       check=True, capture_output=True)

    def test_files(self):
        self.begin()
        whole = self.bytes_of("v2")
        self.file("counter.so", whole[:3000])
        self.assertIn("taken when it is finished", self.dropped("truncated", of="counter.so"))
        self.file("counter.so", b"")
        self.dropped("counter.so", of="counter.so")
        foreign = whole[:18] + b"\xb7\x00" + whole[20:]  # e_machine: AArch64
        self.file("counter.so", foreign)
        self.dropped("machine", of="counter.so")
        for content, phrase in ((whole[:3000], "truncated"), (b"", "counter2.so"),
                                (foreign, "machine")):
            self.write("counter2.so", "")
            with open(self.path("counter2.so"), "wb") as file:
                file.write(content)
            self.assertIn(phrase, self.swap(self.path("counter2.so"), code=INVALID))
            done = self.turret("plugin", "install", "counter2.so", "--store", "store")
            self.assertEqual(done.returncode, INVALID, done.stderr)
        self.assertIn("absent.so", self.swap(self.path("absent.so"), code=INVALID))
        # written in pieces, without a rename: waited for, then taken
        with open(self.path("plugins/counter.so"), "wb") as file:
            file.write(whole[:5000])
            file.flush()
            self.trades_on("1.0.0")
            file.write(whole[5000:])
        self.runs("2.0.0")
        self.trades_on("2.0.0")
        self.verified()

    def test_vanishes(self):
        """A file that is gone when its turn comes, or while it is read: all of it or nothing."""
        self.begin()
        shutil.copy(build("v2"), self.path("dropped.so"))
        number = self.ask(command="swap", path=self.path("dropped.so"))["number"]
        os.unlink(self.path("dropped.so"))
        self.wait(lambda: self.ask(command="swap-outcome", number=number)["settled"], "settled")
        outcome = self.ask(command="swap-outcome", number=number)
        if outcome["code"]:  # it was gone before it was read whole
            self.assertIn("dropped.so", outcome["lines"][0])
            self.trades_on("1.0.0")
        else:
            self.trades_on("2.0.0")
        for _ in range(20):  # changes again and again while it is read
            self.file("dropped.so", self.bytes_of("v3"))
            os.unlink(self.path("plugins/dropped.so"))
        self.swap("v2")  # when its turn comes, those before it are done
        self.trades_on("2.0.0")
        self.verified()

    def test_duplicate(self):
        """At a start one file of two with the same id is taken, and the other one told; while it
        runs, the newest file of an id is the build that is meant, whatever its name."""
        self.place("v2", "zcounter.so")
        self.configure()
        self.daemon = self.start(ready=False)
        self.assertIsNotNone(self.daemon.until("swap.counter"))
        self.assertIsNotNone(self.daemon.until("running "))
        self.trades_on("1.0.0")
        done = self.turret("plugin", "install", build("v2"), "--store", "store")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.trades_on("2.0.0")
        self.verified()

    def test_trial(self):
        self.begin()
        self.place("crashes")
        self.dropped("killed by SIGILL in on_start", of="counter.so")
        text = self.swap("crashes", code=INVALID)
        self.assertIn("probe-run", text)
        self.assertNotIn("  ", text)  # the trial's table is one line here
        self.verified()

    def test_state(self):
        """Each is fine in the trial with defaults; what fails is taking over this state here."""
        self.begin()
        text = self.swap("converter", code=INVALID)
        self.assertIn("converter from schema 1 to 2: a level of ", text)
        self.trades_on("1.0.0")
        text = self.swap("refuses", "--only", "one", code=FAILED)
        self.assertIn("strategy one stays at 1.0.0", text)
        self.assertIn("not on this market", text)
        self.trades_on("1.0.0")
        text = self.swap("wipes", "--only", "one", code=FAILED)
        self.assertIn("changed its saved field bars while it started", text)
        self.trades_on("1.0.0")
        version, bars, level = self.counted()
        self.assertEqual((version, level), ("1.0.0", 2 * bars))
        text = self.swap("refuses", code=6)  # strategy two has no such trouble
        self.assertIn("strategy two is now 2.0.2", text)
        self.trades_on("1.0.0", "one")
        self.trades_on("2.0.2", "two")
        self.verified()

    def test_newer_schema(self):
        self.place("v9")
        self.begin()
        self.trades_on("9.0.0")
        text = self.swap("v1", code=FAILED)
        self.assertIn("its state has schema 9, build 1.0.0 of swap.counter reads schema 1", text)
        self.trades_on("9.0.0")
        self.verified()

    def test_indicator(self):
        """Values before and after must agree."""
        self.begin()
        self.trades_on("1.0.0")
        text = self.swap("meanother", code=FAILED)
        self.assertIn("indicators of swap.mean stays at 1.0.0", text)
        self.trades_on("1.0.0")
        self.verified()

    def test_minimum(self):
        self.configure(policy="    minimum: {swap.counter: 1.0.0}\n")
        self.begin()
        text = self.swap("old", code=REFUSED)
        self.assertIn("swap.counter 0.9.0 is older than the minimum 1.0.0", text)
        self.says("is older than the minimum")
        self.place("old")
        self.dropped("is older than the minimum", of="counter.so")
        done = self.turret("plugin", "install", build("old"), "--store", "store")
        self.assertEqual(done.returncode, REFUSED, done.stderr)
        self.verified()

    def test_writable_directory(self):
        self.begin()
        os.chmod(self.path("plugins"), 0o777)
        self.place("v2")
        self.dropped("write", of="plugins")
        os.mkdir(self.path("open"))
        shutil.copy(build("v2"), self.path("open"))
        os.chmod(self.path("open"), 0o777)
        self.assertIn("write", self.swap(self.path("open/v2.so"), code=REFUSED))
        os.chmod(self.path("plugins"), 0o755)
        self.trades_on("1.0.0")
        self.verified()

    @unittest.skipUnless(shutil.which("minisign"), "no minisign to sign with")
    def test_unsigned(self):
        key = self.key()
        for name in ("sim.so", "counter.so", "mean.so"):
            self.sign(self.path("plugins/" + name))
        self.configure(policy=REQUIRE.format(key=key))
        self.begin()
        self.trades_on("1.0.0")
        self.assertIn("v2.so", self.swap("v2", code=REFUSED))  # from outside: the strictest policy
        self.place("v2", "other.so")
        self.dropped("other.so", of="other.so")
        shutil.copy(build("v2"), self.path("signed.so"))
        done = self.turret("plugin", "install", "signed.so", "--store", "store")
        self.assertEqual(done.returncode, REFUSED, done.stderr)
        os.unlink(self.path("plugins/other.so"))
        self.sign(self.path("signed.so"))
        done = self.turret("plugin", "install", "signed.so", "--store", "store")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.trades_on("2.0.0")
        self.verified()

    @unittest.skipUnless(shutil.which("minisign"), "no minisign to sign with")
    def test_stricter_directory(self):
        """A plugin stays under the policy of the directory that holds it."""
        key = self.key()

        def install(*arguments):
            done = self.turret("plugin", "install", "new.so", "--store", "store", *arguments)
            return done.returncode, done.stdout + done.stderr
        for folder in ("strict", "more"):
            os.mkdir(self.path(folder))
        os.rename(self.path("plugins/counter.so"), self.path("strict/counter.so"))
        self.sign(self.path("strict/counter.so"))
        self.configure(policy="  - path: strict\n" + REQUIRE.format(key=key))
        shutil.copy(build("v2"), self.path("new.so"))
        code, text = install()
        self.assertEqual(code, REFUSED, text)
        self.assertIn("minisig", text)
        code, text = install("--dir", "plugins")
        self.assertEqual(code, REFUSED, text)
        self.assertIn("strict holds swap.counter under a stricter policy", text)
        code, text = install("--dir", "more")
        self.assertEqual(code, REFUSED, text)
        self.assertIn("held to the policy of strict", text)
        os.chmod(self.path("strict"), 0o777)
        self.sign(self.path("new.so"))
        code, text = install()
        self.assertEqual(code, REFUSED, text)
        os.chmod(self.path("strict"), 0o755)
        self.assertEqual([sorted(os.listdir(self.path(name))) for name in
                          ("plugins", "strict", "more")],
                         [["mean.so", "sim.so"], ["counter.so", "counter.so.minisig"], []])
        self.assertEqual(install("--dir", "more")[0], 0)
        self.assertEqual(install()[0], 0)
        self.assertIn("2.0.0", self.ok("plugin", "list", "--plugins", "strict"))
        shutil.copy(build("mean2"), self.path("new.so"))  # a plugin of the first directory
        os.unlink(self.path("new.so.minisig"))
        self.assertEqual(install()[0], 0)
        self.assertIn("2.0.0", self.ok("plugin", "list", "--plugins", "plugins"))

    @unittest.skipUnless(shutil.which("minisign"), "no minisign to sign with")
    def test_home_of_a_file_from_elsewhere(self):
        """It is held to the policy of its plugin's directory, be that laxer than others or not, and
        that stays so when builds from elsewhere have moved in."""
        key = self.key()
        for name in ("v2", "v3"):
            shutil.copy(build(name), self.path(name + ".so"))
        os.mkdir(self.path("strict"))
        self.configure(policy="  - path: strict\n    isolation: process\n" +
                       REQUIRE.format(key=key))
        self.begin()
        self.swap(self.path("v2.so"))  # unsigned, and at home where nobody asks for that
        self.trades_on("2.0.0")
        self.assertFalse(self.strategy()["isolated"])
        self.end()
        os.rename(self.path("plugins/counter.so"), self.path("strict/counter.so"))
        self.sign(self.path("strict/counter.so"))
        os.rename(self.path("store"), self.path("other"))
        self.begin()
        self.assertTrue(self.strategy()["isolated"])
        self.swap(self.path("v2.so"), code=REFUSED)
        self.trades_on("1.0.0")
        self.sign(self.path("v2.so"))
        self.swap(self.path("v2.so"))
        self.trades_on("2.0.0")
        self.assertTrue(self.strategy()["isolated"])
        self.assertIn("minisig", self.swap(self.path("v3.so"), code=REFUSED))
        self.place("v3", "counter3.so")
        self.assertIn("is at home in", self.says("counter3.so"))
        self.trades_on("2.0.0")
        self.end()

    def test_homeless(self):
        """The plugin of a strategy that goes on from the store's copy runs on as it did."""
        self.configure(policy="    isolation: process\n")
        self.begin()
        self.trades_on("1.0.0")
        self.end()
        os.mkdir(self.path("lax"))
        for name in ("sim.so", "mean.so"):
            os.rename(self.path("plugins/" + name), self.path("lax/" + name))
        with open(self.path("turret.yaml"), encoding="utf-8") as file:
            text = file.read()
        self.write("turret.yaml", text.replace("  - path: plugins\n    isolation: process\n",
                                               "  - path: lax\n"))
        for _ in range(2):
            self.begin()
            self.trades_on("1.0.0")
            self.assertTrue(self.strategy()["isolated"])
            self.end()
        self.begin()
        self.swap("v2")
        self.trades_on("2.0.0")
        self.assertTrue(self.strategy()["isolated"])
        self.end()

    def test_no_daemon(self):
        self.configure()
        done = self.plugin("swap", build("v2"))
        self.assertEqual(done.returncode, UNREACHABLE, done.stderr)
        done = self.plugin("rollback", "one")
        self.assertEqual(done.returncode, UNREACHABLE, done.stderr)
        self.begin()
        done = self.plugin("rollback", "onne")
        self.assertEqual(done.returncode, INVALID, done.stderr)
        self.assertIn("did you mean 'one'?", done.stderr)
        done = self.plugin("rollback", "one")
        self.assertEqual(done.returncode, INVALID, done.stderr)
        self.assertIn("no other build of swap.counter", done.stderr)
        answer = self.ask(command="swap", path="relative.so")
        self.assertIn("no absolute path", answer["error"]["text"])
        self.assertIn("no change of code", self.ask(command="swap-outcome", number=77)["error"]["text"])
        self.end()


if __name__ == "__main__":
    unittest.main()
