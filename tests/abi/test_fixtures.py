# SPDX-License-Identifier: Apache-2.0
"""Shows that fixtures.tsv and the built fixtures agree, that the canary sings when a fixture is
loaded, and that a cut or patched file differs from a good plugin only where its fault lies. What
the host answers to them is shown where the loader is tested."""

import ctypes
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).parent
BUILD = pathlib.Path(os.environ["TURRET_BUILD"])
FIXTURES = BUILD / "fixtures"
BASE = BUILD / "abi" / "base.so"
CORE = HERE.parents[1] / "plugin-api" / "include" / "turret" / "core.h"
ABSENT = {"nothing_here.so"}
CHANGED_BYTES_MAX = 48  # the longest patch is a whole id


def rows():
    text = (HERE / "fixtures.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]


def is_instrumented():
    """Whether this build's plugins want a sanitizer's runtime, which python does not bring."""
    dynamic = subprocess.run(["readelf", "-dW", BASE], capture_output=True, text=True,
                             check=True).stdout
    return re.search(r"lib(?:a|t|ub)san\.so|libclang_rt", dynamic) is not None


NOT_HERE = "sanitized plugins need a sanitized program; the other presets load them"


def load(path, canary):
    """Loads a plugin in a process of its own; answers its exit code."""
    code = f"import ctypes; ctypes.CDLL({str(path)!r}, {os.RTLD_NOW | os.RTLD_LOCAL})"
    env = dict(os.environ, TURRET_CANARY=str(canary))
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True,
                          check=False).returncode


class Fixtures(unittest.TestCase):
    def test_the_list_is_sound(self):
        statuses = set(re.findall(r"#define (TURRET_(?:OK|E[A-Z]+)) ",
                                  CORE.read_text(encoding="utf-8")))
        self.assertIn("TURRET_EVERSION", statuses)
        names = [row[0] for row in rows()]
        self.assertEqual(len(names), len(set(names)))
        for name, status, phrase, stage in rows():
            with self.subTest(fixture=name):
                self.assertIn(status, statuses)
                self.assertIn(stage, ("before", "any"))
                self.assertEqual(phrase == "-", status == "TURRET_OK")

    def test_the_list_and_the_folder_agree(self):
        listed = {row[0] for row in rows()}
        self.assertEqual(set(os.listdir(FIXTURES)), listed - ABSENT)

    @unittest.skipIf(is_instrumented(), NOT_HERE)
    def test_the_canary_sings(self):
        with tempfile.TemporaryDirectory() as folder:
            canary = pathlib.Path(folder) / "canary"
            for name in ("good_indicator.so", "good_strategy.so", "good_broker.so",
                         "note_newer_minor.so", "fingerprint_bar_size.so", "note_missing.so"):
                with self.subTest(fixture=name):
                    self.assertEqual(load(FIXTURES / name, canary), 0)
                    self.assertIn("fixture.", canary.read_text(encoding="utf-8"))
                    canary.unlink()
            self.assertNotEqual(load(FIXTURES / "unresolved_symbol.so", canary), 0)
            self.assertFalse(canary.exists())

    def test_one_fault_each(self):
        base = BASE.read_bytes()
        for name, *_ in rows():
            path = FIXTURES / name
            if not name.startswith(("cut_", "elf_", "fingerprint_", "note_")):
                continue
            if name == "note_missing.so":
                continue
            with self.subTest(fixture=name):
                data = path.read_bytes()
                if name.startswith("cut_"):
                    self.assertLess(len(data), len(base))
                    self.assertEqual(data, base[:len(data)])
                else:
                    self.assertEqual(len(data), len(base))
                    changed = [i for i in range(len(base)) if base[i] != data[i]]
                    self.assertTrue(1 <= len(changed) <= CHANGED_BYTES_MAX, changed)

    def test_the_special_files_are_special(self):
        self.assertTrue((FIXTURES / "directory.so").is_dir())
        self.assertTrue((FIXTURES / "fifo.so").is_fifo())
        self.assertTrue((FIXTURES / "dangling_link.so").is_symlink())
        self.assertFalse((FIXTURES / "dangling_link.so").exists())
        self.assertEqual((FIXTURES / "unreadable.so").stat().st_mode & 0o777, 0)
        self.assertEqual((FIXTURES / "empty.so").stat().st_size, 0)

    @unittest.skipIf(is_instrumented(), NOT_HERE)
    def test_the_good_ones_have_an_entry(self):
        for name, status, *_ in rows():
            if status == "TURRET_OK":
                with self.subTest(fixture=name):
                    library = ctypes.CDLL(str(FIXTURES / name), os.RTLD_NOW | os.RTLD_LOCAL)
                    size = ctypes.c_uint32.in_dll(library, "turret_entry").value
                    self.assertEqual(size, 80)


if __name__ == "__main__":
    unittest.main()
