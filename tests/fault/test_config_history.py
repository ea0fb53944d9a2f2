# SPDX-License-Identifier: Apache-2.0
"""
Shows that every configuration that came into force is kept with what it changed and why it was
taken: the first one, one edited while the daemon runs, one asked for by SIGHUP, one edited while
the daemon is stopped; also when --store names the store, after a restart; and that each one's text
is printed again. A refused edit leaves no version.
"""
import os
import re
import signal
import unittest

from fault_rig import Case, DONE, PLUGINS

CONFIG = """
turret: 1
mode: paper
store: elsewhere
plugins:
  - path: {plugins}
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
"""
STORE = ("--store", "store")


class History(Case):
    def configure(self, most):
        text = CONFIG.format(plugins=PLUGINS, most=most)
        self.write("turret.yaml", text)
        return text

    def history(self):
        return self.json("config", "history", *STORE)

    def changes(self, was, now):
        path = "strategies.cross.limits.max_order_qty"
        return [f"- {path}: {was}", f"+ {path}: {now}"]

    def test_versions(self):
        texts = [self.configure(1000)]
        daemon = self.start(arguments=STORE)
        texts.append(self.configure(900))
        self.assertIsNotNone(daemon.until("configuration version 2 is in force: 1 change"))
        self.configure(-1)
        self.assertIsNotNone(daemon.until("configuration is refused"))
        self.configure(900)
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        texts.append(self.configure(800))
        daemon = self.start(arguments=(*STORE, "--no-watch"))
        texts.append(self.configure(700))
        daemon.kill(signal.SIGHUP)
        self.assertIsNotNone(daemon.until("configuration version 4 is in force"))
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        daemon = self.start(arguments=STORE)  # unchanged: no new version; then an edit
        texts.append(self.configure(600))
        self.assertIsNotNone(daemon.until("configuration version 5 is in force: 1 change"))
        self.assertEqual(daemon.end(signal.SIGTERM), DONE)
        self.check(texts)

    def check(self, texts):
        versions = self.history()
        self.assertEqual([v["version"] for v in versions], [1, 2, 3, 4, 5])
        self.assertEqual([v["cause"] for v in versions],
                         ["first start", "file changed", "changed while stopped", "SIGHUP",
                          "file changed"])
        self.assertEqual([v["diff"] for v in versions],
                         [[], self.changes(1000, 900), self.changes(900, 800),
                          self.changes(800, 700), self.changes(700, 600)])
        self.assertEqual(versions[0]["sequence"], 1)
        self.assertEqual(sorted({v["sequence"] for v in versions}),
                         [v["sequence"] for v in versions])
        for version, text in zip(versions, texts):
            self.assertRegex(version["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
            number = str(version["version"])
            self.assertEqual(self.ok("config", "history", number, *STORE), text)
        shown = self.ok("config", "history", *STORE)
        self.assertEqual(re.findall(r"^version (\d)", shown, re.M), list("12345"))
        self.assertIn("    " + self.changes(900, 800)[1], shown)
        self.assertFalse(os.path.exists(self.path("elsewhere")))
        self.replays_equal("store")


if __name__ == "__main__":
    unittest.main()
