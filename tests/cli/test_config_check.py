# SPDX-License-Identifier: Apache-2.0
"""
Shows that `turret config check` finds what would deny every order or bind nothing, each with its
place, its value and what to do; that `turret run` and `turret backtest` refuse the same, as they do
a mode that is another command's; that configurations which are right pass; and that limits of 0,
venues without cash and an execution that is not enabled are warned of where nothing could be opened,
and of real money at a paper session's venue or by limits for simulated money.
"""
import os
import re
import unittest

from turret_cli import DONE, INVALID, SOURCE, Case

BUILD = os.environ.get("TURRET_BUILD", ".")
CONFIG = """\
turret: 1
mode: paper
store: store
plugins:
  - path: ${TURRET_PLUGINS}
  - path: plugins
venues:
  sim: {adapter: sim, cash: {USD: 1000000}, params: {market: synthetic, bars: 5, pace_ms: 0}}
instruments:
  AA.sim: {tick: 0.01, lot: 1, currency: USD}
strategies:
  asks: {plugin: ma_cross, on: AA.sim@1m}
  works: {plugin: work_twap, on: AA.sim@1m}
  hours: {plugin: rule_hours, on: AA.sim@1m, params: {from: 9.5, to: 16}}
risk: {preset: development}
"""
FAKE = ("fake: {adapter: test.venue, account: mine%s, params: {socket: s, answer_ms: 60, "
        "heartbeat_ms: 100}}\n")


class Check(Case):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("plugins"))

    def config(self, *changes):
        text = CONFIG
        for old, new in changes:
            self.assertIn(old, text)
            text = text.replace(old, new, 1)
        return self.write("turret.yaml", text)

    def mistakes(self, path, *wanted, command=("config", "check")):
        """Exactly these are told, each (line, start of the column's text, message)."""
        done = self.run_turret(*command, path)
        self.assertEqual(done.returncode, INVALID, done.stdout + done.stderr)
        errors = [line for line in done.stderr.splitlines() if ": error: " in line]
        self.assertEqual(len(errors), len(wanted), done.stderr)
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
        for error, (at, message) in zip(errors, wanted):
            number = next(i for i, line in enumerate(lines, 1) if at in line)
            column = lines[number - 1].index(at) + 1
            self.assertEqual(error, f"{path}:{number}:{column}: error: {message}")

    def test_what_is_right_passes(self):
        for number, changes in enumerate((
                (), (("development}", "development, rules: [hours]}"),),
                (("AA.sim@1m}\n  works", "AA.sim@1m, execution: works}\n  works"),))):
            path = self.config(*changes)
            self.assertIn("is good: 3 strategies on 1 instrument\n",
                          self.ok("config", "check", path))
            self.ok("run", path, "--store", self.path(f"store{number}"))

    def test_an_execution_that_works_no_orders(self):
        path = self.config(("AA.sim@1m}\n  works", "AA.sim@1m, execution: hours}\n  works"))
        told = ("hours}", "strategies.asks.execution is 'hours', whose plugin turret.rule_hours "
                "works no orders (it has no on_order); name an execution algorithm such as work_twap")
        self.mistakes(path, told)
        self.mistakes(path, told, command=("run",))

    def test_an_execution_that_is_not_enabled(self):
        """It would deny all it is given; whoever is not enabled either asks for nothing."""
        asks = ("AA.sim@1m}\n  works", "AA.sim@1m, execution: works}\n  works")
        idle = ("work_twap, on: AA.sim@1m", "work_twap, on: AA.sim@1m, enabled: false")
        path = self.config(asks, idle)
        told = (f"{path}: warning: strategies.asks.execution is 'works', which is not enabled: every order of "
                "asks that it is to work is denied until turret start works")
        self.assertEqual(self.json("config", "check", path)["warnings"], [told])
        done = self.run_turret("run", path)
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.assertIn(told + "\n", done.stderr)
        for changes in ((asks,), (idle,), (asks, idle, ("ma_cross, on", "ma_cross, enabled: false, on"))):
            self.assertEqual(self.json("config", "check", self.config(*changes))["warnings"], [])

    def test_cash_that_nothing_is_bought_with(self):
        path = self.config(("USD: 1000000", "UDS: 1000000, USD: 5"))
        told = ("UDS: 1000000", "venues.sim.cash is in UDS, and no instrument of the venue is "
                "(AA.sim is in USD); correct the currency, or take it out")
        self.mistakes(path, told)
        self.mistakes(path, told, command=("run",))

    def test_rules_that_check_nothing(self):
        path = self.config(("development}", "development, rules: [asks, hours, works]}"))
        told = [(at, f"risk.rules names '{name}', whose plugin turret.{plugin} checks no orders (it "
                 "has no on_check); take it out of the list") for at, name, plugin in
                (("asks, hours", "asks", "ma_cross"), ("works]", "works", "work_twap"))]
        self.mistakes(path, *told)
        self.mistakes(path, ("asks, hours", "rule asks: its plugin turret.ma_cross checks no orders "
                             "(it has no on_check)"), command=("run",))

    def test_limits_that_nobody_set(self):
        path = self.config(("preset: development", "preset: none"))
        told = ("none}", "risk.preset is 'none' and leaves 26 limits unset, which denies every "
                "order: max_order_qty, max_order, max_position, max_position_value, "
                "max_open_orders, orders_per_minute, collar, reference_age, daily_loss, drawdown, "
                "leverage, duplicate_window, self_trade and 13 more; set them, or say preset: "
                "development, which is for simulated money")
        self.mistakes(path, told)
        self.mistakes(path, told, command=("run",))
        self.mistakes(path, told, command=("backtest",))
        with open(os.path.join(SOURCE, "configs", "paper.yaml"), encoding="utf-8") as file:
            text = file.read()
        self.assertNotIn("max_clock_skew", text)  # the simulated venue does not tell its time
        path = self.write("turret.yaml", text.replace("  cool_down", "  # cool_down", 1))
        self.mistakes(path, ("none", "risk.preset is 'none' and leaves 1 limit unset, which denies "
                             "every order: cool_down; set it, or say preset: development, which is "
                             "for simulated money"))

    def test_a_timer_that_the_adapter_lacks(self):
        path = self.config(("cash: {USD", "dead_man: 30s, cash: {USD"))
        self.mistakes(path, ("sim: {adapter", "venue sim: dead_man is set and adapter turret.sim has "
                             "no dead-man timer; take it out, and see to the orders some other way "
                             "when the daemon dies"))
        self.assertIn("no dead-man timer", self.run_turret("run", path).stderr)

    def fake(self, mode, more=""):
        return self.config(("  - path: plugins", f"  - path: {BUILD}/venue-plugins"),
                           ("mode: paper", f"mode: {mode}"),
                           ("instruments:\n", "  " + FAKE % more +
                            "instruments:\n  BB.fake: {tick: 0.01, lot: 1, currency: USD}\n"))

    def test_real_money_that_nobody_armed(self):
        self.mistakes(self.fake("live"),
                      ("fake: {", "venues.fake is not armed: with mode: live every order to it is "
                       "denied (NOT_ARMED); to trade its money add armed: mine, its account's name"))
        for mode, more in (("live", ", armed: mine"), ("live", ", armed: mine, dead_man: 30s"),
                           ("paper", "")):
            self.assertIn("is good", self.ok("config", "check", self.fake(mode, more)))

    def test_real_money_by_limits_for_simulated_money(self):
        """Each limit that is still the preset's is named, until it is set or the preset is none."""
        path = self.fake("live", ", armed: mine")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        said = ("mode is live, venue fake trades the money of account mine, and risk.preset is "
                "development, which is for simulated money; still the preset's: ")
        shown = self.ok("config", "show", path).split("\nrisk:")[1].split("\nswap:")[0]
        limits = dict(re.findall(r"^  (\w+): (\S+)$", shown, re.M))
        del limits["preset"]
        self.assertIn("drawdown", limits)
        for command in (("config", "check"), ("run", "--for", "1", "--config")):
            done = self.run_turret(*command, path)
            self.assertEqual(self.warned(done.stderr), [
                f"{said}{', '.join(limits)}; set them, and say preset: none, with which a limit "
                "that is not set is refused"], command)
        other = {"self_trade": "allow" if limits["self_trade"] == "deny" else "deny"}
        for name, value in limits.items():
            other.setdefault(name, "1.5%" if value.endswith("%") else "77s" if value[-1] in "smhd"
                             else "7")
        for left in ("daily_loss", "drawdown", "max_clock_skew", None):
            rest = ", ".join(f"{name}: {value}" for name, value in other.items() if name != left)
            for preset, told in (("development", left), ("none", None)):
                own = rest + (f", {left}: {limits[left]}" if left and preset == "none" else "")
                path = self.write("turret.yaml", text.replace(
                    "preset: development", f"preset: {preset}, {own}"))
                warned = self.json("config", "check", path)["warnings"]
                self.assertEqual(self.warned("\n".join(warned)), [
                    f"{said}{left}; set it, and say preset: none, with which a limit that is not "
                    "set is refused"] if told else [], left)

    def test_paper_at_a_venue_that_is_not_simulated(self):
        """It may be the venue's own paper account: it is told, and not refused."""
        for mode, told in (("paper", ["mode is paper, but venue fake is not simulated: orders leave "
                                      "this machine for account mine there"]),
                           ("live", [])):
            path = self.fake(mode, ", armed: mine" if mode == "live" else "")
            warned = self.json("config", "check", path)["warnings"]
            self.assertEqual([line for line in warned if "leave this" in line],
                             [f"{path}: warning: {text}" for text in told])
            done = self.run_turret("run", path, "--for", "1")
            for text in told:
                self.assertIn(f"{path}: warning: {text}\n", done.stderr)
            self.assertEqual("leave this machine" in done.stderr, bool(told))
        with open(path, encoding="utf-8") as file:
            text = file.read().replace("  BB.fake: {tick: 0.01, lot: 1, currency: USD}\n", "")
        path = self.write("turret.yaml", text.replace("mode: live", "mode: paper"))
        self.assertEqual(self.json("config", "check", path)["warnings"], [])  # nothing is traded

    def test_a_mode_of_another_command(self):
        path = self.config(("mode: paper", "mode: backtest"))
        self.ok("config", "check", path)
        for command in ("run", "paper"):
            self.refused(INVALID, f"{path} says mode: backtest, which turret backtest runs; turret "
                         "run takes mode: paper or live", command, path)
        self.refused(INVALID, "says mode: live, which turret run trades; a paper session takes mode: "
                     "paper", "paper", self.fake("live", ", armed: mine"))
        self.assertFalse(os.path.exists(self.path("store")))

    def test_a_venue_that_tells_its_time(self):
        path = self.fake("paper")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        path = self.write("turret.yaml", text.replace("preset: development", "preset: none"))
        self.refused(INVALID, "leaves 27 limits unset", "config", "check", path)

    def warned(self, text):
        return re.findall(r"^.*turret.yaml: warning: (.*)$", text, re.M)

    def test_limits_of_zero(self):
        """Each limit: what it denies decides whether there has to be a warning."""
        shown = self.ok("config", "show", self.config())
        limits = re.findall(r"^  (\w+): (\S+)$", shown.split("\nrisk:")[1].split("\nswap:")[0], re.M)
        zeros = [(name, "0%" if value.endswith("%") else "0s" if value[-1] in "smhd" else "0")
                 for name, value in limits if name not in ("preset", "self_trade")]
        self.assertGreater(len(zeros), 25)
        for name, zero in zeros:
            path = self.config(("development}", f"development, {name}: {zero}}}"), ("bars: 5", "bars: 90"),
                               ("on: AA.sim@1m}", "on: AA.sim@1m, params: {fast: 2, slow: 4, size: 9}}"))
            done = self.run_turret("run", path, "--store", self.path(name))
            self.assertEqual(done.returncode, DONE, done.stderr)
            orders = self.json("orders", "--all", "--store", self.path(name))
            self.assertGreater(len(orders), 10, name)
            opened = any(order["state"] != "DENIED" for order in orders)
            told = self.warned(done.stderr)
            self.assertEqual(told, [] if opened else [
                f"risk.{name} is 0, which denies every order that opens something"], name)
            self.assertEqual(self.json("config", "check", path)["warnings"],
                             [f"{path}: warning: {line}" for line in told])

    def test_limits_of_zero_of_a_strategy(self):
        path = self.config(("on: AA.sim@1m}", "on: AA.sim@1m, limits: {max_position: 0, "
                                              "duplicate_window: 0s}}"))
        told = ["strategies.asks.limits.max_position is 0, which denies every order that opens "
                "something"]
        done = self.run_turret("config", "check", path)
        self.assertIn("is good", done.stdout)
        self.assertEqual(self.warned(done.stderr), told)
        self.assertEqual(self.warned(self.run_turret("run", path).stderr), told)
        self.assertEqual(self.json("config", "check", self.config())["warnings"], [])

    def test_a_venue_without_cash(self):
        more = "".join(f"  {name}.sim: {{tick: 0.01, lot: 1, currency: {currency}}}\n"
                       for name, currency in (("BB", "EUR"), ("CC", "EUR"), ("DD", "CHF")))
        path = self.config(("strategies:\n", more + "strategies:\n"))
        told = [f"venues.sim.cash has no {currency}, in which {name}.sim is traded; while its account "
                "has none, every order that opens something there is denied (BUYING_POWER)"
                for currency, name in (("EUR", "BB"), ("CHF", "DD"))]
        self.assertEqual(self.warned(self.run_turret("config", "check", path).stderr), told)
        self.assertEqual(self.warned(self.run_turret("run", path).stderr), told)
        self.assertEqual(self.json("config", "check", path)["warnings"],
                         [f"{path}: warning: {line}" for line in told])
        path = self.config(("mode: paper", "mode: backtest"), (", cash: {USD: 1000000}", ""))
        told = ["venues.sim.cash has no USD, in which AA.sim is traded; while its account has none, "
                "every order that opens something there is denied (BUYING_POWER)"]
        self.assertEqual(self.warned(self.run_turret("config", "check", path).stderr), told)
        self.assertEqual(self.warned(self.run_turret("backtest", path).stderr), told)
        path = self.fake("live", ", armed: mine")  # a venue that tells its cash itself
        self.assertNotIn("cash", self.run_turret("config", "check", path).stderr)

    def test_all_of_them_in_one_pass(self):
        path = self.config(("AA.sim@1m}\n  works", "AA.sim@1m, execution: hours}\n  works"),
                           ("preset: development", "preset: none, rules: [asks]"),
                           ("cash: {USD", "dead_man: 30s, cash: {USD"))
        done = self.run_turret("config", "check", path)
        self.assertEqual((done.returncode, done.stderr.count(": error: ")), (INVALID, 4),
                         done.stderr)


if __name__ == "__main__":
    unittest.main()
