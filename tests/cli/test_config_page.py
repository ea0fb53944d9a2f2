# SPDX-License-Identifier: Apache-2.0
"""Shows that the manual page turret.yaml(5) has the very keys that are read, section by section,
the values that the development preset sets, and an example that is good."""
import os
import re
import unittest

from turret_cli import INVALID, SOURCE, Case

# A key nobody knows in each section: the message says which are known there.
PROBE = """
turret: 1
mode: paper
zqzqzqzq: 1
plugins: [{path: ., zqzqzqzq: 1}]
venues: {v: {adapter: a, reconcile: {zqzqzqzq: 1}, zqzqzqzq: 1}}
instruments: {I.v: {tick: 1, currency: USD, zqzqzqzq: 1}}
strategies:
  s:
    plugin: p
    on: I.v
    size: {policy: x, zqzqzqzq: 1}
    limits: {zqzqzqzq: 1}
    protect: {atr: {period: 1, stop: 1, zqzqzqzq: 1}, zqzqzqzq: 1}
    zqzqzqzq: 1
risk: {preset: none, zqzqzqzq: 1}
swap: {zqzqzqzq: 1}
audit: {zqzqzqzq: 1}
backtest: {zqzqzqzq: 1}
"""
SECTIONS = {"": "The document", "plugins[0].": "plugins", "venues.v.": "venues",
            "venues.v.reconcile.": "reconcile",
            "instruments.I.v.": "instruments", "strategies.s.": "strategies",
            "strategies.s.size.": "size", "strategies.s.protect.": "protect",
            "strategies.s.protect.atr.": "protect.atr", "risk.": "risk", "swap.": "swap",
            "audit.": "audit", "backtest.": "backtest"}


class Page(Case):
    def setUp(self):
        super().setUp()
        with open(os.path.join(SOURCE, "docs", "turret.yaml.5"), encoding="utf-8") as file:
            self.page = file.read()

    def sections(self):
        """Key to text, by section."""
        parts = re.split(r"^\.Ss (.*)$", self.page.split("\n.Sh FILES")[0], flags=re.M)
        found = {}
        for name, body in zip(parts[1::2], parts[2::2]):
            items = re.split(r"^\.It Cm (.*)$", body.split("\n.El")[0], flags=re.M)
            found[name] = dict(zip(items[1::2], items[2::2]))
        return found

    def read_keys(self):
        """What the reader knows, by the path before the key."""
        told = self.refused(INVALID, "zqzqzqzq", "config", "check", "--no-plugins",
                            self.write("probe.yaml", PROBE))
        return {path: keys.split(", ") for path, keys in re.findall(
            r"error: (.*)zqzqzqzq is not a known key; known here: (.*)$", told, re.M)}

    def test_keys(self):
        known, page = self.read_keys(), self.sections()
        limits = known.pop("strategies.s.limits.")
        self.assertEqual(set(known), set(SECTIONS))
        for path, keys in known.items():
            self.assertEqual(list(page[SECTIONS[path]]), keys, path)
        self.assertEqual(["preset", "rules"] + limits, known["risk."])

    def test_what_is_required(self):
        """Left out, each is asked for."""
        told = self.refused(INVALID, "is missing", "config", "check", "--no-plugins",
                            self.write("empty.yaml", "store: x\nplugins: [{}]\nvenues: {v: {}}\n"
                                       "instruments: {I.v: {}}\nstrategies: {s: {}}\n"
                                       "backtest: {}\n"))
        asked = set(re.findall(r"error: (\S+) is missing", told))
        page = self.sections()
        said = {path + key for path, section in SECTIONS.items() if path != "risk."
                for key, text in page[section].items() if text.startswith("\nRequired.")}
        self.assertEqual(asked, said)
        told = self.refused(INVALID, "is missing", "config", "check", "--no-plugins",
                            self.write("risk.yaml", "turret: 1\nmode: paper\nrisk: {}\n"))
        self.assertEqual(re.findall(r"error: (\S+) is missing", told), ["risk.preset"])
        self.assertTrue(page["risk"]["preset"].startswith("\nRequired."))

    def test_development(self):
        shown = self.ok("config", "show", self.write(
            "dev.yaml", "turret: 1\nmode: paper\nrisk: {preset: development}\n"))
        rows = dict(re.findall(r"^  (\w+): (\S+)$", shown.split("risk:")[1].split("swap:")[0],
                               re.M))
        self.assertEqual(rows.pop("preset"), "development")
        for key, value in rows.items():
            self.assertIn(f"\nDevelopment: {value}.", self.sections()["risk"][key], key)

    def test_example(self):
        example = re.search(r"^\.Bd -literal\n(.*?)^\.Ed", self.page, re.M | re.S).group(1)
        path = self.write("example.yaml", example)
        self.env["TURRET_PLUGINS"] = os.environ["TURRET_PLUGINS"]
        self.assertIn("is good", self.ok("config", "check", path))


if __name__ == "__main__":
    unittest.main()
