# SPDX-License-Identifier: Apache-2.0
"""Shows that the built program reproduces backtests that others published on the same data: to the
cent LEAN's buy and hold of SPY on daily, hour and minute bars, and zipline's run that buys ten
shares of AAPL every day through a 7:1 split; within its tolerance LEAN's weekly rebalance. Only
market data, factors and expected results are read; the reference data's README says where they
come from and by which conventions."""
import csv
import datetime
import gzip
import os
import sys
import unittest
from decimal import ROUND_HALF_UP, Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from fixtures import build_plugin, strategy_source  # pylint: disable=wrong-import-position
from turret_cli import Case, need_data  # pylint: disable=wrong-import-position

LEAN = need_data("lean")
ZIPLINE = need_data("zipline")
CENT = Decimal("0.01")
DAY_NS = 86400 * 10**9
TRADES = "time=1,open=2,high=3,low=4,close=5,volume=6"
ASKS = "time=1,open=7,high=8,low=9,close=10,volume=11"

CONFIG = """\
turret: 1
mode: backtest
store: ${TURRET_STORE}
plugins:
  - path: ${TURRET_PLUGINS}
  - path: plugins
venues:
  sim:
    adapter: sim
    cash: {USD: %(cash)s}
    params: {%(venue)s}
instruments:
  %(instrument)s
strategies:
  only: {%(strategy)s}
risk: {preset: development, leverage: %(leverage)s}
backtest: {from: %(from)s, to: %(to)s}
"""


def cents(text):
    return Decimal(str(text)).quantize(CENT, ROUND_HALF_UP)


class Published(Case):
    def backtest(self, **values):
        """The results as JSON, the rows of equity and of fills."""
        os.makedirs(self.path("plugins"), exist_ok=True)
        config = self.write("run.yaml", CONFIG % {"leverage": "100%", **values})
        result = self.json("backtest", config, "--equity", self.path("equity.csv"), "--fills",
                           self.path("fills.csv"))
        tables = []
        for name in ("equity.csv", "fills.csv"):
            with open(self.path(name), encoding="ascii") as file:
                tables.append(list(csv.DictReader(file)))
        return result, *tables


# Every Wednesday, when the last of the four has closed: the most whole shares of each whose value
# with a quarter of the fee is within a quarter of 0.9975 x equity.
WEEKLY = strategy_source("weekly", state="turret_instrument instrument; int64_t time, closed; "
                         "turret_price close[8];", body="""
__extension__ typedef __int128 wide;
static void on_bar(struct turret_strategy *self, const struct turret_bar *bar)
{
    struct it *s = turret_self(self);
    struct turret_account account = {0};
    turret_instrument at;
    int64_t day = bar->time / INT64_C(86400000000000);
    s->closed = bar->time == s->time ? s->closed + 1 : 1;
    s->time = bar->time;
    s->close[bar->instrument] = bar->close;
    if (s->closed != 4 || (day + 4) % 7 != 3)
        return;
    account.struct_size = (uint32_t)sizeof account;
    if (turret_account_of(self, 1, &account))
        return;
    for (at = 1; at <= 4; at++) {
        wide budget = (wide)account.equity * 9975 / 40000;
        turret_qty held = turret_position(self, at), want = (turret_qty)(budget / s->close[at]);
        while (want > 0 && (wide)want * s->close[at] +
               turret_fee(self, at, want > held ? want - held : held - want, s->close[at]) / 4 >
               budget)
            want--;
        (void)turret_target(self, at, want, "a quarter each");
    }
}
""")


class Lean(Published):
    """Shares = floor(0.9975 x equity / price), reduced until the fee fits too; fee = max(1, 0.005
    x shares); prices adjusted by the factor file of their day."""

    def bring(self, series, timeframe, columns, form, *arguments, symbol="spy"):
        factors = os.path.join(LEAN, "equity_daily", symbol + "_factor.csv")
        self.ok("data", "import", "--series", series, "--timeframe", timeframe, "--no-header",
                "--columns", columns, "--time-format", form, "--price-divisor", "10000",
                "--factors", factors, "--adjust", "total", "--price-scale", "8", "--qty-scale",
                "0", "--round", *arguments)

    def hold(self, timeframe, market_fill, start, end, quotes=""):
        result, equity, fills = self.backtest(
            cash=100000, strategy=f"plugin: buy_and_hold, on: SPY.sim@{timeframe}",
            venue=f"market_fill: {market_fill}, commission_per_unit: 0.005, commission_min: 1",
            instrument="SPY.sim: {tick: 0.00000001, lot: 1, currency: USD, price_scale: 8"
                       + quotes + "}", **{"from": start, "to": end})
        self.assertEqual((result["orders"], result["fills"], result["denied"]), (1, 1, 0))
        self.assertEqual(float(equity[-1]["equity"]), result["end_equity"])
        self.assertEqual(len(fills), 1)
        return cents(result["end_equity"]), cents(result["total_fees"]), fills[0]

    def test_daily_filled_at_the_next_open(self):
        self.bring("SPY", "1d", TRADES, "yyyymmdd hh:mm",
                   os.path.join(LEAN, "equity_daily", "spy.zip"))
        end, fee, fill = self.hold("1d", "next_open", "2013-10-08", "2013-10-18")
        self.assertEqual((end, fee), (Decimal("104486.22"), Decimal("3.49")))
        self.assertEqual(fill["qty"], "697")

    def test_hours_filled_at_the_same_close(self):
        self.bring("SPY", "1h", TRADES, "yyyymmdd hh:mm", "--time-zone", "America/New_York",
                   os.path.join(LEAN, "equity_hour", "spy.zip"))
        end, fee, fill = self.hold("1h", "this_close", "2013-10-07", "2013-10-12")
        self.assertEqual((end, fee), (Decimal("101529.08"), Decimal("3.44")))
        self.assertEqual(fill["qty"], "687")

    def test_minutes_filled_at_the_quote(self):
        folder = os.path.join(LEAN, "equity_minute", "spy")
        for series, columns, suffix in (("SPY", TRADES, "trade"), ("SPY.bid", TRADES, "quote"),
                                        ("SPY.ask", ASKS, "quote")):
            self.bring(series, "1m", columns, "midnight_ms", "--time-zone", "America/New_York",
                       "--hours", "09:30-16:00",
                       *(os.path.join(folder, f"201310{day:02}_{suffix}.zip")
                         for day in range(7, 12)))
            rows = self.exported(series)
            self.assertEqual(len(rows), 5 * 390)
            self.assertEqual((rows[0][0], rows[-1][0]),
                             ("2013-10-07T13:30:00Z", "2013-10-11T19:59:00Z"))
        end, fee, fill = self.hold("1m", "quote", "2013-10-07", "2013-10-12",
                                   ", bid_data: SPY.bid, ask_data: SPY.ask")
        self.assertEqual((end, fee), (Decimal("101691.92"), Decimal("3.44")))
        first_ask = Decimal(self.exported("SPY.ask")[0][4])
        self.assertEqual(Decimal(fill["price"]), first_ask)


    def test_rebalanced_every_week(self):
        """The published tolerances: 0.01 % of the end equity, two orders, and their fees."""
        names = ("AAPL", "IBM", "FB", "SPY")
        for name in names:
            self.bring(name, "1d", TRADES, "yyyymmdd hh:mm",
                       os.path.join(LEAN, "equity_daily", name.lower() + ".zip"),
                       symbol=name.lower())
        os.mkdir(self.path("plugins"))
        build_plugin(self.path("plugins/weekly.so"), WEEKLY)
        result, _, fills = self.backtest(
            cash=100000, leverage="200%",
            strategy="plugin: test.weekly, on: [" + ", ".join(f"{n}.sim@1d" for n in names) + "]",
            venue="market_fill: next_open, commission_per_unit: 0.005, commission_min: 1",
            instrument="\n  ".join(f"{n}.sim: {{tick: 0.00000001, lot: 1, currency: USD, "
                                   "price_scale: 8}" for n in names),
            **{"from": "2015-01-01", "to": "2017-01-01"})
        self.assertEqual(result["denied"], 0)
        self.assertLess(abs(Decimal(str(result["end_equity"])) / Decimal("122745.47") - 1),
                        Decimal("0.0001"))
        self.assertLessEqual(abs(result["orders"] - 346), 2)
        self.assertEqual(len(fills), result["orders"])
        self.assertLessEqual(abs(Decimal(str(result["total_fees"])) - Decimal("350.77")), 2)


class Zipline(Published):
    """Ordered at one close, filled at the next close x (1 + 0.1 x (quantity / volume)^2); each day
    is valued at its own close. A daily bar of this store ends at the midnight after its day, so
    day D of the published table is the row of D + 1."""

    def setUp(self):
        super().setUp()
        self.ok("data", "import", "--series", "AAPL", "--timeframe", "1d", "--price-scale", "8",
                os.path.join(ZIPLINE, "AAPL.csv"))
        with gzip.open(os.path.join(ZIPLINE, "expected_buyapple.csv.gz"), "rt") as file:
            self.expected = list(csv.DictReader(file))

    def run_it(self):
        return self.backtest(
            cash=10000000, strategy="plugin: accumulate, on: AAPL.sim@1d, params: {qty: 10}",
            venue="market_fill: next_close, slippage: volume_share, impact: 0.1, "
                  "commission_per_unit: 0.0075, commission_min: 1",
            instrument="AAPL.sim: {tick: 0.00000001, lot: 1, currency: USD, price_scale: 8, "
                       "splits: {2014-06-09: '7:1'}}",
            **{"from": "2014-01-02", "to": "2014-11-01"})

    @staticmethod
    def day_of(row):
        day = datetime.date(1970, 1, 1) + datetime.timedelta(int(row["time"]) // DAY_NS - 1)
        return day.isoformat()

    def test_every_day_to_the_cent(self):
        result, equity, _ = self.run_it()
        self.assertEqual(len(self.expected), 211)
        self.assertEqual([(self.day_of(row), cents(row["equity"]), cents(row["cash"]))
                          for row in equity],
                         [(row["date"], cents(row["portfolio_value"]), cents(row["ending_cash"]))
                          for row in self.expected])
        self.assertEqual(cents(result["end_equity"]), Decimal("10228181.07"))
        self.assertAlmostEqual(result["sharpe"], float(self.expected[-1]["sharpe"]), delta=1e-9)

    def test_every_fill(self):
        """The split turns the order of ten shares that was open that night into one of seventy."""
        _, _, fills = self.run_it()
        with open(os.path.join(ZIPLINE, "expected_buyapple_transactions.csv"),
                  encoding="ascii") as file:
            wanted = list(csv.DictReader(file))
        self.assertEqual([(self.day_of(row), row["qty"], row["side"]) for row in fills],
                         [(row["date"], row["amount"], "buy") for row in wanted])
        for row, other in zip(fills, wanted):
            self.assertAlmostEqual(Decimal(row["price"]), Decimal(other["price"]), 8)
            self.assertEqual(row["fee"], "1")
        self.assertEqual([row["qty"] for row in fills].count("70"), 1)


if __name__ == "__main__":
    unittest.main()
