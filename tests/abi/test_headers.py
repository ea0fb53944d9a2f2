# SPDX-License-Identifier: Apache-2.0
"""Shows that every public header compiles by itself, twice, and with the others in any order, and
that its macros make a plugin, as C11, C17 and C++11 to C++20 without a warning, with gcc and, where
it is installed, clang; and that the check notices a header that does not."""

import itertools
import os
import pathlib
import shutil
import subprocess
import unittest

SOURCE = pathlib.Path(os.environ.get("TURRET_SOURCE", pathlib.Path(__file__).parents[2]))
INCLUDE = SOURCE / "plugin-api" / "include"
HEADERS = sorted(f"turret/{path.name}" for path in (INCLUDE / "turret").glob("*.h"))
FLAGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]
C_STANDARDS = ["c11", "c17"]
CXX_STANDARDS = ["c++11", "c++14", "c++17", "c++20"]
COMPILERS = [(name, "c", C_STANDARDS) for name in ("gcc", "clang")]
COMPILERS += [(name, "c++", CXX_STANDARDS) for name in ("g++", "clang++")]


def compile_text(compiler, language, standard, text):
    """What the compiler says about this source; empty when it takes it."""
    command = [compiler, "-x", language, f"-std={standard}", *FLAGS, f"-I{INCLUDE}", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


def builds():
    """Every compiler at hand with every standard; the two of gcc must be there."""
    for compiler, language, standards in COMPILERS:
        if shutil.which(compiler):
            for standard in standards:
                yield compiler, language, standard
        elif compiler in ("gcc", "g++"):
            raise AssertionError(f"{compiler} is not installed")


def includes(headers):
    return "".join(f"#include <{header}>\n" for header in headers)


class Headers(unittest.TestCase):
    def check(self, text, what):
        for build in builds():
            with self.subTest(what=what, build=" ".join(build)):
                self.assertEqual(compile_text(*build, text), "")

    def test_there_are_headers(self):
        self.assertIn("turret/core.h", HEADERS)
        self.assertGreaterEqual(len(HEADERS), 6)

    def test_each_alone_and_twice(self):
        for header in HEADERS:
            self.check(includes([header, header]), header)

    def test_together_in_any_order(self):
        self.check(includes(HEADERS), "in order")
        self.check(includes(reversed(HEADERS)), "reversed")
        for first, second in itertools.permutations(HEADERS, 2):
            self.assertEqual(compile_text("gcc", "c", "c11", includes([first, second])), "",
                             f"{first} before {second}")

    def test_macros_make_plugins(self):
        folder = pathlib.Path(__file__).parent
        cross = SOURCE / "plugins" / "strategies" / "ma_cross.c"
        plugins = {"c": [cross, folder / "fixture.c"],
                   "c++": [folder / "cxx_indicator.cc", folder / "cxx_strategy.cc"]}
        for compiler, language, standard in builds():
            for path in plugins[language]:
                text = path.read_text(encoding="utf-8")
                if path.name == "fixture.c":
                    text = "#pragma GCC diagnostic ignored \"-Wunused-function\"\n" \
                           "#pragma GCC diagnostic ignored \"-Wunused-const-variable\"\n" + text
                with self.subTest(path=path.name, compiler=compiler, standard=standard):
                    self.assertEqual(compile_text(compiler, language, standard, text), "")

    def test_a_bad_header_is_noticed(self):
        bad = includes(HEADERS) + "struct grown { char first; struct turret_bar bar; };\n" \
            "TURRET_STATIC_ASSERT(sizeof(struct grown) == 65, \"grown\");\n"
        not_iso = includes(HEADERS) + "struct tail { int count; int none[0]; };\n"
        for build in builds():
            with self.subTest(build=" ".join(build)):
                self.assertIn("grown", compile_text(*build, bad))
                self.assertNotEqual(compile_text(*build, not_iso), "")


if __name__ == "__main__":
    unittest.main()
