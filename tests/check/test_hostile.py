# SPDX-License-Identifier: Apache-2.0
"""Shows that the conformance kit finds what is wrong with each plugin of tests/hostile: exactly the
checks that cases.tsv lists fail, the first of them with the text that it gives, nothing outlives the
run and nothing is left in the private directory."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

TURRET = os.environ["TURRET"]
BUILD = pathlib.Path(os.environ["TURRET_BUILD"]) / "hostile"
CASES = pathlib.Path(__file__).parents[1] / "hostile" / "cases.tsv"


def cases():
    lines = CASES.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


def is_instrumented():
    dynamic = subprocess.run(["readelf", "-dW", BUILD / "rpath.so"], capture_output=True,
                             text=True, check=True).stdout
    return re.search(r"lib(?:a|t|ub)san\.so|libclang_rt", dynamic) is not None


class Hostile(unittest.TestCase):
    def test_the_list_and_the_folder_agree(self):
        sources = {path.stem for path in CASES.parent.glob("*.c*") if path.suffix in (".c", ".cc")}
        self.assertEqual({case[0] for case in cases()}, sources)
        self.assertGreaterEqual(len(sources), 60)

    def test_each_fails_where_it_should(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, checks, phrase in cases():
                with self.subTest(plugin=name):
                    done = subprocess.run(
                        [TURRET, "plugin", "check", BUILD / f"{name}.so", "--json", "--timeout",
                         "4" if name.startswith("loop") else "40"],
                        capture_output=True, text=True, check=False, timeout=300,
                        env=dict(os.environ, TMPDIR=folder, HOME=folder))
                    calm = checks == "-"
                    self.assertEqual(done.returncode, 0 if calm else 1, done.stderr)
                    failed = {line["id"]: line["text"]
                              for line in json.loads(done.stdout)["checks"]
                              if line["outcome"] == "FAIL"}
                    level = json.loads(done.stdout)["level"]
                    if calm:
                        self.assertEqual((failed, level), ({}, 4))
                        continue
                    self.assertEqual(set(failed), set(checks.split(",")), failed)
                    self.assertIn(phrase, failed[checks.split(",")[0]])
                    self.assertLess(level, 4)
            self.assertEqual(os.listdir(folder), [])


if __name__ == "__main__":
    if is_instrumented():
        print("skipped: a sanitizer answers most of these before the kit does")
        sys.exit(77)
    unittest.main()
