# SPDX-License-Identifier: Apache-2.0
"""Shows the command line's frame: what is refused and how, exit codes, suggestions, every way to
write an option, help for every command, colour only on terminals, closed and full outputs, the
manual page and the completion scripts."""
import json
import os
import re
import shutil
import subprocess
import unittest

from turret_cli import FAILED, INVALID, SOURCE, TURRET, UNREACHABLE, USAGE, Case


class Frame(Case):
    def commands(self):
        """Every command's words, from the overview."""
        text = self.ok("help")
        return [m.group(1) for m in re.finditer(r"^  ([a-z]+(?: [a-z]+)?)(?:  +|$)", text, re.M)]

    def test_no_command_prints_the_overview_as_usage(self):
        done = self.run_turret()
        self.assertEqual(done.returncode, USAGE)
        self.assertEqual(done.stdout, "")
        self.assertIn("usage: turret COMMAND", done.stderr)

    def test_version(self):
        self.assertRegex(self.ok("version"), r"^turret \d+\.\d+\.\d+, plugin ABI \d+\.\d+\n$")
        self.assertEqual(self.ok("--version"), self.ok("version"))
        self.assertEqual(set(self.json("version")), {"version", "abi_major", "abi_minor"})

    def test_help_of_every_command(self):
        commands = self.commands()
        self.assertIn("data import", commands)
        self.assertGreaterEqual(len(commands), 12)
        for command in commands:
            words = command.split()
            text = self.ok("help", *words)
            self.assertTrue(text.startswith(f"turret {command} - "), text)
            self.assertIn(f"usage: turret {command}", text)
            self.assertEqual(text, self.ok(*words, "--help"))
            self.assertEqual(text, self.ok("-h", *words))
            for line in text.splitlines():
                if not line.startswith(("usage:", "  turret", "  source")):
                    self.assertLess(len(line), 81, line)

    def test_bad_values_are_usage(self):
        """Without any store or daemon, and told before one is looked for."""
        for phrase, *words in (
                ("--wait is 'abc'; expected a whole number", "halt", "--wait", "abc"),
                ("--date", "statement", "--date", "foo"),
                ("--limit is 'many'", "orders", "--limit", "many"),
                ("--since 'soon'", "audit", "--since", "soon"),
                ("--for is '0'", "run", "--for", "0"),
                ("no trading state 'reducin'", "state", "all", "reducin", "--reason", "x"),
                ("no scope 'desk'", "state", "desk", "x", "halted", "--reason", "x"),
                ("no scope 'desk'", "resume", "desk", "x", "--reason", "x")):
            self.refused(USAGE, phrase, *words)

    def test_overview_lists_every_exit_code(self):
        text = self.ok("help")
        codes = text[text.index("Exit codes: "):].replace("\n", " ")
        self.assertEqual(re.findall(r"[ ]([0-9]) ", codes), list("01234567"))

    def test_help_of_groups(self):
        self.assertIn("data import", self.ok("help", "data"))
        self.assertEqual(self.ok("help", "data"), self.ok("data", "--help"))
        self.refused(USAGE, "'turret data' needs a command", "data")

    def test_unknown_command_suggests(self):
        self.refused(USAGE, "unknown command 'versoin'; did you mean 'version'?", "versoin")
        self.refused(USAGE, "unknown command 'data imprt'; did you mean 'data import'?", "data",
                     "imprt")
        self.refused(USAGE, "did you mean 'plugin'?", "plugn", "list")
        self.refused(USAGE, "did you mean 'config check'?", "help", "config", "chek")
        for word, meant in (("kill", "halt"), ("liquidate", "flatten"), ("cancel-all", "halt"),
                            ("panic", "halt"), ("unhalt", "resume"), ("shutdown", "stop"),
                            ("live", "run"), ("hlat", "halt")):
            self.refused(USAGE, f"unknown command '{word}'; did you mean '{meant}'?", word)
            self.assertIn(f"turret {meant}", self.ok("help", meant))
        text = self.refused(USAGE, "unknown command 'qqqqqqqq'\n", "qqqqqqqq")
        self.assertNotIn("did you mean", text)
        self.refused(USAGE, "unknown command", "x" * 500)

    def test_a_misspelt_halt_says_that_nothing_was_halted(self):
        for words in (("al",), ("all", "x"), ("strategy", "cross"), ("all", "--venue", "sim"),
                      ("--raeson", "x"), ("--wait", "soon")):
            text = self.refused(USAGE, "NOTHING was halted", "halt", *words)
            self.assertTrue(text.endswith("turret halt, without more, stops everything\n"), text)
            text = self.refused(USAGE, "NOTHING was halted", "--json", "halt", *words)
            self.assertEqual(json.loads(text)["error"]["exit"], USAGE)
        for words in (("all",), ("--reason", "x" * 99), ()):
            self.refused(INVALID, "NOTHING was halted", "halt", *words)  # there is no store
        self.assertNotIn("halted", self.refused(USAGE, "--reason", "resume", "all"))

    def test_no_store_says_where_and_what_to_do(self):
        """The default one, too, as when a command is run in a wrong directory."""
        build = self.path("build.so")
        for variable, path, who in ((self.store, self.store, "$TURRET_STORE"),
                                    ("", self.path("var/turret"), "the default: no --store")):
            self.env["TURRET_STORE"] = variable
            phrase = f"there is no store in {os.path.realpath(path)} ({who}"
            for code, *words in (
                    (INVALID, "orders"), (INVALID, "fills"), (INVALID, "positions"),
                    (INVALID, "pnl"), (INVALID, "statement"), (INVALID, "state"),
                    (INVALID, "audit"), (INVALID, "reconcile"), (INVALID, "replay"),
                    (INVALID, "journal", "verify"), (INVALID, "data", "list"),
                    (INVALID, "data", "verify"), (INVALID, "data", "export", "A"),
                    (INVALID, "config", "history"), (INVALID, "plugin", "history"),
                    (INVALID, "plugin", "blocked"), (INVALID, "plugin", "unblock", build),
                    (INVALID, "halt"), (UNREACHABLE, "status"), (UNREACHABLE, "stop", "--all"),
                    (UNREACHABLE, "flatten", "all", "--reason", "x"),
                    (UNREACHABLE, "resume", "--reason", "x"),
                    (UNREACHABLE, "plugin", "rollback", "x")):
                text = self.refused(code, phrase, *words)
                self.assertIn("run this in the directory of turret.yaml, or name", text)
        self.assertFalse(os.path.exists(self.path("var")))

    def test_the_end_of_a_long_path_is_shown(self):
        for path in (self.path("d" * 170 + "/store"), self.path("d" * 200 + "/" + "s" * 50)):
            self.refused(INVALID, f"store in {path} (--store): run", "orders", "--store", path)
        for letter in ("x", "\u00e9", "\u20ac", "x\u20ac", "xx\u20ac"):
            path = self.path("/".join(2 * [letter * (200 // len(letter.encode()))]) + "/store")
            for prefix, code, *words in (("", INVALID, "orders"), ("NOTHING was halted: ", INVALID, "halt"),
                                         ("no daemon runs, and ", UNREACHABLE, "status")):
                text = json.loads(self.refused(code, "error", "--json", *words, "--store", path))
                text = text["error"]["text"]
                self.assertTrue(text.endswith("; turret run or an import makes one"), text)
                shown = re.fullmatch(prefix + r"there is no store in \.\.\.(.+) \(--store\): run .*", text)
                self.assertIsNotNone(shown, text)
                self.assertTrue(path.endswith(shown.group(1)), text)
                self.assertGreater(len(shown.group(1).encode()), 290)
        config = self.path("c" * 150 + ".yaml")
        with open(config, "w", encoding="utf-8") as file:
            file.write("turret: 1\nstore: none\n: [\n")
        text = self.refused(INVALID, "/none (...c", "halt", "-C", config)
        self.assertIn("cccc.yaml): run this", text)

    def test_unknown_option_suggests(self):
        text = self.refused(USAGE, "unknown option '--timefram'; did you mean '--timeframe'?",
                            "data", "import", "--timefram", "1d")
        self.assertIn("see 'turret help data import'", text)
        self.refused(USAGE, "unknown option '--zzzzzz'\n", "version", "--zzzzzz")
        self.refused(USAGE, "unknown option '-z'", "version", "-z")

    def test_option_mistakes(self):
        self.refused(USAGE, "--json takes no value", "version", "--json=yes")
        self.refused(USAGE, "--store needs DIR", "data", "list", "--store")
        self.refused(USAGE, "needs --timeframe TIME", "data", "import", "-s", "X", "a.csv")
        self.refused(USAGE, "needs FILE", "data", "import", "-s", "X", "-t", "1d")
        self.refused(USAGE, "unexpected argument 'b'", "data", "verify", "a", "b")
        self.refused(USAGE, "--adjust is 'x'; expected none|split|total", "data", "import",
                     "--adjust=x", "-s", "X", "-t", "1d", "a.csv")
        self.refused(USAGE, "'turret version' takes no --store", "--store", "x", "version")
        self.refused(USAGE, "'turret completion' needs SHELL", "completion")

    def test_forms_of_options(self):
        bars = self.write("-odd.csv", "2013-10-07,1,1,1,1,1\n")
        for number, options in enumerate((
                ["--series", "A", "--timeframe", "1d"], ["--series=A", "--timeframe=1d"],
                ["-s", "A", "-t", "1d"], ["-sA", "-t1d"], ["--series=B", "-sA", "-t", "1d"])):
            for where in ("before", "behind"):
                store = self.path(f"store{number}{where}")
                end = [bars, *options] if where == "before" else [*options, bars]
                self.ok("--store", store, "data", "import", *end)
                self.assertIn("A", self.ok("data", "list", "--store=" + store, "--plain"))
        self.ok("data", "--json", "import", "-s", "A", "-t", "1d", "--", "-odd.csv")

    def test_errors_as_json(self):
        for code, arguments in ((USAGE, ["--json", "versoin"]),
                                (USAGE, ["--json", "data", "import"]),
                                (INVALID, ["--json", "data", "list"])):
            done = self.run_turret(*arguments)
            error = json.loads(done.stderr)["error"]
            self.assertEqual((done.returncode, error["exit"]), (code, code))
            self.assertIn(error["code"], ("EINVAL", "ENOTFOUND"))
            self.assertTrue(error["text"])

    def test_a_path_that_is_no_text_still_gives_json(self):
        done = subprocess.run([TURRET.encode(), b"--json", b"config", b"show", b"\xff\xfe.yaml"],
                              capture_output=True, env=self.env, check=False)
        self.assertEqual(done.returncode, INVALID)
        self.assertEqual(json.loads(done.stderr)["error"]["exit"], INVALID)

    def test_color_only_on_a_terminal_that_wants_it(self):
        self.assertNotIn("\033", self.ok("help"))
        self.assertIn("\033[1m", self.on_terminal("help")[0])
        self.assertNotIn("\033", self.on_terminal("help", "--plain")[0])
        self.env["NO_COLOR"] = "1"
        self.assertNotIn("\033", self.on_terminal("help")[0])
        self.env["NO_COLOR"] = ""
        self.assertIn("\033[1m", self.on_terminal("help")[0])
        self.env["TERM"] = "dumb"
        self.assertNotIn("\033", self.on_terminal("help")[0])

    def test_a_reader_that_leaves_is_no_crash(self):
        reader, writer = os.pipe()
        os.close(reader)  # before it starts, so that it cannot be done already
        done = subprocess.run([TURRET, "help", "--man"], stdout=writer, stderr=subprocess.PIPE,
                              env=self.env, check=False, timeout=60)
        os.close(writer)
        self.assertEqual((done.returncode, done.stderr), (FAILED, b""))

    def test_a_full_disk_is_told(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([TURRET, "help"], stdout=full, stderr=subprocess.PIPE, text=True,
                                  env=self.env, check=False)
        self.assertEqual(done.returncode, FAILED)
        self.assertIn("standard output: No space left", done.stderr)


class Manual(Case):
    def test_page_in_the_tree_is_the_printed_one(self):
        with open(os.path.join(SOURCE, "docs", "turret.1"), encoding="utf-8") as file:
            self.assertEqual(file.read(), self.ok("help", "--man"),
                             "renew it: turret help --man > docs/turret.1")

    def test_pages_lint(self):
        if not shutil.which("mandoc"):
            self.skipTest("mandoc is not installed")
        printed = self.write("turret.1", self.ok("help", "--man"))
        for page in (printed, os.path.join(SOURCE, "docs", "turret.yaml.5")):
            done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page],
                                  capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_page_has_every_option(self):
        if not shutil.which("mandoc"):
            self.skipTest("mandoc is not installed")
        page = self.write("turret.1", self.ok("help", "--man"))
        text = subprocess.run(["mandoc", "-T", "ascii", page], capture_output=True, text=True,
                              check=True).stdout
        text = re.sub(".\b", "", text)
        for option in set(re.findall(r"--[a-z-]+", self.ok("help", "data", "import"))):
            self.assertIn(option, text)


class Completion(Case):
    def complete(self, *words):
        """What bash offers for the last word."""
        script = self.write("complete.bash", self.ok("completion", "bash") + (
            'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _turret; printf "%s\\n" '
            '"${COMPREPLY[@]}"\n'))
        done = subprocess.run(["bash", "--norc", script, *words], capture_output=True, text=True,
                              check=True, env=self.env)
        return done.stdout.split()

    def test_bash_offers_what_fits(self):
        self.assertIn("data", self.complete("turret", ""))
        self.assertEqual(self.complete("turret", "vers"), ["version"])
        self.assertEqual(self.complete("turret", "data", "im"), ["import"])
        self.assertEqual(self.complete("turret", "data", "import", "--time-z"), ["--time-zone"])
        self.assertEqual(self.complete("turret", "data", "import", "--adjust", "s"), ["split"])
        self.assertEqual(self.complete("turret", "data", "import", "a.csv", "--pri"),
                         ["--price-divisor", "--price-scale"])
        self.assertNotIn("--series", self.complete("turret", "version", "--"))
        self.assertEqual(self.complete("turret", "new", "in"), ["indicator"])
        self.assertEqual(self.complete("turret", "new", "--d"), ["--dir"])
        self.assertEqual(self.complete("turret", "completion", "z"), ["zsh"])

    def test_scripts_parse(self):
        for shell, check in (("bash", ["bash", "-n"]), ("zsh", ["zsh", "-n"]),
                             ("fish", ["fish", "--no-execute"])):
            script = self.write(shell, self.ok("completion", shell))
            with open(script, encoding="utf-8") as file:
                text = file.read()
            for word in ("import", "price-divisor", "plugin"):
                self.assertIn(word, text)
            if shutil.which(shell):
                subprocess.run([*check, script], check=True, env=self.env)

    def test_unknown_shell(self):
        self.refused(USAGE, "did you mean 'zsh'?", "completion", "zhs")
        self.refused(USAGE, "expected bash, zsh or fish", "completion", "powershell")


if __name__ == "__main__":
    unittest.main()
