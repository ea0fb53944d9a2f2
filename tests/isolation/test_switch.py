# SPDX-License-Identifier: Apache-2.0
"""
Shows that it makes no difference to what a plugin does whether it runs in the daemon or apart, so
that an operator may change his mind between two starts of one store: strategies, indicators and
venue are switched back and forth, all together and one directory alone, after an orderly end and
after a kill, and each time they carry on where they stood and the whole journal replays to the same
bytes. What crashes in a runner is replayed in a runner, also where the journal begins in one process.
"""
import os
import signal
import unittest

from isolation_rig import IsolationCase, PLUGINS

ALL = [name[:-3] for name in os.listdir(PLUGINS) if name.endswith(".so")]
CROSS = "{plugin: ma_cross, on: AAA.sim@1m, params: {fast: 2, slow: 4, size: 10, kind: %s}}"
STRATEGIES = {
    "one": CROSS % "sma",
    "two": CROSS % "ema",
    "three": "{plugin: weighted_signals, on: AAA.sim@1m}",
    "four": "{plugin: accumulate, on: AAA.sim@1m, params: {orders: 99999}}",
}
IN, APART = "  - path: own\n", "  - {path: own, isolation: process}\n"
NEW_FILLS = 12  # of each strategy in each run


class Switch(IsolationCase):
    def text(self):
        with open(self.path("turret.yaml"), encoding="utf-8") as file:
            return file.read()

    def rows(self):
        return {row["name"]: row for row in self.json("status", "--store", "store")["strategies"]}

    def run_on(self, isolated, number=signal.SIGTERM):
        """Trades on until each strategy has new fills; `isolated`: the ones that must be."""
        daemon = self.start()
        first = self.rows()
        self.assertEqual({name for name, row in first.items() if row["isolated"]}, isolated)
        for _ in range(3000):
            now = self.rows()
            if all(now[name]["fills"] >= first[name]["fills"] + NEW_FILLS for name in now):
                break
            daemon.drain(0.02)
        else:
            self.fail(f"{now}\n" + "\n".join(daemon.said[-20:]))
        daemon.end(number)
        self.assertEqual(self.faults(daemon), {})
        self.assertFalse([line for line in daemon.said if "runner" in line or "not used" in line],
                         daemon.said)
        result = self.replays_equal("store")
        self.assertTrue(result["snapshot_equal"])
        return first

    def test_back_and_forth(self):
        self.put("own", *ALL)
        self.configure(STRATEGIES)
        text = self.text()
        before = {}
        for kind, number in ((IN, signal.SIGTERM), (APART, signal.SIGTERM), (IN, signal.SIGKILL),
                             (APART, signal.SIGKILL), (IN, signal.SIGTERM)):
            self.write("turret.yaml", text.replace(IN, kind))
            first = self.run_on(set(STRATEGIES) if kind == APART else set(), number)
            self.assertTrue(all(row["ready"] for row in first.values()) or not before,
                            "its indicators went on")
            for name, row in before.items():
                self.assertGreaterEqual(first[name]["fills"], row["fills"])
            before = first

    def test_one_directory(self):
        """The strategies of one plugin and an indicator move; what they work with stays."""
        self.put("own", *(name for name in ALL if name not in ("ma_cross", "sma")))
        self.put("isolated", "ma_cross", "sma")
        self.configure(STRATEGIES)
        apart = self.text()
        inside = apart.replace("  - {path: isolated, isolation: process}\n", "  - path: isolated\n")
        for text, isolated in ((apart, {"one", "two"}), (inside, set()), (apart, {"one", "two"})):
            self.write("turret.yaml", text)
            self.run_on(isolated)

    def test_crash_after_a_switch(self):
        """A replay in one process would die where the runner did."""
        attack = "{plugin: test.attack, on: AAA.sim@1m, params: {what: %s}}"
        self.put("own", "sim", "sma", "accumulate")
        self.put("isolated", "test_attack")
        self.configure({"bad": attack % "none", "four": STRATEGIES["four"]}, pace=10)
        apart = self.text()
        self.write("turret.yaml", apart.replace("  - {path: isolated, isolation: process}\n",
                                                "  - path: isolated\n"))
        daemon = self.start()
        self.assertFalse(self.rows()["bad"]["isolated"])
        self.assertEqual(daemon.end(signal.SIGTERM), 0)
        self.write("turret.yaml", apart.replace("what: none", "what: aborts"))
        daemon = self.start()
        self.assertTrue(self.rows()["bad"]["isolated"])
        self.wait_for_line(daemon, "strategy bad: its runner ended by SIGABRT")
        self.assertEqual(daemon.end(signal.SIGTERM), 0)
        self.replays_equal("store")


if __name__ == "__main__":
    unittest.main()
