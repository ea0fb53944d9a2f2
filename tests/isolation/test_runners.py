# SPDX-License-Identifier: Apache-2.0
"""
Shows what isolation: process keeps and what a lost runner costs. Strategies, indicators and the
simulated venue in runners trade as they do in the daemon, to the last fill, in paper and in a
backtest. A runner that is killed from outside costs one callback: its strategy is shown DEGRADED
with the reason, its working orders are cancelled, it starts again by itself; the rest goes on. Lost
six times, it is QUARANTINED until a person starts it. No runner outlives the daemon, whichever way
that ends. What was lost is in the journal, which replays to the same bytes.
"""
import os
import re
import signal
import unittest

from isolation_rig import IsolationCase, PLUGINS
from fixtures import made_up_bars

CROSS = "{plugin: ma_cross, on: AAA.sim@1m, params: {fast: 2, slow: 4, size: 10, kind: %s}}"
BACKTEST = """
turret: 1
mode: backtest
store: store
plugins:
  - {path: %s}
venues:
  sim: {adapter: sim, cash: {USD: 100000}, params: {commission_min: 1}}
instruments:
  AA.sim: {tick: 0.01, lot: 1, currency: USD}
strategies:
  cross: {plugin: ma_cross, on: AA.sim@1m, params: {fast: 3, slow: 8, size: 10}}
  votes: {plugin: weighted_signals, on: AA.sim@1m}
risk: {preset: development}
"""
ALL = [name[:-3] for name in os.listdir(PLUGINS) if name.endswith(".so")]


class Runners(IsolationCase):
    def attack(self, what):
        return "{plugin: test.attack, on: AAA.sim@1m, params: {what: %s}}" % what

    def run_to_end(self, config):
        daemon = self.start(config)
        self.assertEqual(daemon.end(), 0, "\n".join(daemon.said[-20:]))
        self.assertEqual(self.runners(), [])
        return daemon

    def state_of(self, name):
        status = self.json("status", "--store", "store")
        return next(row for row in status["strategies"] if row["name"] == name)

    def wait_state(self, daemon, name, state, turns=600):
        for _ in range(turns):
            row = self.state_of(name)
            if row["state"] == state:
                return row
            daemon.drain(0.05)
        self.fail(f"{name} is {row}, not {state}: " + "\n".join(daemon.said[-20:]))

    def test_same_fills(self):
        strategies = {"one": CROSS % "sma", "two": CROSS % "ema",
                      "three": "{plugin: weighted_signals, on: AAA.sim@1m}"}
        self.put("own", *ALL)
        self.configure(strategies, "in.yaml", "in", bars=400, pace=0)
        self.run_to_end("in.yaml")
        for name in os.listdir(self.path("own")):
            os.rename(self.path(f"own/{name}"), self.path(f"isolated/{name}"))
        self.configure(strategies, "out.yaml", "out", bars=400, pace=0)
        daemon = self.run_to_end("out.yaml")
        self.assertEqual(self.faults(daemon), {})
        self.assertFalse([line for line in daemon.said if "venue sim: its runner" in line])
        fills = self.fills_of("in", "one", "two", "three")
        self.assertGreater(len(fills), 100)
        self.assertEqual(self.fills_of("out", "one", "two", "three"), fills)
        self.replays_equal("out")

    def test_same_backtest(self):
        bars = self.write("bars.csv", made_up_bars(4, 3000, 60))
        self.ok("data", "import", "--store", "store", "--series", "AA", "--timeframe", "1m",
                "--time-format", "epoch_s", bars)
        results = []
        for folder in (PLUGINS, PLUGINS + ", isolation: process"):
            self.write("backtest.yaml", BACKTEST % folder)
            result = self.json("backtest", "backtest.yaml", "--fills", self.path("fills.csv"))
            with open(self.path("fills.csv"), encoding="ascii") as fills:
                results.append((fills.read(), result["fills"], result["end_equity"]))
        self.assertGreater(results[0][1], 100)
        self.assertEqual(results[0], results[1])
        self.assertEqual(self.runners(), [])

    def run_with(self, isolated):
        """A daemon in which each of these strategies runs as said."""
        daemon = self.start()
        for name, apart in isolated.items():
            self.assertEqual(self.wait_state(daemon, name, "RUNNING")["isolated"], apart, name)
        self.assertEqual(daemon.end(signal.SIGTERM), 0)

    def test_recalled_from_the_store(self):
        """A build whose directory left the configuration stays in its runner, or out of one."""
        self.put("own", "sim", "sma", "accumulate")
        self.put("isolated", "ma_cross")
        self.configure({"cross": CROSS % "sma",
                        "buyer": "{plugin: accumulate, on: AAA.sim@1m, params: {orders: 9999}}"},
                       pace=20)
        with open(self.path("turret.yaml"), encoding="utf-8") as file:
            text = file.read()
        apart = {"cross": True, "buyer": False}
        self.run_with(apart)
        os.unlink(self.path("own/accumulate.so"))
        self.write("turret.yaml", text.replace("  - {path: isolated, isolation: process}\n", ""))
        for _ in range(2):  # the first recovers under the configuration of before
            self.run_with(apart)
        os.unlink(self.path("isolated/ma_cross.so"))
        self.write("turret.yaml", text)
        for _ in range(2):  # what a directory asks for is not meant for what lies in none
            self.run_with(apart)
        self.replays_equal("store")

    def test_killed_from_outside(self):
        self.put("own", "sim", "accumulate")
        self.put("isolated", "ma_cross", "sma")
        self.put("isolated", "test_attack")
        self.configure({"cross": CROSS % "sma", "counts": self.attack("sorts"),
                        "buyer": "{plugin: accumulate, on: AAA.sim@1m, params: {orders: 9999}}"},
                       pace=20)
        daemon = self.start()
        self.assertTrue(self.wait_state(daemon, "cross", "RUNNING")["isolated"])
        self.assertFalse(self.state_of("buyer")["isolated"])
        for pid in self.runners():  # the strategies' and the indicator's
            os.kill(pid, signal.SIGKILL)
        row = self.wait_state(daemon, "cross", "DEGRADED")
        self.assertEqual(row["fault"], "ended by SIGKILL")
        self.assertEqual(self.state_of("buyer")["state"], "RUNNING")
        before = self.state_of("buyer")["orders"]
        self.wait_state(daemon, "cross", "RUNNING")
        self.wait_state(daemon, "counts", "RUNNING")
        self.assertEqual(len(self.runners()), 3, "one a strategy, one for the indicator")
        self.assertGreater(self.state_of("buyer")["orders"], before)
        self.assertEqual(daemon.end(signal.SIGTERM), 0)
        self.assertEqual(self.runners(), [])
        again = self.start()
        self.wait_state(again, "cross", "RUNNING")
        self.assertEqual(again.end(signal.SIGTERM), 0)
        self.replays_equal("store")  # lost in the same calls: one has counted each bar it got

    def test_many_at_once(self):
        """Restarted together and lost again together: each loss is told and planned for once."""
        self.put("own", "sim", "sma")
        self.put("isolated", "test_attack")
        names = [f"dies-{number}" for number in range(12)]
        self.configure({name: self.attack("aborts") for name in names}, pace=20)
        daemon = self.start()
        for name in names:
            self.wait_for_line(daemon, f"strategy {name}: its orders are cancelled; it starts again"
                                       " in 4 s")
        self.assertEqual(daemon.end(signal.SIGTERM), 0)
        for name in names:
            told = [line for line in daemon.said if f"strategy {name}: " in line]
            self.assertEqual(told, [
                text for seconds in (1, 2, 4) for text in (
                    f"turret: fault: strategy {name}: its runner ended by SIGABRT",
                    f"turret: strategy {name}: its orders are cancelled; it starts again in "
                    f"{seconds} s")])
        self.replays_equal("store")

    def reload(self, daemon, strategies):
        before = sum("is in force" in line for line in daemon.said)
        self.configure(strategies, pace=20)
        for _ in range(600):
            if sum("is in force" in line for line in daemon.said) > before:
                return
            daemon.drain(0.05)
        self.fail("no reload: " + "\n".join(daemon.said[-20:]))

    def test_lost_in_a_reload(self):
        """One that dies in the on_start() of a reload starts again; a later loss replays, too."""
        self.put("own", "sim", "sma")
        self.put("isolated", "test_attack")
        self.configure({"one": self.attack("sorts"), "counts": self.attack("sorts")}, pace=20)
        daemon = self.start()
        self.wait_state(daemon, "one", "RUNNING")
        self.reload(daemon, {"one": self.attack("dies_at_start"), "counts": self.attack("sorts")})
        self.assertEqual(self.wait_state(daemon, "one", "DEGRADED")["fault"], "ended by SIGABRT")
        self.wait_for_line(daemon, "strategy one: its orders are cancelled; it starts again in 2 s")
        for pid in self.runners():
            os.kill(pid, signal.SIGKILL)
        self.wait_for_line(daemon, "strategy counts: its runner ended by SIGKILL")
        self.wait_state(daemon, "counts", "RUNNING")
        self.assertEqual(daemon.end(signal.SIGTERM), 0)
        self.replays_equal("store")

    def test_left_and_came_back(self):
        """Lost, out of the configuration when its restart was due, back, lost in its on_start()."""
        self.put("own", "sim", "sma")
        self.put("isolated", "test_attack")
        late, bad = {"late": self.attack("aborts")}, {"bad": self.attack("dies_at_start")}
        self.configure({**late, **bad}, pace=20)
        daemon = self.start()
        self.wait_for_line(daemon, "strategy bad: its orders are cancelled; it starts again in 1 s")
        self.reload(daemon, late)
        self.wait_for_line(daemon, "strategy late: its orders are cancelled; it starts again in 2 s")
        self.reload(daemon, {**late, **bad})
        self.wait_for_line(daemon, "strategy bad: its orders are cancelled; it starts again in 2 s")
        self.assertEqual(daemon.end(signal.SIGTERM), 0)

    def test_stopped_behind_a_reload(self):
        """`turret stop --all` plans no restart, and what it stopped is shown STOPPED."""
        self.put("own", "sim", "sma")
        self.put("isolated", "test_attack")
        strategies = {"good": self.attack("none"), "bad": self.attack("aborts")}
        self.configure(strategies, pace=20)
        daemon = self.start()
        self.wait_for_line(daemon, "strategy bad: its orders are cancelled; it starts again in 4 s")
        self.reload(daemon, {**strategies, "more": self.attack("none")})
        self.assertEqual(self.state_of("bad")["state"], "DEGRADED")
        self.ok("stop", "--all", "--store", "store")
        for name in ("good", "bad", "more"):
            self.wait_state(daemon, name, "STOPPED")
        self.assertEqual(daemon.end(signal.SIGTERM), 0)
        self.assertEqual(len([line for line in daemon.said if "bad: its orders" in line]), 3)

    def test_orders_do_not_outlive_it(self):
        self.put("own", "sim", "sma")
        self.put("isolated", "test_attack")
        self.configure({"leaves": self.attack("leaves_order")}, pace=20)
        daemon = self.start()
        row = self.wait_state(daemon, "leaves", "DEGRADED")
        self.assertEqual(row["fault"], "ended by SIGABRT")
        for _ in range(100):
            if self.json("status", "--store", "store")["working_orders"] == 0:
                break
            daemon.drain(0.05)
        self.assertEqual(daemon.end(signal.SIGTERM), 0)
        orders = self.json("orders", "--all", "--store", "store")
        self.assertGreaterEqual(len(orders), 3, "bars 3 to 5 asked for one each")
        self.assertEqual({order["state"] for order in orders}, {"CANCELED"}, orders)
        self.replays_equal("store")

    def test_lost_at_start(self):
        """Whoever dies or hangs in on_start() keeps nobody else from starting."""
        self.put("own", "sim", "sma", "accumulate")
        self.put("isolated", "test_attack")
        self.configure({"dies": self.attack("dies_at_start"), "hangs": self.attack("hangs_at_start"),
                        "buyer": "{plugin: accumulate, on: AAA.sim@1m, params: {orders: 9999}}"},
                       pace=20)
        daemon = self.start()
        self.assertEqual(self.wait_state(daemon, "dies", "DEGRADED")["fault"], "ended by SIGABRT")
        self.assertIn("no answer", self.wait_state(daemon, "hangs", "DEGRADED")["fault"])
        self.assertEqual(self.state_of("buyer")["state"], "RUNNING")
        self.wait_for_line(daemon, "strategy dies: its orders are cancelled; it starts again in 2 s")
        self.assertEqual(daemon.end(signal.SIGTERM), 0)
        again = self.start()
        self.wait_state(again, "dies", "DEGRADED")
        self.assertEqual(again.end(signal.SIGTERM), 0)
        self.replays_equal("store")

    def test_reload(self):
        """A changed configuration starts new runners with the fields of the old ones."""
        self.put("own", "sim")
        self.put("isolated", "ma_cross", "sma")
        self.configure({"cross": CROSS % "sma"}, pace=20)
        daemon = self.start()
        before = self.runners()
        self.configure({"cross": CROSS.replace("10", "20") % "sma", "more": CROSS % "sma"}, pace=20)
        self.wait_for_line(daemon, "is in force")
        self.assertEqual(self.state_of("more")["state"], "RUNNING")
        self.assertEqual(len(self.runners()), 3)
        self.assertEqual(len(set(self.runners()) & set(before)), 1, "only the indicator's stays")
        self.assertEqual(daemon.end(signal.SIGTERM), 0)
        self.replays_equal("store")

    def test_orders_may_stay(self):
        self.put("own", "sim", "sma")
        self.put("isolated", "test_attack")
        self.configure({"leaves": self.attack("leaves_order")[:-1] + ", on_crash: keep}"}, pace=20)
        daemon = self.start()
        self.wait_state(daemon, "leaves", "DEGRADED")
        self.assertEqual(self.json("status", "--store", "store")["working_orders"], 3)
        self.assertEqual(daemon.end(signal.SIGTERM), 0)

    def test_quarantine(self):
        self.put("own", "sim", "sma")
        self.put("isolated", "test_attack")
        self.configure({"bad": self.attack("aborts"), "good": self.attack("none")}, pace=20)
        daemon = self.start()
        row = self.wait_state(daemon, "bad", "QUARANTINED", 1500)
        self.assertEqual(row["fault"], "ended by SIGABRT")
        self.wait_for_line(daemon, "turret start bad")
        delays = [int(match.group(1)) for line in daemon.said
                  for match in [re.search(r"bad: .* starts again in (\d+) s", line)] if match]
        self.assertEqual(delays, [1, 2, 4, 8, 16])
        self.assertEqual(self.state_of("good")["state"], "RUNNING")
        self.assertEqual(len(self.runners()), 1)
        self.ok("start", "bad", "--store", "store")
        self.wait_state(daemon, "bad", "DEGRADED")  # tried again at once, from 1 s on
        self.ok("stop", "bad", "--store", "store")
        self.wait_state(daemon, "bad", "STOPPED")
        self.assertEqual(daemon.end(signal.SIGTERM), 0)
        self.replays_equal("store")

    def test_killed_daemon_leaves_none(self):
        self.put("isolated", *ALL)
        self.configure({"cross": CROSS % "sma"}, pace=20)
        daemon = self.start()
        self.assertEqual(len(self.runners()), 3, "a strategy, an indicator, a venue")
        daemon.end(signal.SIGKILL)
        for _ in range(500):
            if not self.runners():
                break
            daemon.process.poll()
        self.assertEqual(self.runners(), [])
        again = self.start()
        self.wait_state(again, "cross", "RUNNING")
        self.assertEqual(again.end(signal.SIGTERM), 0)
        self.replays_equal("store")

    def test_hostile_directory(self):
        """Plugins that crash or hang while they are loaded are refused; the others load."""
        self.put("own", "sim")
        self.put("isolated", "ma_cross", "sma")
        with open(self.path("isolated/ma_cross.so"), "rb") as file:
            whole = file.read()
        with open(self.path("isolated/cut.so"), "wb") as file:
            file.write(whole[:4000])
        self.configure({"cross": CROSS % "sma"}, bars=50, pace=0)
        daemon = self.run_to_end("turret.yaml")
        self.assertTrue([line for line in daemon.said if "cut.so" in line])


if __name__ == "__main__":
    unittest.main()
