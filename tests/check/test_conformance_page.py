# SPDX-License-Identifier: Apache-2.0
"""Shows that docs/conformance.md lists the checks that exist, that ids, groups and globs choose what
they say, and that exit codes, --json and wrong usage are as the manual says."""

import json
import os
import pathlib
import re
import subprocess
import unittest

TURRET = os.environ["TURRET"]
SOURCE = pathlib.Path(os.environ["TURRET_SOURCE"])
PLUGINS = pathlib.Path(os.environ["TURRET_PLUGINS"])
FIXTURES = pathlib.Path(os.environ["TURRET_BUILD"]) / "fixtures"


def check(*arguments):
    return subprocess.run([TURRET, "plugin", "check", *map(str, arguments)], capture_output=True,
                          text=True, check=False, timeout=300)


def rows():
    done = check("--list", "--json")
    return json.loads(done.stdout)


class Page(unittest.TestCase):
    def test_the_page_equals_the_table(self):
        text = (SOURCE / "docs" / "conformance.md").read_text(encoding="utf-8")
        found = re.findall(r"^\| ([a-z]+-[a-z-]+) \| (\w+) \| ([a-z, ]+) \| (.+) \|$", text, re.M)
        expected = [(row["id"], str(row["level"] or "probe"), row["kinds"], row["shows"])
                    for row in rows()]
        self.assertEqual(found, expected)

    def test_ids_are_unique_and_levels_known(self):
        ids = [row["id"] for row in rows()]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertGreater(len(ids), 60)
        self.assertEqual({row["level"] for row in rows()}, {0, 1, 2, 3, 4})


class Choosing(unittest.TestCase):
    def ran(self, *arguments):
        done = check(PLUGINS / "sma.so", "--json", *arguments)
        self.assertEqual(done.returncode, 0, done.stdout)
        return [line["id"] for line in json.loads(done.stdout)["checks"]]

    def test_id_group_and_glob(self):
        self.assertEqual(self.ran("--only", "elf-tls"), ["elf-tls"])
        self.assertEqual(self.ran("--only", "market-*", "--skip", "market-gap"),
                         [row["id"] for row in rows()
                          if row["id"].startswith("market-") and row["id"] != "market-gap"])
        self.assertEqual(self.ran("--only", "load"), self.ran("--only", "load-*"))

    def test_levels(self):
        levels = {row["id"]: row["level"] for row in rows()}
        for level in (1, 2, 3, 4):
            ran = self.ran("--level", level)
            self.assertEqual(max(levels[name] for name in ran), level)
            self.assertNotIn("probe-run", ran)

    def test_the_level_is_not_claimed_for_a_part(self):
        done = json.loads(check(PLUGINS / "sma.so", "--json", "--skip", "elf-rpath").stdout)
        self.assertEqual(done["level"], 0)
        done = json.loads(check(PLUGINS / "sma.so", "--json", "--level", "2").stdout)
        self.assertEqual(done["level"], 2)

    def test_the_probe_is_silent_and_quick(self):
        for name in ("sma", "ma_cross", "sim"):
            done = check(PLUGINS / f"{name}.so", "--only", "probe")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertRegex(done.stdout, r"\A2 passed, 0 failed, 1 skipped; level 0 of 4\n\Z")
            seconds = [line["seconds"] for line in
                       json.loads(check(PLUGINS / f"{name}.so", "--only", "probe",
                                        "--json").stdout)["checks"]]
            self.assertLess(sum(seconds), 2.0)  # 0.04 on an idle machine


class Usage(unittest.TestCase):
    def test_wrong_usage(self):
        for arguments, phrase in ((("--level", "5"), "whole number from 1 to 4"),
                                  (("--only", "nothing"), "is no check"),
                                  (("--timeout", "0"), "expected 0.01 to"),
                                  (("--timeout", "x"), "expected 0.01 to"),
                                  (("--seed", "-1"), "whole number from 0"), ((), "needs a FILE")):
            with self.subTest(arguments=arguments):
                done = check(*([PLUGINS / "sma.so"] if arguments else []), *arguments)
                self.assertEqual(done.returncode, 2)
                self.assertIn(phrase, done.stderr)

    def test_no_plugin_at_all(self):
        for name in ("text", "empty", "directory", "fifo", "cut_in_header", "note_missing",
                     "nothing_here"):
            with self.subTest(file=name):
                done = check(FIXTURES / f"{name}.so")
                self.assertEqual((done.returncode, done.stdout), (3, ""))
                self.assertIn(name, done.stderr)

    def test_the_seed_repeats(self):
        runs = [json.loads(check(PLUGINS / "ma_cross.so", "--json", "--only",
                                 "determinism-same", "--seed", seed).stdout)["checks"][0]["text"]
                for seed in (7, 7, 8)]
        self.assertEqual(runs[0], runs[1])
        self.assertNotEqual(runs[0], runs[2])


if __name__ == "__main__":
    unittest.main()
