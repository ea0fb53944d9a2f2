# SPDX-License-Identifier: Apache-2.0
"""Shows what becomes of bad input given to the built program: mistakes in the configuration with
their place and the right exit code, told once; names and values that do not exist; data that are
not there; plugins that are broken, and plugins that misbehave while everything else goes on;
damaged stores. And that --json gives JSON and --help gives help everywhere."""
import json
import os
import re
import shutil
import unittest

from fixtures import PLUGINS, build_plugin, made_up_bars, strategy_source
from turret_cli import DONE, FAILED, INVALID, PARTLY, UNREACHABLE, USAGE, Case

CONFIG = """\
turret: 1
mode: backtest
store: ${TURRET_STORE}
plugins:
  - path: ${TURRET_PLUGINS}
venues:
  sim: {adapter: sim, cash: {USD: 100000}, params: {market_fill: next_open}}
instruments:
  AA.sim: {tick: 0.01, lot: 1, currency: USD}
strategies:
  cross: {plugin: ma_cross, on: AA.sim@1m, params: {fast: 5, slow: 20, size: 10}}
risk: {preset: development}
backtest: {from: 2024-01-01, to: 2024-01-03}
"""

CROSS = "  cross: {plugin: ma_cross, on: AA.sim@1m, params: {fast: 5, slow: 20, size: 10}}\n"


class Bad(Case):
    def setUp(self):
        super().setUp()
        path = self.write("bars.csv", made_up_bars(1, 600, 60))
        self.ok("data", "import", "-s", "AA", "-t", "1m", "--time-format", "epoch_s", path)
        self.plugins = self.path("more")
        os.mkdir(self.plugins)

    def changed(self, *pairs):
        """The good configuration with texts replaced."""
        text = CONFIG
        for old, new in pairs:
            self.assertIn(old, text)
            text = text.replace(old, new)
        return self.write("c.yaml", text)

    def with_plugin(self, name, *pairs, params="params: {}"):
        """The good configuration on one plugin from the directory made for this test."""
        return self.changed(("TURRET_PLUGINS}\n", "TURRET_PLUGINS}\n  - path: more\n"),
                            ("plugin: ma_cross", "plugin: test." + name),
                            ("params: {fast: 5, slow: 20, size: 10}", params), *pairs)

    def paper(self, bars):
        return (("mode: backtest", "mode: paper"),
                ("backtest: {from: 2024-01-01, to: 2024-01-03}\n", "\n"),
                ("market_fill: next_open", f"market: synthetic, pace_ms: 0, bars: {bars}"))


class Configuration(Bad):
    def told(self, pair, line, column, length, text):
        """`backtest`, `run` and `config check` say exactly this, once, and exit with 3."""
        path = self.changed(pair)
        with open(path, encoding="ascii") as file:
            source = file.read().splitlines()[line - 1]
        wanted = (f"{path}:{line}:{column}: error: {text}\n{line:5} | {source}\n      | "
                  + " " * (column - 1) + "^" + "~" * (length - 1) + "\n")
        for command in ("backtest", "run", "paper", ("config", "check")):
            words = command if isinstance(command, tuple) else (command,)
            store = ("--store", self.path("fresh")) if words[0] != "config" else ()
            if words[0] == "backtest":
                store = ()
            elif words[0] in ("run", "paper") and not pair[0].startswith("mode"):
                self.changed(pair, ("mode: backtest", "mode: paper"))
            done = self.run_turret(*words, path, *store)
            self.assertEqual((done.returncode, done.stderr, done.stdout), (INVALID, wanted, ""))
        done = self.run_turret("--json", "backtest", path)
        self.assertEqual(done.stdout, "")
        self.assertEqual(json.loads(done.stderr)["error"],
                         {"code": "EINVAL", "exit": INVALID,
                          "text": f"{path}:{line}:{column}: {text}"})

    def test_place_and_caret(self):
        self.told(("mode: backtest", "mode: backtets"), 2, 7, 8, "mode is 'backtets', not one of "
                  "backtest, paper, live; did you mean 'backtest'?")
        self.told(("fast: 5", "fast: 50000"), 11, 59, 5,
                  "strategies.cross.params.fast is 50000, above its maximum 500")
        self.told(("fast: 5", "fats: 5"), 11, 53, 4, "strategies.cross.params.fats is not a "
                  "parameter of this plugin; did you mean 'fast'?")
        self.told(("size: 10", "size: ten"), 11, 78, 3,
                  "strategies.cross.params.size is 'ten', not a decimal number like 12.5")
        self.told(("next_open", "next_opn"), 7, 66, 8, "venues.sim.params.market_fill is "
                  "'next_opn', not one of next_open|this_close|next_close|quote")
        self.told(("on: AA.sim", "on: AB.sim"), 11, 33, 9, "strategies.cross.on names the "
                  "instrument 'AB.sim', which does not exist; did you mean 'AA.sim'?")
        self.told(("to: 2024-01-03", "to: 2023-01-03"), 13, 34, 10,
                  "backtest.to is 2023-01-03, not after from")

    def test_several_mistakes_are_told_at_once(self):
        text = self.refused(INVALID, "c.yaml:2:7: error: ", "backtest", self.changed(
            ("mode: backtest", "mode: back"), ("tick: 0.01", "tick: -1"), ("lot: 1", "lot: x")))
        self.assertEqual(text.count("error:"), 3)

    def test_nothing_of_that_name(self):
        self.refused(INVALID, "no strategy, indicator or broker 'nope'; turret plugin list shows",
                     "plugin", "info", "nope")
        self.refused(INVALID, "did you mean 'ma_cross'?", "plugin", "info", "ma_crss")

    def test_names_of_plugins(self):
        for pair, text in ((("plugin: ma_cross", "plugin: ma_crss"),
                            "no strategy 'ma_crss'; did you mean 'ma_cross'?"),
                           (("adapter: sim", "adapter: smi"),
                            "no broker adapter 'smi'; did you mean 'sim'?")):
            path = self.changed(pair)
            for command in (("backtest", path), ("config", "check", path),
                            ("run", path, "--store", self.path("fresh"))):
                if command[0] == "run":
                    self.changed(pair, ("mode: backtest", "mode: paper"))
                self.assertEqual(self.refused(INVALID, text, *command).count("\n"), 1)

    def test_name_of_an_indicator(self):
        build_plugin(os.path.join(self.plugins, "user.so"), strategy_source(
            "user", NOTHING_ON_BAR).replace("return turret_ok(err);",
                                            '(void)turret_use(self, err, "smma(5)");'
                                            " return turret_ok(err);"))
        text = self.refused(INVALID, "strategy cross", "backtest", self.with_plugin("user"))
        self.assertIn("no indicator 'smma'; did you mean 'sma'?", text)

    def test_files_that_are_not_there(self):
        missing = self.path("missing.yaml")
        for command in ("backtest", "run"):
            text = self.refused(INVALID, "No such file or directory", command, missing)
            self.assertEqual(text.count("missing.yaml"), 1)
        self.refused(INVALID, "gone: plugin directory: No such file or directory", "backtest",
                     self.changed(("${TURRET_PLUGINS}", "gone")))
        self.refused(INVALID, "there is no store in", "backtest", self.changed(), "--store", "gone")


class Data(Bad):
    def test_no_such_series(self):
        text = self.refused(INVALID, "no stored bars AA@5m for instrument AA.sim", "backtest",
                            self.changed(("AA.sim@1m", "AA.sim@5m")))
        self.assertIn(f"turret data import --store {self.store} --series AA --timeframe 5m FILE",
                      text)

    def test_nothing_in_the_range(self):
        text = self.refused(INVALID, "no stored bars of AA@1m lie in backtest: from "
                            "2025-01-01T00:00:00Z, to 2025-02-01T00:00:00Z", "backtest",
                            self.changed(("from: 2024-01-01, to: 2024-01-03",
                                          "from: 2025-01-01, to: 2025-02-01")))
        self.assertIn("the store has 2024-01-01T00:00:00Z to 2024-01-01T09:59:00Z", text)

    def test_no_timeframe(self):
        self.refused(INVALID, "no strategy is on bars", "backtest",
                     self.changed(("AA.sim@1m", "AA.sim")))

    def test_scales_that_do_not_fit(self):
        self.refused(INVALID, "stored bars of AA have 2 price and 0 quantity decimals, instrument "
                     "AA.sim has 1 and 0; set price_scale: 2", "backtest",
                     self.changed(("tick: 0.01", "tick: 0.1")))

    def test_hours_of_an_import(self):
        """What is no pair of times of the day is a mistake of usage; times on the edge count."""
        common = ("data", "import", "bars.csv", "-t", "1m", "--time-format", "epoch_s")
        for hours in ("9-16", "09:30-09:30", "09:30-24:01", "0930-1600", "09:3x-16:00", "",
                      "09:30_16:00", "-1:30-16:00", "09:60-16:00"):
            self.refused(USAGE, f"--hours is '{hours}'; expected two times", *common, "-s", "H",
                         "--hours=" + hours)
        answer = self.json(*common, "-s", "H", "--hours", "08:00-09:00")
        self.assertEqual((answer["bars"], answer["outside_hours"]), (60, 540))
        rows = self.exported("H")
        self.assertEqual((rows[0][0], rows[-1][0]),
                         ("2024-01-01T08:00:00Z", "2024-01-01T08:59:00Z"))
        done = self.run_turret(*common, "-s", "N", "--hours", "23:00-01:00")
        self.assertIn("540 rows outside the hours left out", done.stderr)
        self.assertEqual(len(self.exported("N")), 60)

    def test_damaged_store(self):
        """Every page damaged in turn: never a crash, never results from a bad block."""
        good = self.json("backtest", self.changed())["hash"]
        with open(os.path.join(self.store, "data.mdb"), "rb") as file:
            image = file.read()
        damaged, refused = self.path("damaged"), 0
        shutil.copytree(self.store, damaged)
        for page in range(0, len(image), 4096):
            piece = bytes(byte ^ 0x5A for byte in image[page + 600:page + 664])
            with open(os.path.join(damaged, "data.mdb"), "wb") as file:
                file.write(image[:page + 600] + piece + image[page + 664:])
            done = self.run_turret("--json", "backtest", "c.yaml", "--store", damaged)
            if done.returncode == DONE:
                self.assertEqual(json.loads(done.stdout)["hash"], good)
            else:
                refused += 1
                self.assertIn(done.returncode, (FAILED, INVALID), page)
                self.assertTrue(json.loads(done.stderr)["error"]["text"])
        self.assertGreater(refused, 2)
        self.write("damaged/data.mdb", image[:6000])
        self.assertIn(self.run_turret("backtest", "c.yaml", "--store", damaged).returncode,
                      (FAILED, INVALID))
        self.write("damaged/data.mdb", b"not a store" * 1000)
        self.refused(FAILED, "is not a store's data file", "backtest", "c.yaml", "--store", damaged)
        self.refused(INVALID, "which is no directory", "backtest", "c.yaml", "--store",
                     self.path("bars.csv"))


class Plugins(Bad):
    def test_broken_files_are_named_and_skipped(self):
        with open(os.path.join(PLUGINS, "ma_cross.so"), "rb") as file:
            image = file.read()
        for name, content in (("cut.so", image[:3000]), ("empty.so", b""), ("text.so", b"hello\n"),
                              ("twice.so", image), ("noise.so", b"\x7fELF" + image[99:4000])):
            self.write("more/" + name, content)
        os.symlink("nowhere", self.path("more/dangling.so"))
        os.mkdir(self.path("more/folder.so"))
        good = self.json("backtest", self.changed())["hash"]
        path = self.changed(("TURRET_PLUGINS}\n", "TURRET_PLUGINS}\n  - path: more\n"))
        done = self.run_turret("--json", "backtest", path)
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.assertEqual(json.loads(done.stdout)["hash"], good)
        for name, why in (("cut", "truncated"), ("empty", "empty file"), ("text", "not an ELF"),
                          ("twice", "duplicate plugin id"), ("noise", ""),
                          ("dangling", "no such file"), ("folder", "not a regular file")):
            self.assertRegex(done.stderr, rf"(?m)^more/{name}\.so: .*{why}")
        self.assertEqual(done.stderr.count("\n"), 7)

    def test_a_value_that_is_no_number_disables_its_user(self):
        """The strategy is named, the others go on, the run ends partly done."""
        build_plugin(self.path("more/breaks.so"), BREAKS)
        build_plugin(self.path("more/user.so"), strategy_source("user", HOLDS_FIVE).replace(
            "return turret_ok(err);",
            '(void)turret_use(self, err, "breaks(50)"); return turret_ok(err);'))
        build_plugin(self.path("more/score.so"), strategy_source("score", GIVES_NO_NUMBER))
        alone = self.json("backtest", self.changed())
        path = self.with_plugin("user", (
            "risk:", "  judge: {plugin: test.score, on: AA.sim@1m}\n" + CROSS.replace(
                "cross:", "other:") + "risk:"))
        done = self.run_turret("--json", "backtest", path)
        self.assertEqual(done.returncode, PARTLY, done.stderr)
        result = json.loads(done.stdout)
        self.assertEqual([one["strategy"] for one in result["faults"]], ["cross", "judge"])
        self.assertEqual(alone["faults"], [])
        lines = {line["name"]: line for line in result["strategies"]}
        self.assertEqual(lines["cross"]["fault"],
                         "indicator test.breaks(50) gave a value that is not a number")
        self.assertEqual(lines["cross"]["orders"], 1)
        self.assertEqual(lines["judge"]["fault"], "gave a score that is not a number")
        self.assertNotIn("fault", lines["other"])
        for key in ("end_equity", "orders", "fills", "trades"):
            self.assertEqual(lines["other"][key], alone["strategies"][0][key])
        done = self.run_turret("backtest", path)
        self.assertEqual(done.returncode, PARTLY)
        text = done.stderr
        self.assertEqual(text.count("strategy cross was disabled: indicator test.breaks(50)"), 1)
        self.assertEqual(text.count("strategy judge was disabled"), 1)

    def test_an_average_longer_than_the_data(self):
        path = self.changed(("fast: 5, slow: 20", "fast: 500, slow: 700"))
        done = self.run_turret("backtest", path)
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.assertIn("strategy cross never became ready", done.stderr)
        self.assertNotIn("never became", self.run_turret("backtest", self.changed()).stderr)

    def test_faults_in_a_session(self):
        """A disabled strategy is told once; the session goes on and its replay is the same."""
        build_plugin(self.path("more/score.so"), strategy_source("score", GIVES_NO_NUMBER))
        path = self.with_plugin("score", ("risk:", CROSS.replace("cross:", "other:") + "risk:"),
                                *self.paper(300))
        done = self.run_turret("run", path, "--store", self.path("fresh"))
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.assertEqual(done.stderr.count("strategy cross is disabled: gave a score"), 1)
        self.assertGreater(len(self.json("fills", "--store", self.path("fresh"))), 0)
        self.assertTrue(self.json("replay", "--store", self.path("fresh"))["same"])

    def test_absurd_orders_are_denied(self):
        """Every kind with its reason; a flood of 10,000 a bar is cut off and the rest denied."""
        build_plugin(self.path("more/absurd.so"), strategy_source(
            "absurd", ABSURD, state="turret_instrument instrument; int64_t bars;"))
        tick = ("tick: 0.01", "tick: 0.05, price_scale: 2")
        result = self.json("backtest", self.with_plugin("absurd", tick))
        self.assertEqual(result["fills"], 0)
        self.assertEqual(result["denied"], result["orders"])
        self.assertEqual(result["orders"], 300 * (ABSURD_KINDS + 1) + 300 * 256)
        store = self.path("fresh")
        done = self.run_turret("run", self.with_plugin("absurd", tick, *self.paper(4)), "--store",
                               store)
        self.assertEqual(done.returncode, DONE, done.stderr)
        orders = self.json("orders", "--all", "--store", store)
        self.assertEqual(len(orders), 2 * (ABSURD_KINDS + 1) + 2 * 256)
        self.assertEqual({order["state"] for order in orders}, {"DENIED"})
        self.assertEqual({(order["reason"], order["denial"]) for order in orders}, {
            ("negative quantity", "MIN_QTY"), ("no quantity", "MIN_QTY"),
            ("greatest quantity", "MAX_QTY"), ("least quantity", "MIN_QTY"),
            ("off the tick", "TICK"), ("unknown instrument", "INSTRUMENT"),
            ("instrument 0", "INSTRUMENT"), ("no such side", "ORDER_FIELDS"),
            ("no such type", "ORDER_FIELDS"), ("no such time in force", "ORDER_FIELDS"),
            ("greatest price", "PRICE"), ("least price", "PRICE"),
            ("unknown flags", "ORDER_FIELDS"), ("a stop price on a limit order", "ORDER_FIELDS"),
            ("x" * 55, "MIN_QTY"), ("a target beyond all limits", "MAX_QTY")})
        self.assertTrue(self.json("replay", "--store", store)["same"])
        for position in self.json("positions", "--all", "--store", store):
            self.assertEqual((position["qty"], position["open_buy"], position["open_sell"],
                              position["target"]), ("0", "0", "0", None))

    def test_more_parameters_than_fit(self):
        rows = "".join(f'TURRET_PARAM_INT({i + 1}, "p{i}", 1, 0, 9, "", "x"), ' for i in range(70))
        build_plugin(self.path("more/many.so"), strategy_source(
            "many", "static const struct turret_param params[] = {" + rows + "};" + NOTHING_ON_BAR,
            callbacks=".params = params, .param_count = 70,"))
        self.refused(FAILED, "strategies.cross: plugin test.many has 70 parameters, this host "
                     "takes 64", "backtest", self.with_plugin("many"))


class Everywhere(Bad):
    def commands(self):
        text = self.ok("help")
        return [m.group(1) for m in re.finditer(r"^  ([a-z]+(?: [a-z]+)?)(?:  +|$)", text, re.M)]

    def build_id(self, name):
        return self.json("plugin", "info", os.path.join(PLUGINS, name + ".so"))[0]["build_id"]

    def test_json_of_every_command_parses(self):
        """On a store with a session in it. Text by nature: help, completion, and the YAML and CSV
        of other commands; run says nothing on standard output."""
        session = ("--store", self.path("fresh"))
        good, paper = self.changed(), self.path("p.yaml")
        os.rename(self.changed(*self.paper(200)), paper)
        self.changed()
        calls = {
            "paper": (paper, *session), "run": (paper, "--store", self.path("other")),
            "backtest": (good,), "version": (), "data list": (), "data verify": (),
            "data import": ("bars.csv", "-s", "B", "-t", "1m", "--time-format", "epoch_s"),
            "data make": ("-s", "MADE", "-t", "1m", "--bars", "10"),
            "new": ("strategy", "made"),
            "data export": ("AA",), "plugin list": (), "plugin info": ("ma_cross",),
            "plugin check": (os.path.join(PLUGINS, "sma.so"),), "plugin history": session, "plugin blocked": session,
            "plugin install": (os.path.join(PLUGINS, "sma.so"), "--dir", self.folder, *session),
            "plugin remove": ("turret.sma", "--dir", self.folder),
            "plugin swap": (os.path.join(PLUGINS, "sma.so"), *session),
            "plugin rollback": ("cross", *session),
            "plugin block": (self.build_id("sma"), "--reason", "a test", *session),
            "plugin unblock": (self.build_id("sma"), *session),
            "config check": (good,), "config show": (good,), "config diff": (good, paper),
            "config history": session,
            "journal verify": session, "audit": session, "reconcile": session, "replay": session, "positions": session,
            "orders": session, "fills": session, "pnl": session, "status": session,
            "statement": session,
            "start": ("cross", *session), "stop": ("cross", *session),
            "pause": ("cross", *session), "resume": session,
            "flatten": ("all", "--reason", "a test", *session),
            "state": session, "halt": session, "reconcile": session}
        self.assertEqual(set(self.commands()) - set(calls), {"help", "completion"})
        for command, arguments in calls.items():
            with self.subTest(command):
                done = self.run_turret("--json", *command.split(), *arguments)
                if command in ("status", "start", "stop", "pause", "resume", "flatten", "plugin swap",
                               "plugin rollback"):
                    self.assertEqual((done.returncode, done.stdout), (UNREACHABLE, ""))
                    self.assertEqual(json.loads(done.stderr)["error"]["code"], "EUNREACHABLE")
                    continue
                self.assertEqual(done.returncode, DONE, done.stderr)
                if command == "run":
                    self.assertEqual(done.stdout, "")
                elif command == "data export":
                    for line in done.stdout.splitlines():
                        json.loads(line)
                else:
                    json.loads(done.stdout)

    def test_help_of_every_command(self):
        for command in self.commands():
            self.assertIn(f"usage: turret {command}", self.ok(*command.split(), "--help"))


NOTHING_ON_BAR = """
static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    (void)self;
    (void)bar;
}
"""

HOLDS_FIVE = """
static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    (void)turret_target(self, bar->instrument, 5, "five");
}
"""

GIVES_NO_NUMBER = """
static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    double zero = (double)(bar->open - bar->open);
    turret_score(self, bar->instrument, zero / zero, "nothing");
}
"""

# The close, until it has seen so many bars.
BREAKS = """
#include <turret/indicator.h>
struct breaks { int64_t left; };
static const char *const outputs[] = {"value"};
static const struct turret_param params[] = {
    TURRET_PARAM_INT(1, "after", 3, 0, 1000, "bars", "how long it is good")};
static uint64_t size(const struct turret_param_value *values)
{
    (void)values;
    return sizeof(struct breaks);
}
static int32_t start(void *state, const struct turret_param_value *values,
                     struct turret_error *err)
{
    ((struct breaks *)state)->left = turret_arg_int(values, 0);
    return turret_ok(err);
}
static uint32_t lookback(const struct turret_param_value *values)
{
    (void)values;
    return 0;
}
static int32_t update(void *state, const struct turret_candle *bar, double *out)
{
    struct breaks *s = state;
    double zero = bar->close - bar->close;
    out[0] = s->left-- > 0 ? bar->close : zero / zero;
    return 1;
}
TURRET_INDICATOR("test.breaks", "1.0.0", "good for a while", outputs, params, size, start,
                 lookback, update, NULL);
"""

ABSURD_KINDS = 15

# On every other bar one order of each kind, on the others ten thousand of them.
ABSURD = """
#include <string.h>
static void ask(struct turret_strategy *self, const struct turret_bar *bar, int which)
{
    static const char *const names[] = {
        "negative quantity", "no quantity", "greatest quantity", "least quantity", "off the tick",
        "unknown instrument", "instrument 0", "no such side", "no such type",
        "no such time in force", "greatest price", "least price", "unknown flags",
        "a stop price on a limit order", ""};
    struct turret_order_request r = {0};
    r.struct_size = (uint32_t)sizeof r;
    r.instrument = bar->instrument;
    r.side = TURRET_SIDE_BUY;
    r.type = TURRET_ORDER_LIMIT;
    r.qty = 1;
    r.limit_price = bar->close - bar->close % 5;
    (void)snprintf(r.reason, sizeof r.reason, "%s", names[which]);
    switch (which) {
    case 0: r.qty = -5; break;
    case 1: r.qty = 0; break;
    case 2: r.qty = INT64_MAX; break;
    case 3: r.qty = INT64_MIN; break;
    case 4: r.limit_price++; break;
    case 5: r.instrument = 77; break;
    case 6: r.instrument = 0; break;
    case 7: r.side = 9; break;
    case 8: r.type = 200; break;
    case 9: r.tif = 99; break;
    case 10: r.limit_price = INT64_MAX - INT64_MAX % 5; break;
    case 11: r.limit_price = INT64_MIN / 5 * 5; break;
    case 12: r.flags = 0xffffffffu; break;
    case 13: r.stop_price = 5; break;
    default: /* no end to its reason */
        r.qty = 0;
        memset(r.reason, 'x', sizeof r.reason);
        break;
    }
    (void)turret_submit(self, &r);
}

static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct it *s = turret_self(self);
    int i;
    if (s->bars++ % 2 == 0) {
        for (i = 0; i < 15; i++)
            ask(self, bar, i);
        (void)turret_target(self, bar->instrument, s->bars % 4 == 1 ? INT64_MIN : INT64_MAX,
                            "a target beyond all limits");
        (void)turret_target(self, 77, 5, "unknown instrument");
        (void)turret_cancel(self, 999999);
        (void)turret_modify(self, 0, -1, -1, -1);
        (void)turret_timer(self, 99, -1);
        return;
    }
    for (i = 0; i < 10000; i++)
        ask(self, bar, i % 15);
}
"""

if __name__ == "__main__":
    unittest.main()
