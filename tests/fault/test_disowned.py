# SPDX-License-Identifier: Apache-2.0
"""
Shows that a strategy that holds a position cannot vanish unsaid: a start and a reload without it
are refused with what it holds, and leave nothing behind; put back it goes on with its position;
listed as disowned it may go, by a reload and by a start, the position is the account's alone, and
under its name a flat strategy may begin. All of it replays alike.
"""
import signal
import unittest

from fault_rig import Case, DONE, INVALID, PLUGINS

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
    params: {{market: synthetic, pace_ms: 5}}
instruments:
  AAA.sim: {{tick: 0.01, lot: 1, currency: USD}}
risk: {{preset: development}}
"""
BUYER = "plugin: accumulate, on: AAA.sim@1m, params: {qty: 10, orders: 1}"
CROSS = "plugin: ma_cross, on: AAA.sim@1m, params: {fast: 50, slow: 200, size: 10}"
WHAT = ("strategy buyer holds a position of 10 in AAA.sim and is gone from the configuration; put "
        "it back, or close the position first; if it shall stay with the account, take the name "
        "buyer out of strategies and list it in disowned")


class Disowned(Case):
    def configure(self, *strategies, disowned=""):
        listed = f"disowned: [{disowned}]\n" if disowned else ""
        self.write("turret.yaml", HEAD.format(plugins=PLUGINS) + listed + "strategies:\n" +
                   "".join(f"  {name}: {{{text}}}\n" for name, text in strategies))

    def held(self):
        """By whom, of what is not flat."""
        return {row["strategy"]: row["qty"]
                for row in self.json("positions", "--store", "store") if row["qty"] not in ("0", 0)}

    def until_held(self, daemon, what):
        for _ in range(1000):
            if self.held() == what:
                return
            daemon.drain(0.02)
        self.fail(f"{self.held()}, not {what}: " + "\n".join(daemon.said[-20:]))

    def bought(self):
        """A daemon whose buyer holds 10."""
        self.configure(("buyer", BUYER), ("cross", CROSS))
        daemon = self.start()
        self.until_held(daemon, {"buyer": "10", None: "10"})
        return daemon

    def versions(self):
        return len(self.json("config", "history", "--store", "store"))

    def refused_start(self):
        """Neither the configuration nor anything else is on record of it."""
        last = self.json("journal", "verify", "--store", "store")["last"]
        done = self.turret("run", "turret.yaml")
        self.assertEqual(done.returncode, INVALID, done.stderr)
        self.assertIn(WHAT, done.stderr)
        self.assertEqual(self.json("journal", "verify", "--store", "store")["last"], last)

    def test_a_start(self):
        daemon = self.bought()
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        self.configure(("cross", CROSS))
        self.refused_start()
        self.configure(("buyer", BUYER), ("cross", CROSS))  # put back: as if nothing had been
        daemon = self.start()
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        self.assertEqual(self.held(), {"buyer": "10", None: "10"})
        self.assertEqual(self.versions(), 1)
        self.configure(("cross", CROSS), disowned="buyer")
        daemon = self.start()
        self.until_held(daemon, {None: "10"})
        self.assertEqual(daemon.end(signal.SIGKILL), -signal.SIGKILL)
        self.assertIn("+ disowned[0]: buyer", self.json("config", "history", "--store",
                                                        "store")[-1]["diff"])
        self.configure(("cross", CROSS))  # it is not needed again
        daemon = self.start()
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        self.assertEqual(self.held(), {None: "10"})
        self.replays_equal("store")

    def test_a_reload(self):
        daemon = self.bought()
        self.configure(("cross", CROSS))
        self.assertIn(WHAT, daemon.until("configuration is refused") or "")
        self.configure(("buyer", BUYER), ("cross", CROSS), disowned="buyer")
        self.assertIn("still among the strategies", daemon.until("configuration is refused") or "")
        self.assertEqual(self.held(), {"buyer": "10", None: "10"})
        self.configure(("cross", CROSS), disowned="buyer")
        self.assertIsNotNone(daemon.until("configuration version 2 is in force"))
        self.until_held(daemon, {None: "10"})
        self.configure(("buyer", BUYER), ("cross", CROSS))
        self.assertIsNotNone(daemon.until("configuration version 3 is in force"))
        self.until_held(daemon, {"buyer": "10", None: "20"})  # it began flat, and bought anew
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        self.replays_equal("store")


if __name__ == "__main__":
    unittest.main()
