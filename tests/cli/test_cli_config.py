# SPDX-License-Identifier: Apache-2.0
"""Shows that `turret config` and `turret plugin` tell mistakes with their place and the right exit
code, check what a configuration names against the plugins there are, and leave nothing behind."""
import json
import os
import shutil
import unittest

from fixtures import PLUGINS
from turret_cli import INVALID, PARTLY, SOURCE, Case

DEMO = os.path.join(SOURCE, "configs", "demo.yaml")


STARTS = """turret: 1
mode: paper
store: store
plugins:
  - path: {plugins}
venues:
  sim: {{adapter: sim, cash: {{USD: 1000000}}, params: {{market: synthetic}}}}
instruments:
  AAA.sim: {{tick: 0.01, lot: 1, currency: USD}}
risk: {{preset: development}}
strategies:
  one: {{{one}}}
  two: {{{two}}}
"""


class Config(Case):
    def changed(self, old, new):
        """The demo with one text replaced."""
        with open(DEMO, encoding="utf-8") as file:
            text = file.read()
        self.assertIn(old, text)
        return self.write("changed.yaml", text.replace(old, new, 1))

    def test_check_of_the_demo(self):
        self.assertIn("is good", self.ok("config", "check", DEMO))
        self.assertIn("is good", self.ok("config", "check", "-C", DEMO))
        self.assertTrue(self.json("config", "check", DEMO)["good"])
        self.env["TURRET_CONFIG"] = DEMO
        self.assertIn("is good", self.ok("config", "check"))

    def test_check_tells_the_place_once(self):
        path = self.changed("mode: paper", "mode: papr")
        text = self.refused(INVALID, "changed.yaml:", "config", "check", path)
        self.assertIn("did you mean 'paper'?", text)
        self.assertEqual(text.count("error:"), 1)
        done = self.run_turret("--json", "config", "check", path)
        self.assertEqual(json.loads(done.stderr)["error"]["exit"], INVALID)

    def test_check_asks_the_plugins(self):
        path = self.changed("adapter: sim", "adapter: simm")
        self.assertIn("venues.sim", self.refused(INVALID, "simm", "config", "check", path))
        self.assertIn("is good", self.ok("config", "check", "--no-plugins", path))
        path = self.changed("start_price: 100", "start_price: hundred")
        self.assertIn("hundred", self.refused(INVALID, "changed.yaml:", "config", "check", path))

    def test_check_starts_the_strategies(self):
        path = self.write("changed.yaml", STARTS.format(
            plugins=PLUGINS, one="plugin: ma_cross, on: AAA.sim@1m, params: {fast: 80, slow: 60}",
            two="plugin: weighted_signals, on: AAA.sim@1m"))
        line = STARTS.splitlines().index("  one: {{{one}}}") + 1
        text = self.refused(INVALID, "strategy one does not start", "config", "check", path)
        self.assertIn(f"changed.yaml:{line}:", text)
        self.assertEqual(text.count("error:"), 1)
        self.assertIn("is good", self.ok("config", "check", "--no-plugins", path))
        self.refused(INVALID, "strategy one does not start", "run", path)

    def test_check_tells_refused_files_and_missing_indicators(self):
        os.mkdir(self.path("plugins"))
        for name in ("sim.so", "ma_cross.so"):
            shutil.copy(os.path.join(PLUGINS, name), self.path("plugins"))
        path = self.write("changed.yaml", STARTS.format(
            plugins="plugins", one="plugin: ma_cross, on: AAA.sim@1m",
            two="plugin: ma_cross, on: AAA.sim@1m"))
        text = self.refused(INVALID, "no indicator 'sma'", "config", "check", path)
        self.assertEqual(text.count("error:"), 2)
        shutil.copy(os.path.join(PLUGINS, "sma.so"), self.path("plugins"))
        self.assertIn("is good", self.ok("config", "check", path))
        self.write("plugins/text.so", "no plugin")
        done = self.run_turret("config", "check", path)
        self.assertEqual(done.returncode, PARTLY, done.stderr)
        self.assertIn("text.so", done.stderr)
        self.assertIn("1 file of its plugin directories was refused", done.stdout)

    def test_missing_file(self):
        text = self.refused(INVALID, "absent.yaml", "config", "check", "absent.yaml")
        self.assertEqual(len(text.splitlines()), 1)

    def test_show_loads_again_and_differs_in_nothing(self):
        shown = self.write("shown.yaml", self.ok("config", "show", DEMO))
        self.assertIn("is good", self.ok("config", "check", "--no-plugins", shown))
        self.assertEqual(self.json("config", "show", DEMO)["yaml"], self.ok("config", "show", DEMO))
        self.assertEqual(self.ok("config", "diff", DEMO, shown), "")
        self.assertEqual(self.json("config", "diff", DEMO, shown), {"same": True, "lines": []})

    def test_diff(self):
        path = self.changed("commission_per_unit: 0.005", "commission_per_unit: 0.006")
        lines = self.ok("config", "diff", DEMO, path).splitlines()
        self.assertTrue(any(l.startswith("-") and "0.005" in l for l in lines), lines)
        self.assertTrue(any(l.startswith("+") and "0.006" in l for l in lines), lines)
        self.assertEqual(self.json("config", "diff", DEMO, path), {"same": False, "lines": lines})
        self.refused(INVALID, "absent", "config", "diff", DEMO, "absent")


class Plugins(Case):
    def test_list(self):
        offers = self.json("plugin", "list")
        self.assertEqual({o["kind"] for o in offers}, {"strategy", "indicator", "broker"})
        for offer in offers:
            self.assertTrue(offer["summary"] and offer["build_id"] and offer["version"])
        only = self.ok("plugin", "list", "--kind", "broker", "--plain").splitlines()
        self.assertEqual([line.split("\t")[1] for line in only],
                         [o["id"] for o in offers if o["kind"] == "broker"])
        self.assertEqual(os.listdir(self.folder), [])

    def test_list_tells_refused_files(self):
        os.mkdir(self.path("plugins"))
        self.write("plugins/text.so", "no plugin")
        done = self.run_turret("plugin", "list", "--plugins", self.path("plugins"))
        self.assertEqual((done.returncode, done.stdout), (PARTLY, ""))
        self.assertIn("text.so", done.stderr)
        self.assertIn("1 file was refused", done.stderr)
        self.refused(INVALID, "absent", "plugin", "list", "--plugins", self.path("absent"))

    def test_info(self):
        text = self.ok("plugin", "info", "ma_cross")
        for phrase in ("plugin ABI", "build id: ", "strategy ", "fast", "2 to 500 bars"):
            self.assertIn(phrase, text)
        told = self.json("plugin", "info", "ma_cross")
        self.assertEqual(told[0]["parameters"][0]["name"], "fast")
        self.assertEqual(self.json("plugin", "info", told[0]["file"])[0]["id"], told[0]["id"])
        self.refused(INVALID, "did you mean", "plugin", "info", "ma_crosss")
        self.refused(INVALID, "absent.so", "plugin", "info", "absent.so")
        self.assertNotIn("offers", told[0])  # a strategy has no venue
        self.assertEqual(os.listdir(self.folder), [])

    def test_info_tells_what_a_venue_offers(self):
        text = self.ok("plugin", "info", "sim")
        for row in (r"orders +market, limit, stop, stop_limit\n", r"times in force +GTC, DAY, IOC, FOK\n",
                    r"post-only +no\n", r"modify +yes\n", r"dead man's timer +no\n"):
            self.assertRegex(text, row)
        offers = self.json("plugin", "info", "sim")[0]["offers"]
        self.assertEqual(offers["order_types"], ["market", "limit", "stop", "stop_limit"])
        self.assertEqual(offers["times_in_force"], ["GTC", "DAY", "IOC", "FOK"])
        self.assertEqual({key for key, there in offers.items() if there is True},
                         {"reduce_only", "modify", "cancel_all", "subscribe", "simulated"})
        fake = os.path.join(os.environ["TURRET_BUILD"], "venue-plugins", "test_adapter.so")
        offers = self.json("plugin", "info", fake)[0]["offers"]
        self.assertEqual({key for key, there in offers.items() if there is True},
                         {"modify", "dead_man", "server_time", "subscribe"})
        self.assertRegex(self.ok("plugin", "info", "replay"), r"orders +none\n")

    def test_info_opens_an_adapter_as_its_venue_says(self):
        config = self.write("tape.yaml", """\
turret: 1
mode: paper
store: var
plugins:
  - path: ${TURRET_PLUGINS}
venues:
  tape: {adapter: replay, params: {file: nowhere.csv}}
risk: {preset: development}
""")
        self.assertTrue(self.json("plugin", "info", "replay")[0]["offers"]["simulated"])
        self.assertIn("what its venue offers is not known: nowhere.csv: No such file",
                      self.ok("plugin", "info", "replay", "--config", config))
        self.assertIsNone(self.json("plugin", "info", "replay", "--config", config)[0]["offers"])
        self.assertTrue(self.json("plugin", "info", "sim", "--config", config)[0]["offers"]["modify"])
        with open(config, encoding="utf-8") as file:
            text = file.read()
        apart = self.write("apart.yaml", text.replace("PLUGINS}\n",
                                                      "PLUGINS}\n    isolation: process\n"))
        self.assertIn("is not known: it runs in a process of its own",
                      self.ok("plugin", "info", "sim", "--config", apart))


if __name__ == "__main__":
    unittest.main()
