# SPDX-License-Identifier: Apache-2.0
"""
Shows that what people decide reaches what they meant: a stop and a reload asked for in the same
moment stop the strategy that was named, though the reload gives every strategy another place; a
daily loss that was reached closes the gate, also after a restart, until `turret resume` opens it,
which needs a reason, says from where losses are counted, and does nothing when nothing is latched;
a change of the file that would deny every order is refused.
"""
import contextlib
import json
import os
import signal
import socket
import unittest
from decimal import Decimal

from fault_rig import Case, DONE, PLUGINS, USAGE, person

HEAD = """
turret: 1
mode: paper
store: store
plugins:
  - path: {plugins}
venues:
  sim:
    adapter: sim
    cash: {{USD: 1000000}}
    seed: 7
    params: {{market: synthetic, pace_ms: {pace}, commission_per_unit: {fee}}}
instruments:
  AAA.sim: {{tick: 0.01, lot: 1, currency: USD}}
risk: {{preset: development{risk}}}
strategies:
"""


class Steering(Case):
    def configure(self, *strategies, pace=20, fee=0, risk=""):
        self.write("turret.yaml", HEAD.format(plugins=PLUGINS, pace=pace, fee=fee, risk=risk) +
                   "".join(f"  {name}: {{{text}}}\n" for name, text in strategies))

    def crosses(self, *names):
        self.configure(*((name, "plugin: ma_cross, on: AAA.sim@1m, params: {fast: 2, slow: 4, "
                                "size: 10}") for name in names))

    def ask(self, daemon, *requests):
        """All of them in one round of the daemon's loop, each on a connection of its own: it is
        held until all are sent. Answers the answers."""
        answers = []
        daemon.kill(signal.SIGSTOP)
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in requests]
            for client, request in zip(clients, requests):
                client.settimeout(20)
                client.connect(os.path.join(self.folder, "store", "control.sock"))
                client.sendall(json.dumps(request).encode() + b"\n")
            daemon.kill(signal.SIGCONT)
            for client in clients:
                with client.makefile("r", encoding="utf-8") as file:
                    answers.append(json.loads(file.readline()))
        return answers

    def states(self):
        return {one["name"]: one["state"]
                for one in self.json("status", "--store", "store")["strategies"]}

    def reload(self, daemon):
        """Asks until the store keeps up; a bounded number of times."""
        for _ in range(400):
            answer, = self.ask(daemon, {"command": "reload"})
            if answer["ok"] or answer["error"]["code"] != "EBUSY":
                return answer
            daemon.drain(0.01)
        self.fail("always busy")

    def test_stop_and_reload_at_once(self):
        """The place of the strategy meant is another one's after the reload: every place in turn,
        several times, sent in both orders."""
        names, reload = ["aa", "bb", "cc", "dd"], {"command": "reload"}
        self.crosses(*names)
        daemon = self.start(arguments=("--no-watch",))
        for turn in range(16):
            meant = names[turn % len(names)]
            stop = {"command": "stop", "strategy": meant}
            names = names[1:] + names[:1]
            self.crosses(*names)
            if turn % 2:
                stopped, loaded = self.ask(daemon, stop, reload)
            else:
                loaded, stopped = self.ask(daemon, reload, stop)
            self.assertEqual(stopped, {"ok": True, "strategies": [meant]})
            if not loaded["ok"]:
                self.assertEqual(loaded["error"]["code"], "EBUSY", loaded)
                self.assertTrue(self.reload(daemon)["ok"])
            expected = {name: "STOPPED" if name == meant else "RUNNING" for name in names}
            self.wait_for(daemon, lambda: self.states() == expected, f"turn {turn}: {meant}")
            self.ok("start", meant, "--store", "store")
            self.wait_for(daemon, lambda: set(self.states().values()) == {"RUNNING"}, "start")
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        self.assertEqual(self.json("config", "history", "--store", "store")[-1]["cause"],
                         "control socket")
        self.replays_equal("store")

    def wait_for(self, daemon, true, what):
        """Decisions wait for the store: a bounded number of looks."""
        for _ in range(100):
            if true():
                return
            daemon.drain(0.01)
        self.fail(f"{what}: {self.states()}")

    def test_resume(self):
        """Commissions eat the account: 1,000 of a million is reached soon."""
        self.configure(("buyer", "plugin: accumulate, on: AAA.sim@1m, params: {qty: 10, orders: "
                                 "1000000}"), pace=1, fee=3, risk=", daily_loss: 1000")
        daemon = self.start()
        self.assertIn("daily loss", daemon.until("daily loss") or "")
        self.assertIn("daily loss reached", self.trading())
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        orders = self.filled()
        daemon = self.start()
        self.assertIn("daily loss reached", self.trading())
        self.assertIsNotNone(daemon.until("denied"))
        self.assertEqual(self.filled(), orders)
        self.write("turret.yaml", self.read("turret.yaml").replace("daily_loss: 1000",
                                                                   "daily_loss: 100%"))
        line = daemon.until("is in force") or ""
        self.assertTrue(line.endswith("is in force: 1 change"), line)
        self.assertIn("daily loss reached", self.trading())  # a wider limit alone lifts nothing
        done = self.turret("resume", "--store", "store")
        self.assertEqual((done.returncode, done.stdout), (USAGE, ""))
        self.assertIn("needs --reason TEXT", done.stderr)
        self.assertIn("daily loss reached", self.trading())
        # what stands over all hides it, and it is lifted all the same
        self.ok("state", "strategy", "buyer", "reducing", "--reason", "x", "--store", "store")
        text = self.ok("resume", "--reason", "looked at it", "--store", "store")
        self.assertTrue(text.startswith("resumed: "), text)
        self.assertRegex(text, r"\naccount sim/USD: from \d{6,7}[.\d]* \(day\) and 1000000[.\d]* "
                               r"\(peak\) to 99\d{4}[.\d]*\n")
        self.assertRegex(text, r"\nstrategy buyer: from ")
        self.ok("state", "strategy", "buyer", "active", "--reason", "x", "--store", "store")
        self.wait_for(daemon, lambda: self.filled() > orders, "resume")
        self.assertEqual(self.trading(), "ACTIVE")
        self.assertEqual(self.json("resume", "--store", "store")["references"], [])
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        lifted, = (row["fields"] for row in self.json(
            "audit", "--all", "--kind", "decision", "--store", "store")
            if row["fields"]["what"] == "reset stops")
        self.assertEqual((lifted["who"], lifted["why"]), (person(), "looked at it"))
        self.replays_equal("store")

    def test_a_change_that_would_deny_everything(self):
        """Limits that nobody set: refused whole, and it trades on under the ones before."""
        self.crosses("one", "two")
        daemon = self.start()
        orders = self.filled()
        self.write("turret.yaml", self.read("turret.yaml").replace("preset: development",
                                                                   "preset: none"))
        self.assertIn("leaves 26 limits unset",
                      daemon.until("configuration is refused: turret.yaml:15:16: ") or "")
        status = self.json("status", "--store", "store")
        self.assertEqual(status["config_version"], 1)
        self.assertIn("leaves 26 limits unset", status["config_refused"])
        self.assertIn("\nthe changed configuration is REFUSED, the one before goes on: turret.yaml:15",
                      self.ok("status", "--store", "store"))
        self.assertIn("\nconfig_refused\tturret.yaml:15",
                      self.ok("--plain", "status", "--store", "store"))
        self.wait_for(daemon, lambda: self.filled() > orders, "fills")
        self.write("turret.yaml", self.read("turret.yaml").replace("preset: none",
                                                                   "preset: development"))
        self.wait_for(daemon, lambda: self.json("status", "--store", "store")["config_refused"]
                      is None, "the file in force again")
        self.assertNotIn("REFUSED", self.ok("status", "--store", "store"))
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)

    def test_rows_add_up(self):
        """Two strategies share an instrument and trade at different times: at every look all rows
        are valued at one mark, and what the strategies made is what the account made."""
        self.configure(("crosses", "plugin: ma_cross, on: AAA.sim@1m, params: {fast: 2, slow: 4, "
                                   "size: 10}"),
                       ("buyer", "plugin: accumulate, on: AAA.sim@1m, params: {qty: 10, orders: "
                                 "40}"), pace=2, fee=1)
        daemon = self.start()
        moved = set()
        for _ in range(60):
            daemon.drain(0.02)
            marks = {row["mark"] for row in
                     self.json("positions", "--all", "--store", "store") if row["mark"]}
            self.assertLessEqual(len(marks), 1)
            pnl = self.json("pnl", "--store", "store")
            made = sum(Decimal(row["total"]) for row in pnl["strategies"])
            self.assertEqual([made], [Decimal(row["profit"]) for row in pnl["accounts"]])
            moved.add(made)
        self.assertGreater(len(moved), 10)
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)

    def test_nothing_to_do_is_said(self):
        self.crosses("aa", "bb")
        daemon = self.start()
        venue, = self.json("status", "--store", "store")["venues"]
        sim, = (offer for offer in self.json("plugin", "list", "--plugins", PLUGINS)
                if offer["id"] == "turret.sim")
        self.assertEqual((venue["version"], venue["build"], venue["isolated"]),
                         (sim["version"], sim["build_id"], False))
        for reason in ((), ("--reason", "none")):
            self.assertEqual(self.ok("resume", *reason, "--store", "store"),
                             "nothing is latched; nothing was changed\n")
        self.ok("stop", "aa", "--store", "store")
        self.wait_for(daemon, lambda: self.states()["aa"] == "STOPPED", "stop")
        done = self.turret("pause", "--all", "--store", "store")
        self.assertEqual((done.returncode, done.stderr), (DONE, "bb: paused\naa: stays stopped\n"))
        self.wait_for(daemon, lambda: self.states() == {"aa": "STOPPED", "bb": "PAUSED"}, "pause")
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def filled(self):
        return len(self.json("fills", "--all", "--store", "store"))

    def trading(self):
        return self.json("status", "--store", "store")["trading"]


if __name__ == "__main__":
    unittest.main()
