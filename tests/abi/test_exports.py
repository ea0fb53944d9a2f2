# SPDX-License-Identifier: Apache-2.0
"""Shows that every plugin this build made exports turret_entry and nothing else, has a build id and
carries the Turret note as an allocated note section, which the loader maps with the file."""

import os
import pathlib
import re
import subprocess
import unittest

PLUGINS = sorted(pathlib.Path(os.environ["TURRET_PLUGINS"]).glob("*.so"))
FIXTURES = pathlib.Path(os.environ["TURRET_BUILD"]) / "fixtures"
CXX = [FIXTURES / "cxx_indicator.so", FIXTURES / "cxx_strategy.so"]


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def exports(path):
    """Names of the defined dynamic symbols."""
    return [line.split()[-1] for line in run("nm", "-D", "--defined-only", path).splitlines()]


def sections(path):
    """Name to type and flags of every section."""
    found = {}
    for line in run("readelf", "-SW", path).splitlines():
        match = re.match(r"\s*\[\s*\d+\]\s+(\S+)\s+([A-Z_]+)\s+[0-9a-f]+\s+[0-9a-f]+\s+[0-9a-f]+"
                         r"\s+[0-9a-f]+\s+([A-Z]*)\s", line)
        if match:
            found[match[1]] = (match[2], match[3])
    return found


class Exports(unittest.TestCase):
    def test_there_are_plugins(self):
        names = {path.stem for path in PLUGINS}
        sources = pathlib.Path(os.environ["TURRET_SOURCE"]) / "plugins"
        expected = {path.stem for path in sources.glob("*/*.c")}
        self.assertLessEqual({"ma_cross", "weighted_signals"}, expected)
        self.assertEqual(expected - names, set(), "sources without a plugin")

    def test_one_symbol(self):
        for path in PLUGINS + CXX:
            with self.subTest(plugin=path.name):
                self.assertEqual(exports(path), ["turret_entry"])

    def test_notes(self):
        for path in PLUGINS + CXX:
            with self.subTest(plugin=path.name):
                found = sections(path)
                self.assertEqual(found.get(".note.turret"), ("NOTE", "A"))
                self.assertEqual(found.get(".note.gnu.build-id"), ("NOTE", "A"))
                self.assertRegex(run("readelf", "-nW", path), r"Build ID: [0-9a-f]{40}\b")

    def test_bound_at_load(self):
        for path in PLUGINS + CXX:
            with self.subTest(plugin=path.name):
                dynamic = run("readelf", "-dW", path)
                self.assertRegex(dynamic, r"\bNOW\b")
                self.assertNotRegex(dynamic, r"\bTEXTREL\b|libstdc\+\+")

    def test_a_second_export_is_noticed(self):
        self.assertEqual(exports(FIXTURES / "no_symbol.so"), [])
        self.assertEqual(exports(FIXTURES / "two_symbols.so"), ["turret_entry", "turret_other"])
        self.assertNotIn(".note.turret", sections(FIXTURES / "note_missing.so"))


if __name__ == "__main__":
    unittest.main()
