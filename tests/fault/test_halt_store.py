# SPDX-License-Identifier: Apache-2.0
"""
Shows that every command means the store of `turret run` in the same directory: with an old var/turret
beside a turret.yaml that names another store, `turret halt` stops the daemon that runs, and says
which store and which pid; also when turret.yaml is broken since. Without turret.yaml it takes
var/turret and says that nobody runs there; where nothing is, what it looked at.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import unittest

from fault_rig import Case, DONE, INVALID, PLUGINS, TURRET

CONFIG = """
turret: 1
mode: paper
{store}
plugins: [{{path: {plugins}}}]
venues:
  sim:
    adapter: sim
    cash: {{USD: 1000000}}
    params: {{market: synthetic, pace_ms: 20}}
instruments:
  AAA.sim: {{tick: 0.01, lot: 1, currency: USD}}
strategies:
  cross: {{plugin: ma_cross, on: AAA.sim@1m, params: {{fast: 2, slow: 4, size: 1}}}}
risk: {{preset: development}}
"""
REASON = ("--killed", "--reason", "a drill")


class Store(Case):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("var"))

    def configure(self, store="store: var/demo"):
        self.write("turret.yaml", CONFIG.format(plugins=PLUGINS, store=store))

    def old_store(self):
        """var/turret was used once; nobody runs on it."""
        self.configure("store: var/turret")
        self.assertEqual(self.start().end(signal.SIGTERM), DONE)

    def halted(self, *more, env=None):
        done = subprocess.run([TURRET, "halt", *more], capture_output=True, text=True,
                              cwd=self.folder, check=False, timeout=120,
                              env=dict(os.environ, **(env or {})))
        self.assertEqual(done.returncode, DONE, done.stderr)
        return done.stderr

    def killed(self, *store):
        return [row["state"] for row in self.json("state", *store)["states"]]

    def test_a_path_that_is_not_utf8(self):
        """JSON is UTF-8: what is not is shown as "?", and nothing is left out."""
        self.old_store()
        folder = os.fsencode(self.folder)
        shutil.copytree(os.path.join(folder, b"var/turret"), os.path.join(folder, b"st\xff"))
        done = subprocess.run([TURRET, "--json", "halt", "--store", b"st\xff"], capture_output=True,
                              cwd=self.folder, check=False, timeout=120)
        self.assertEqual(done.returncode, DONE, done.stderr)
        result = json.loads(done.stdout)
        self.assertEqual((result["store"], result["latched"]), ("st?", True))

    def test_the_daemon_of_this_directory(self):
        self.old_store()
        self.configure()
        daemon = self.start(arguments=("--no-watch",))
        wanted = f"store var/demo (store: of turret.yaml): the daemon with pid {daemon.process.pid}\n"
        self.assertIn(wanted, self.halted("all", "--reason", "quotes are wrong"))
        self.assertIsNotNone(daemon.until("the kill switch is set"))
        self.assertEqual(self.json("status")["pid"], daemon.process.pid)
        for _ in range(1000):
            if self.killed():
                break
            daemon.drain(0.01)
        self.assertEqual((self.killed(), self.killed("--store", "var/turret")), (["KILLED"], []))
        self.assertEqual(self.json("state")["states"][0]["reason"], "quotes are wrong")
        self.ok("orders")
        self.ok("resume", "all", *REASON)
        self.assertEqual(self.killed(), [])
        self.write("turret.yaml", CONFIG.format(plugins=PLUGINS, store="store: 'var/demo'  # ours")
                   + "strategies: [oops\n")
        said = self.halted()
        self.assertIn("turret.yaml:", said.splitlines()[0])
        self.assertIn("store var/demo is taken (line store: of turret.yaml)\n", said)
        self.assertIn(f"the daemon with pid {daemon.process.pid}\n", said)
        self.assertIsNotNone(daemon.until("the kill switch is set"))
        done = self.turret("status")
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.assertIn("store var/demo is taken", done.stderr)
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        self.assertIn("no daemon runs on store var/demo", self.halted().splitlines())

    def test_order_of_what_is_said(self):
        """Of --store, -C, $TURRET_STORE, $TURRET_CONFIG, turret.yaml, var/turret the first."""
        self.old_store()
        for name in ("a", "b", "c", "d", "e"):
            self.configure(f"store: var/{name}")
            os.rename(self.path("turret.yaml"), self.path(name + ".yaml"))
            self.assertEqual(self.start(name + ".yaml").end(signal.SIGTERM), DONE)
        self.configure("store: var/e")
        both = {"TURRET_STORE": "var/c", "TURRET_CONFIG": "d.yaml"}
        for more, env, store in ((("--store", "var/a", "-C", "b.yaml"), both, "var/a (--store)"),
                                 (("-C", "b.yaml"), both, "var/b (store: of b.yaml)"),
                                 ((), both, "var/c ($TURRET_STORE)"),
                                 ((), {"TURRET_CONFIG": "d.yaml"}, "var/d (store: of d.yaml)"),
                                 ((), {}, "var/e (store: of turret.yaml)")):
            lines = self.halted(*more, env=env).splitlines()
            self.assertEqual(lines[0], "store " + store)
            self.assertEqual(lines[1], f"no daemon runs on store {store.split()[0]}")
        os.remove(self.path("turret.yaml"))
        self.assertTrue(self.halted().startswith("store var/turret (the default: no --store, -C, "))

    def test_the_daemon_takes_the_same(self):
        self.configure()
        daemon = self.start(config="--no-watch", env=dict(os.environ, TURRET_STORE="var/other"))
        self.assertIn(f"pid {daemon.process.pid}\n", self.halted(
            env={"TURRET_STORE": "var/other"}))
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)

    def test_nothing_there(self):
        for text, words, phrase in (
                (None, (), "/var/turret (the default: no --store, -C, "),
                ("store: var/none", (), "/var/none (store: of turret.yaml)"),
                ("store: ${NOWHERE}", (), "NOWHERE"),
                ("store: var/none", ("-C", "gone.yaml"), "gone.yaml: cannot be read"),
                ("store: var/none", ("--store", "gone"), "/gone (--store)"),
                ("store: var/none", ("--store", "turret.yaml"),
                 "/turret.yaml (--store), which is no directory: ")):
            if text:
                self.configure(text)
            done = self.turret("halt", *words)
            self.assertEqual(done.returncode, INVALID, done.stderr)
            self.assertIn("NOTHING was halted", done.stderr)
            self.assertIn(phrase, done.stderr)
            done = self.turret("--json", "halt", *words)
            self.assertEqual(done.returncode, INVALID, done.stderr)
            self.assertIn("NOTHING was halted", json.loads(done.stderr)["error"]["text"])

    def test_no_such_venue(self):
        """Says which store it looked at: the end of the path, marked, when it is too long."""
        self.old_store()
        for length in (150, 300):
            path = self.path("d" * (length // 2)) + "/" + "s" * (length // 2)
            os.mkdir(os.path.dirname(path))
            os.rename(self.path("var/turret"), path)
            done = self.turret("halt", "--venue", "nosuch", "--store", path)
            os.rename(path, self.path("var/turret"))
            self.assertEqual(done.returncode, INVALID, done.stderr)
            shown = re.search(r"; looked at store (\.\.\.)?(.+) \(--store\)\n$", done.stderr)
            self.assertIsNotNone(shown, done.stderr)
            self.assertEqual(bool(shown.group(1)), length == 300, done.stderr)
            self.assertTrue(path.endswith(shown.group(2)), done.stderr)
            self.assertEqual(path == shown.group(2), length == 150)


if __name__ == "__main__":
    unittest.main()
