# SPDX-License-Identifier: Apache-2.0
"""
Shows that the audit tells of a session: its start and end, what ran, every command with who asked
and what was answered, refused ones too, every configuration, refused ones too, every limit that was
changed, every denial with its limit; that a restart carries the chain on, also after kill -9; that
heads lost from the heads file are told; that the configuration says where key and heads lie; and that
`turret audit` and `turret journal verify` say so.
"""
import json
import os
import signal
import unittest

from fault_rig import Case, DONE, FAILED, INVALID, PLUGINS, USAGE

CONFIG = """
turret: 1
mode: paper
store: store
plugins: [{{path: {plugins}}}]
venues:
  sim:
    adapter: sim
    cash: {{USD: 1000000}}
    seed: 7
    params: {{market: synthetic, pace_ms: 1}}
instruments:
  AAA.sim: {{tick: 0.01, lot: 1, currency: USD}}
strategies:
  cross:
    plugin: ma_cross
    on: AAA.sim@1m
    params: {{fast: 2, slow: 4, size: 100}}
    limits: {{max_order_qty: {most}}}
risk: {{preset: development}}
{more}
"""
STORE = ("--store", "store")


class Audit(Case):
    def configure(self, most, more=""):
        self.write("turret.yaml", CONFIG.format(plugins=PLUGINS, most=most, more=more))

    def records(self, kind, *arguments):
        return [record["fields"] for record in
                self.json("audit", "--all", "--kind", kind, *arguments, *STORE)]

    def verified(self, *arguments):
        return self.json("journal", "verify", *arguments, *STORE)["audit"]

    def run_session(self, most=50, more=""):
        self.configure(most, more)
        daemon = self.start()
        self.assertIsNotNone(daemon.until("8 times by now"))
        return daemon

    def test_denials(self):
        self.assertEqual(self.run_session().end(signal.SIGTERM), DONE)
        orders = [order for order in self.json("orders", "--all", *STORE)
                  if order["state"] == "DENIED"]
        denials = self.records("denial")
        self.assertEqual([int(denial["order"]) for denial in denials],
                         [order["id"] for order in orders])
        for denial in denials:
            self.assertEqual([denial[name] for name in ("strategy", "what", "code", "limit",
                                                        "account", "own", "instrument", "qty")],
                             ["cross", "order", "ORDER_QTY", "max_order_qty", "1000000", "50",
                              "AAA.sim", "100"])
            self.assertGreater(float(denial["mark"]), 0)

    def test_commands(self):
        daemon = self.run_session()
        pid = daemon.process.pid
        self.ok("pause", "cross", *STORE)
        self.assertNotEqual(self.turret("stop", "cros\r\nturret: all is well", *STORE).returncode,
                            DONE)
        self.ok("start", "cross", *STORE)
        self.ok("status", *STORE)
        self.ok("resume", *STORE)
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        commands = self.records("command")
        self.assertEqual([(command["command"], command["answer"]) for command in commands],
                         [("pause", "done"), ("stop", "refused"), ("start", "done"),
                          ("resume", "done")])
        for command in commands:
            self.assertRegex(command["by"], rf"^uid {os.getuid()} pid \d+$")
            self.assertNotEqual(command["by"], f"uid {os.getuid()} pid {pid}")
        self.assertEqual(json.loads(commands[1]["asked"])["strategy"],
                         "cros\r\nturret: all is well")
        self.assertIn("no strategy", commands[1]["why"])
        decisions = [(decision["what"], decision.get("strategy"))
                     for decision in self.records("decision")]
        self.assertEqual(decisions[0], ("cash", None))
        self.assertEqual(decisions[1:], [("pause", "cross"), ("start", "cross")])
        cash = self.records("decision")[0]
        self.assertEqual([cash.get(name) for name in ("venue", "value", "currency")],
                         ["sim", "1000000", "USD"])

    def test_trading_states(self):
        """Which scope, which state, who and why; never a strategy that has nothing to do with it."""
        daemon = self.run_session()
        self.ok("state", "venue", "sim", "halted", "--reason", "news", *STORE)
        self.ok("resume", "venue", "sim", "--reason", "over", *STORE)
        self.ok("state", "all", "killed", "--reason", "odd", *STORE)
        self.ok("resume", "all", "--killed", "--reason", "looked", *STORE)
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        decisions = self.records("decision")[-4:]
        self.assertEqual([[decision.get(name) for name in ("what", "scope", "name", "state", "why",
                                                           "strategy")]
                          for decision in decisions],
                         [["trading state", "venue", "sim", "HALTED", "news", None],
                          ["resume", "venue", "sim", "ACTIVE", "over", None],
                          ["trading state", "all", None, "KILLED", "odd", None],
                          ["resume killed", "all", None, "ACTIVE", "looked", None]])
        self.assertTrue(all(decision["who"] for decision in decisions))

    def test_flatten(self):
        """The word and its repetitions, and none of the looks at what became of it."""
        daemon = self.run_session()
        for words, code in ((("all",), DONE), (("strategy", "nobody"), INVALID)):
            done = self.turret("flatten", *words, "--reason", "enough", *STORE)
            self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        commands = self.records("command")
        self.assertEqual([(command["command"], command["answer"]) for command in commands],
                         [("flatten", "done"), ("flatten", "refused")])
        for command in commands:
            asked = json.loads(command["asked"])
            self.assertEqual((asked["reason"], asked["look"]), ("enough", False))

    def test_configurations(self):
        daemon = self.run_session()
        self.configure(60)
        self.assertIsNotNone(daemon.until("configuration version 2 is in force"))
        self.configure(-1)
        self.assertIsNotNone(daemon.until("configuration is refused"))
        self.configure(60, "swap: {probation: 5}")
        daemon.kill(signal.SIGHUP)
        self.assertIsNotNone(daemon.until("configuration version 3 is in force"))
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        self.assertEqual([(config["what"], config["cause"]) for config in self.records("config")
                          if config["cause"] != "SIGHUP"][:3],
                         [("in force", "first start"), ("in force", "file changed"),
                          ("refused", "file changed")])
        stored = self.json("config", "history", *STORE)
        self.assertEqual([config["hash"] for config in self.records("config")
                          if config["what"] == "in force"],
                         [version["hash"] for version in stored])
        path = "strategies.cross.limits.max_order_qty"
        self.assertEqual(self.records("limit"),
                         [{"limit": path, "from": "50", "to": "60", "config": "2"}])

    def test_starts_and_the_chain(self):
        daemon = self.run_session()
        daemon.end(signal.SIGKILL)
        daemon = self.start()
        self.assertIsNotNone(daemon.until("8 times by now"))
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        self.assertEqual([session["what"] for session in self.records("session")],
                         ["started", "started", "ended"])
        runs = [(code["what"], code["instance"]) for code in self.records("code")]
        self.assertEqual(set(runs), {("runs", "strategy cross"), ("runs", "venue sim")})
        verified = self.verified()
        self.assertEqual(verified["signed_record"], verified["records"])
        self.assertEqual(verified["signed_sequence"],
                         self.json("journal", "verify", *STORE)["last"])
        self.assertGreaterEqual(verified["heads"], 3)
        self.assertEqual(self.verified("--key", verified["key"]), verified)
        self.assertEqual(self.ok("audit", "--key", *STORE).strip(), verified["key"])
        other = "0" * 64
        self.assertEqual(self.turret("journal", "verify", "--key", other, *STORE).returncode, FAILED)
        self.assertEqual(self.turret("journal", "verify", "--key", "x", *STORE).returncode, USAGE)

    def test_lost_heads_are_told(self):
        self.assertEqual(self.run_session().end(signal.SIGTERM), DONE)
        heads = self.path("store/audit.heads")
        with open(heads, "rb") as file:
            lines = file.read().splitlines(True)
        os.unlink(heads)
        done = self.turret("journal", "verify", *STORE)
        self.assertEqual(done.returncode, FAILED)
        self.assertIn("is not there", done.stderr)
        daemon = self.start()
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        self.assertEqual(self.records("heads"), [{"added": str(len(lines) - 1)}])
        with open(heads, "rb") as file:
            self.assertEqual(file.read().splitlines(True)[:len(lines)], lines)
        self.verified()

    def test_elsewhere(self):
        os.mkdir(self.path("away"))
        more = "audit: {key: away/key, heads: away/heads}"
        self.assertEqual(self.run_session(more=more).end(signal.SIGTERM), DONE)
        self.assertEqual(sorted(os.listdir(self.path("away"))), ["heads", "key"])
        self.assertFalse([name for name in os.listdir(self.path("store"))
                          if name.startswith("audit")])
        self.assertEqual(self.turret("journal", "verify", *STORE).returncode, FAILED)
        self.verified("--heads", "away/heads")
        self.json("journal", "verify", "-C", "turret.yaml")
        os.rename(self.path("away/key"), self.path("away/gone"))
        daemon = self.start(ready=False)
        self.assertNotEqual(daemon.end(), DONE)
        self.assertIn("there is no such file", "\n".join(daemon.said))

    def test_an_old_copy_does_not_trade(self):
        self.assertEqual(self.run_session().end(signal.SIGTERM), DONE)
        with open(self.path("store/data.mdb"), "rb") as file:
            old = file.read()
        self.assertEqual(self.start().end(signal.SIGTERM), DONE)
        with open(self.path("store/data.mdb"), "wb") as file:
            file.write(old)
        daemon = self.start(ready=False)
        self.assertNotEqual(daemon.end(), DONE)
        self.assertIn("lost its end", "\n".join(daemon.said))

    def test_a_running_daemon_is_verified(self):
        self.configure(50)
        with open(self.path("turret.yaml"), encoding="utf-8") as file:
            text = file.read().replace("pace_ms: 1", "pace_ms: 0")
        self.write("turret.yaml", text)
        daemon = self.start()
        self.assertIsNotNone(daemon.until("512 times by now"))
        seen = set()
        while len(seen) < 5:  # it signs a head every 1,000 denials
            seen.add(self.verified()["heads"])
            daemon.drain()
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        self.assertGreater(self.verified()["heads"], max(seen))

    def test_listing(self):
        self.assertEqual(self.run_session().end(signal.SIGTERM), DONE)
        every = self.json("audit", "--all", *STORE)
        self.assertEqual([record["number"] for record in every],
                         list(range(1, len(every) + 1)))
        self.assertEqual(self.json("audit", "--limit", "3", *STORE), every[-3:])
        self.assertEqual(self.json("audit", "--all", "--since", every[5]["time"], *STORE),
                         [record for record in every if record["time"] >= every[5]["time"]])
        lines = self.ok("audit", "--all", "--plain", *STORE).splitlines()
        self.assertEqual(len(lines), len(every))
        self.assertEqual(self.turret("audit", "--kind", "x", *STORE).returncode, USAGE)
        self.assertEqual(self.turret("audit", "--since", "x", *STORE).returncode, USAGE)


if __name__ == "__main__":
    unittest.main()
