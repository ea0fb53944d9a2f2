# SPDX-License-Identifier: Apache-2.0
"""Shows `turret new` with an installed prefix: each kind builds, passes its tests and (strategy,
broker) trades without being edited, within the commands and lines that are promised; what a
directory argument does; and what is refused, leaving nothing behind."""
import json
import os
import subprocess
import unittest

from sdk_rig import BUILD, Case, SOURCE, outside

TEMPLATES = os.path.join(SOURCE, "plugin-api", "sdk", "templates")


def lines(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read().count("\n")


class Made(Case):
    def test_strategy_trades_in_three_commands(self):
        self.sh("turret new strategy my-cross")
        self.assertTrue(self.trades("my-cross"))  # cd my-cross; turret paper .
        self.sh("turret journal verify && turret replay", "my-cross")
        self.assertEqual(self.passed("my-cross"), ["my-cross-check"])
        self.assertLess(lines(self.folder, "my-cross", "strategy.c"), 60)
        self.assertLessEqual(lines(self.folder, "my-cross", "CMakeLists.txt"), 5)

    def test_strategy_backtests(self):
        self.sh("turret new strategy acme.cross --dir here")
        made = self.sh("turret data make --series DEMO --timeframe 1m --bars 5000 --seed 3", "here")
        self.assertIn("synthetic", made[0])
        first = json.loads(self.sh("turret backtest . --json", "here")[0])
        again = json.loads(self.sh("turret backtest here --json")[0])
        self.assertEqual(first["bars"], 5000)
        self.assertGreater(first["trades"], 10)
        self.assertEqual(first["hash"], again["hash"])
        self.assertEqual(first["strategies"][0]["plugin"], "acme.cross")

    def test_indicator(self):
        self.sh("turret new indicator acme.follow")
        self.sh("cmake -B build && cmake --build build", "follow")
        self.assertEqual(self.passed("follow"), ["follow-check", "follow-values"])
        self.assertLess(lines(self.folder, "follow", "indicator.c"), 40)
        self.assertIn("acme.follow", self.sh("turret plugin info build/follow.so", "follow")[0])

    def test_indicator_test_can_fail(self):
        self.sh("turret new indicator follow")
        self.sh("sed -i 's|bar->high / 3|bar->high / 2|' indicator.c", "follow")
        self.sh("cmake -B build && cmake --build build", "follow")
        self.assertIn("gave", self.sh("build/follow-test", "follow", code=1)[0])

    def test_broker(self):
        self.sh("turret new broker acme")
        first = self.trades("acme")
        again = self.trades("acme", before=len(first))
        self.assertEqual(again[:len(first)], first)  # it carries on
        self.sh("turret journal verify && turret replay", "acme")
        self.assertEqual(self.passed("acme"), ["acme-check"])
        self.assertLess(lines(self.folder, "acme", "broker.c"), 200)

    def test_what_was_made(self):
        out = json.loads(self.sh("turret new --json strategy a.b")[0])
        self.assertEqual((out["id"], out["name"], out["directory"]), ("a.b", "b", "b"))
        self.assertEqual(sorted(out["files"]), sorted(os.listdir(os.path.join(self.folder, "b"))))
        self.assertEqual(sorted(out["files"]), sorted(os.listdir(TEMPLATES + "/strategy")))
        for name in out["files"]:
            with open(os.path.join(self.folder, "b", name), encoding="utf-8") as file:
                text = file.read()
            self.assertNotIn("SPDX", text)
            self.assertNotRegex(text, "@[A-Z]+@")

    def test_words_that_mean_something_elsewhere(self):
        for name in ("int", "m", "turret", "true", "a-1_b", "x" * 32):
            self.sh(f"turret new strategy {name} && cd {name} && "
                    "turret config check --no-plugins turret.yaml && turret paper . --for 1")


class Directories(Case):
    def test_a_mistake_is_the_compiler_s(self):
        self.sh("turret new strategy cross")
        self.sh("echo 'int broken(' >> strategy.c", "cross")
        out, err = self.sh("turret paper . --for 1", "cross", code=3)
        self.assertEqual(out, "")
        self.assertIn("+ cmake --build build", err)
        self.assertIn("strategy.c:", err)
        self.assertIn("'cmake --build build' ended with 2; what is wrong is above", err)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "cross", "var")))

    def test_a_rebuild_is_noticed(self):
        self.sh("turret new strategy cross")
        self.sh("turret data make -s DEMO -t 1m --bars 500 && turret backtest .", "cross")
        self.sh("sed -i 's/Moving-average cross/Another summary/' strategy.c", "cross")
        self.sh("turret backtest .", "cross")
        self.assertIn("Another", self.sh("turret plugin info build/cross.so", "cross")[0])

    def test_no_project(self):
        self.assertIn("no turret.yaml", self.sh("turret paper . --for 1", code=3)[1])

    def test_no_cmake(self):
        self.sh("turret new strategy cross")
        self.env["PATH"] = os.path.join(self.prefix, "bin")
        done = subprocess.run([os.path.join(self.prefix, "bin", "turret"), "backtest", "cross"],
                              cwd=self.folder, env=self.env, capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("install it", done.stderr)


class Refused(Case):
    def refuses(self, line, phrase, code=2):
        self.assertIn(phrase, self.sh("turret new " + line, code=code)[1])
        self.assertEqual(os.listdir(self.folder), [])

    def test_kinds(self):
        self.refuses("strategi x", "unknown kind 'strategi'; did you mean 'strategy'?")
        self.refuses("zzz x", "expected strategy, indicator or broker")

    def test_names(self):
        for name in ("../x", "X", "1x", "-- -x", "a/b", "a.", ".a", "a.b.c", "x" * 33, "'a b'",
                     "\"$(printf 'a\\nb')\"", "@ID@", "''", "é"):
            self.refuses(f"strategy {name}", "is not a letter and then")
        self.refuses("strategy test", "CMake's own")
        self.refuses("indicator " + "v" * 20 + "." + "x" * 30, "more than 47")

    def test_places(self):
        self.refuses("strategy x --dir no/where", "cannot be made: No such file", code=1)
        self.refuses("strategy x --dir /dev/null/x", "cannot be made: Not a directory", code=1)
        self.sh("mkdir x && touch x/kept")
        self.assertIn("x exists", self.sh("turret new strategy x", code=3)[1])
        self.assertEqual(os.listdir(os.path.join(self.folder, "x")), ["kept"])

    def test_no_templates(self):
        self.env["TURRET_TEMPLATES"] = "/nowhere"
        self.refuses("strategy x", "TURRET_TEMPLATES", code=3)
        self.env["TURRET_TEMPLATES"] = TEMPLATES
        self.sh("turret new strategy x")

    def test_half_a_project_is_taken_back(self):
        self.sh("mkdir -p t/strategy/b.folder && echo a > t/strategy/a")
        self.env["TURRET_TEMPLATES"] = os.path.join(self.folder, "t")
        self.assertIn("b.folder", self.sh("turret new strategy x", code=1)[1])
        self.assertEqual(os.listdir(self.folder), ["t"])


class BuildTree(Case):
    def test_works_uninstalled(self):
        self.env = outside(BUILD, self.folder)
        self.sh("turret new strategy cross && cd cross && cmake -B build && cmake --build build && "
                "turret paper . --for 1")


if __name__ == "__main__":
    unittest.main()
