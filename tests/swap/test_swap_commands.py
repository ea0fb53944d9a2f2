# SPDX-License-Identifier: Apache-2.0
"""
Shows what the commands say beside the swaps themselves: every answer as JSON, the history of one
instance and names nearly right, install and remove with and without a daemon, a signature that is
kept beside, build ids that are ambiguous, and the trial with a saved state.
"""
import json
import os
import shutil
import struct
import unittest

from swap_rig import Case, build, without_builds


I64 = 1  # TURRET_FIELD_TYPE_I64


def saved_state(schema, bars, level):
    """core/saved_state.h: schema, fields (id, type I64, count, value), no bytes of save()."""
    fields = b"".join(struct.pack("<IIIq", number, I64, 1, value)
                      for number, value in ((1, bars), (2, level)))
    return struct.pack("<II", schema, 2) + fields + struct.pack("<Q", 0)


class Commands(Case):
    def check(self, name, state):
        with open(self.path("state"), "wb") as file:
            file.write(state)
        return self.turret("plugin", "check", build(name), "--only", "probe", "--state",
                           self.path("state"))

    def test_probe_with_state(self):
        self.assertEqual(self.check("v1", saved_state(1, 3, 6)).returncode, 0)
        self.assertEqual(self.check("v3", saved_state(1, 3, 6)).returncode, 0)
        done = self.check("converter", saved_state(1, 3, 6))
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("probe-state", done.stdout)
        self.assertIn("converter from schema 1 to 2: a level of 6 is not convertible", done.stdout)
        done = self.check("v1", saved_state(1, 3, 6)[:-12])
        self.assertIn("the saved state ends too early", done.stdout)
        self.assertEqual(done.returncode, 1)
        # only the build that saved it may know the way
        self.assertEqual(self.check("v1", saved_state(9, 3, 6)).returncode, 0)
        done = self.turret("plugin", "check", build("v1"), "--only", "probe", "--state", "absent")
        self.assertEqual(done.returncode, 1)
        self.assertIn("absent", done.stdout)

    def test_state_is_tried_and_removed(self):
        """The trial is given the running state, and nothing of it is left on the disk."""
        self.begin()
        self.trades_on("1.0.0")
        text = self.swap("converter", code=3)
        self.assertIn("probe-state", text)
        self.assertEqual([name for name in os.listdir(self.path("store/plugins"))
                          if name.startswith("state")], [])
        self.verified()

    def test_json(self):
        self.begin()
        done = self.turret("--json", "plugin", "swap", build("v2"), "--store", "store")
        answer = json.loads(done.stdout)
        self.assertEqual((answer["done"], answer["moved"], answer["stayed"], answer["exit"]),
                         (True, 2, 0, 0))
        self.assertEqual(len(answer["lines"]), 2)
        done = self.turret("--json", "plugin", "rollback", "one", "--store", "store")
        self.assertEqual(json.loads(done.stdout)["moved"], 1)
        done = self.turret("--json", "plugin", "swap", build("v2"), "--store", "store")
        self.assertEqual((done.returncode, json.loads(done.stdout)["exit"]), (5, 5))
        rows = self.history()
        self.assertEqual({"sequence", "time", "instance", "plugin", "step", "from_version",
                          "from_build", "to_version", "to_build", "reason"}, set(rows[0]))
        self.assertEqual([row["sequence"] for row in rows],
                         sorted(row["sequence"] for row in rows))
        done = self.turret("--json", "plugin", "unblock", self.build_id("v2")[:8], "--store",
                           "store")
        answer = json.loads(done.stdout)
        self.assertEqual((answer["build"], answer["blocked"], answer["plugin"]),
                         (self.build_id("v2"), False, "swap.counter"))
        done = self.turret("--json", "plugin", "unblock", self.build_id("v2")[:8], "--store",
                           "store")
        self.assertEqual(done.returncode, 3)
        self.assertEqual(json.loads(done.stderr)["error"]["code"], "ENOTFOUND")
        self.verified()

    def test_history(self):
        self.configure()
        self.begin()
        self.assertIn("no code was changed",
                      self.plugin("history").stderr)
        self.swap("v2")
        self.end()  # without a daemon as well
        self.assertEqual({row["instance"] for row in self.history()},
                         {"strategy one", "strategy two"})
        self.assertEqual({row["instance"] for row in self.history("two")}, {"strategy two"})
        self.assertEqual(len(self.history("swap.counter")), len(self.history()))
        done = self.plugin("history", "onee")
        self.assertEqual(done.returncode, 3)
        self.assertIn("did you mean 'one'?", done.stderr)
        table = self.ok("plugin", "history", "one", "--store", "store")
        self.assertIn("took over", table)
        self.assertIn("2.0.0 " + self.build_id("v2")[:8], table)

    def test_install(self):
        self.configure()
        os.unlink(self.path("plugins/mean.so"))
        shutil.copy(build("mean2"), self.path("average.so"))
        with open(self.path("average.so.minisig"), "w", encoding="utf-8") as file:
            file.write("kept beside it\n")
        done = self.turret("plugin", "install", "average.so", "--store", "store")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sorted(os.listdir(self.path("plugins"))),
                         ["average.so", "average.so.minisig", "counter.so", "sim.so"])
        done = self.turret("plugin", "install", build("mean1"), "--store", "store")
        self.assertEqual(done.returncode, 0, done.stderr)  # the same plugin, another name
        self.assertIn("average.so holds swap.mean already and is replaced", done.stderr)
        self.assertEqual(sorted(os.listdir(self.path("plugins"))),
                         ["average.so", "counter.so", "sim.so"])
        os.mkdir(self.path("more"))
        done = self.turret("plugin", "install", build("v2"), "--dir", "more", "--store", "store")
        self.assertEqual((done.returncode, os.listdir(self.path("more"))), (0, ["v2.so"]))
        done = self.turret("plugin", "install", build("crashes"), "--store", "store")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("probe-run", done.stderr)
        self.assertIn("1.0.0", self.ok("plugin", "list", "--plugins", "plugins"))
        done = self.turret("plugin", "remove", "swap.meen")
        self.assertEqual(done.returncode, 3)
        self.assertIn("did you mean 'swap.mean'?", done.stderr)
        done = self.turret("plugin", "remove", "mean")
        self.assertIn("did you mean 'swap.mean'?", done.stderr)
        done = self.turret("plugin", "remove", "zzzzzz")
        self.assertIn("there are: ", done.stderr)
        self.assertIn("swap.counter", done.stderr)
        answer = self.json("plugin", "remove", "swap.mean")
        self.assertEqual(answer["id"], "swap.mean")
        self.assertEqual(sorted(os.listdir(self.path("plugins"))), ["counter.so", "sim.so"])

    def test_install_beside_a_daemon(self):
        self.begin()
        self.trades_on("1.0.0")
        done = self.turret("plugin", "install", build("v3"), "--store", "store")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("strategy one is now 3.0.0, was 1.0.0", without_builds(done.stdout))
        done = self.turret("plugin", "remove", "swap.counter")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.trades_on("3.0.0")  # it runs a copy
        self.verified()

    def test_install_without_a_configuration(self):
        """The daemon says which directories it has, also to who stands elsewhere."""
        self.begin()
        elsewhere = self.path("elsewhere")
        os.mkdir(elsewhere)
        session = {"folder": elsewhere}
        store = self.path("store")
        done = self.turret("plugin", "install", build("v2"), "--store", store, **session)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.trades_on("2.0.0")
        done = self.turret("plugin", "remove", "swap.mean", "--store", store, **session)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sorted(os.listdir(self.path("plugins"))), ["counter.so", "sim.so"])
        self.verified()
        done = self.turret("plugin", "remove", "swap.mean", "--store", store, **session)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("no turret.yaml and no daemon on the store", done.stderr)

    def test_ambiguous(self):
        self.begin()
        self.end()
        copies = [f"store/plugins/swap.other-{digits}.so" for digits in ("aaaabbbb00", "aaaabbbb11")]
        for copy in copies:
            self.write(copy, "")
        done = self.plugin("block", "AAAAbbbb", "--reason", "x")
        self.assertEqual(done.returncode, 3)
        self.assertIn("begins more than one build id", done.stderr)
        done = self.plugin("block", "aaaabbbb1", "--reason", "two of a kind")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.begin()  # which removes copies that nobody needs
        self.write(copies[0], "")
        answer = self.ask(command="block", build="aaaabbbb", reason="x")
        self.assertIn("begins more than one build id", answer["error"]["text"])
        self.assertIn("give one", self.ask(command="block", build="aaaabbbb1")["error"]["text"])
        self.end()


if __name__ == "__main__":
    unittest.main()
