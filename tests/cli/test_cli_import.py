# SPDX-License-Identifier: Apache-2.0
"""Shows that `turret data import` takes every form of file, stores exactly what is in it, says about
bad rows where they are and stores nothing of their file, and that export, list and verify tell the
same; and that Ctrl-C ends between two steps with what was done."""
import gzip
import io
import json
import os
import pty
import signal
import subprocess
import unittest
import zipfile

from turret_cli import FAILED, INVALID, PARTLY, TURRET, USAGE, Case

GOOD = """date,open,high,low,close,volume
2013-10-07,10.5,11,10.25,10.75,100
2013-10-08,10.75,12,10.5,11.125,200
"""
ROWS = [["2013-10-07T00:00:00Z", "10.5", "11", "10.25", "10.75", "100"],
        ["2013-10-08T00:00:00Z", "10.75", "12", "10.5", "11.125", "200"]]


class Import(Case):
    def take(self, *arguments, stdin=None):
        return self.ok("data", "import", "-s", "S", "-t", "1d", *arguments, stdin=stdin)

    def fails(self, code, phrase, *arguments, stdin=None):
        return self.refused(code, phrase, "data", "import", "-s", "S", "-t", "1d", *arguments,
                            stdin=stdin)

    def test_plain_file(self):
        done = self.run_turret("data", "import", "-s", "S", "-t", "1d",
                               self.write("a.csv", GOOD))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, "S 1d: 2 bars from 1 file: 2 added, 0 replaced, 0 unchanged; "
                                      "price scale 3, quantity scale 0\n")
        self.assertEqual(done.stderr, "next: turret backtest configs/backtest.yaml --store "
                                      f"{self.store}\n")
        self.assertEqual(self.exported("S"), ROWS)

    def test_every_wrapping_and_line_end(self):
        text = GOOD.encode()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("inner.csv", text)
        forms = {"crlf.csv": text.replace(b"\n", b"\r\n"), "bom.csv": b"\xef\xbb\xbf" + text,
                 "blank.csv": b"\n" + text.replace(b"\n", b"\n\n"), "a.csv.gz": gzip.compress(text),
                 "cut-end.csv": text[:-1], "a.zip": packed.getvalue(), "misnamed.csv":
                 gzip.compress(text), "semicolon.csv": text.replace(b",", b";"),
                 "tab.csv": text.replace(b",", b"\t"),
                 "quoted.csv": b'"' + text.replace(b",", b'","').replace(b"\n", b'"\n"')[:-1]}
        for name, content in forms.items():
            with self.subTest(name):
                self.ok("data", "import", "-s", name, "-t", "1d", self.write(name, content))
                self.assertEqual(self.exported(name), ROWS)

    def test_standard_input(self):
        self.take("-", stdin=GOOD)
        self.assertEqual(self.exported("S"), ROWS)
        self.fails(USAGE, "has to be the only FILE", "-", "a.csv", stdin=GOOD)

    def test_columns_by_number_and_by_name(self):
        path = self.write("a.csv", "x|Day|Hour|C|L|H|O\n1|07/10/2013|09:30|2.5|1|3|2\n")
        for columns in ("time=2+3,open=7,high=6,low=5,close=4",
                        "time=Day+hour,open=o,high=h,low=l,close=c"):
            self.take("--columns", columns, "--delimiter", "|", "--time-format",
                      "%d/%m/%Y %H:%M", path)
            self.assertEqual(self.exported("S"),
                             [["2013-10-07T09:30:00Z", "2", "3", "1", "2.5", "0"]])
        self.fails(INVALID, "did you mean 'Day'?", "--delimiter", "|", "--columns",
                   "time=Dey,open=O,high=H,low=L,close=C", path)

    def test_time_formats(self):
        bar = ",1,1,1,1,1\n"
        for form, text in (("auto", "2013-10-07T13:30:00Z"), ("iso", "2013-10-07 13:30"),
                           ("epoch_s", "1381152600"), ("epoch_ms", "1381152600000"),
                           ("epoch_us", "1381152600000000"), ("epoch_ns", "1381152600000000000"),
                           ("yyyymmdd hh:mm", "20131007 13:30"),
                           ("%b %d %Y %I:%M%p", "Oct 7 2013 1:30PM")):
            self.ok("data", "import", "-s", form, "-t", "1m", "--time-format", form,
                    self.write("a.csv", text + bar))
            self.assertEqual(self.exported(form)[0][0], "2013-10-07T13:30:00Z", form)
        self.fails(INVALID, "a.csv:1: time '1381152600' is not a time", self.write("a.csv",
                   "1381152600" + bar))

    def test_midnight_and_zone(self):
        path = self.write("x_20131007.csv", "34200000,1,1,1,1,1\n")
        zone = ["--time-zone", "America/New_York"]
        self.ok("data", "import", "-s", "A", "-t", "1m", "--time-format", "midnight_ms", *zone, path)
        self.assertEqual(self.exported("A")[0][0], "2013-10-07T13:30:00Z")
        self.ok("data", "import", "-s", "B", "-t", "1m", "--date", "2013-12-02", *zone, path)
        self.assertEqual(self.exported("B")[0][0], "2013-12-02T14:30:00Z")
        night = self.write("n.csv", "2013-11-03 01:30,1,1,1,1,1\n2013-11-03 02:30,1,1,1,1,2\n")
        done = self.run_turret("data", "import", "-s", "C", "-t", "1h", *zone, night)
        self.assertIn("1 local time occurs twice", done.stderr)
        self.assertEqual([row[0] for row in self.exported("C")],
                         ["2013-11-03T05:30:00Z", "2013-11-03T07:30:00Z"])
        self.fails(INVALID, "does not exist in that time zone", *zone,
                   self.write("m.csv", "2013-03-10 02:30,1,1,1,1,1\n"))
        self.fails(USAGE, "'Mars' is not in the time zone database", "--time-zone", "Mars", night)

    def test_scales(self):
        path = self.write("a.csv", "2013-10-07,101234,101234,101234,101234,1.50\n")
        self.take("--price-divisor", "10000", path)
        self.assertEqual(self.exported("S")[0][1:], ["10.1234"] * 4 + ["1.5"])
        listed = self.json("data", "list")[0]
        self.assertEqual((listed["price_scale"], listed["qty_scale"]), (4, 1))
        finer = self.write("b.csv", "2013-10-08,1.12345,1.12345,1.12345,1.12345,1\n")
        self.fails(INVALID, "b.csv:1: open 1.12345 has more than the series' 4 decimals", finer)
        self.take("--round", finer)
        self.assertEqual(self.exported("S")[1][1], "1.1235")
        self.fails(INVALID, "has price scale 4", "--price-scale", "2", finer)
        self.fails(USAGE, "--price-divisor is 3", "--price-divisor", "3", finer)
        self.fails(USAGE, "expected a whole number from 0 to 12", "--qty-scale", "13", finer)

    def test_scales_of_a_new_series_come_from_all_files(self):
        one = self.write("1.csv", "2013-10-07,1,1,1,1,1\n")
        two = self.write("2.csv", "2013-10-08,1.125,1.125,1.125,1.125,0.25\n")
        self.take(one, two)
        listed = self.json("data", "list")[0]
        self.assertEqual((listed["price_scale"], listed["qty_scale"], listed["bars"]), (3, 2, 2))

    def test_merge_replaces_by_time(self):
        self.take(self.write("a.csv", GOOD))
        told = json.loads(self.ok("--json", "data", "import", "-s", "S", "-t", "1d", self.write(
            "b.csv", GOOD.replace("200", "300") + "2013-10-09,1,1,1,1,1\n")))
        self.assertEqual((told["added"], told["replaced"], told["unchanged"]), (1, 1, 1))
        self.assertEqual([row[5] for row in self.exported("S")], ["100", "300", "1"])

    def test_order_and_repeats(self):
        done = self.run_turret("data", "import", "-s", "S", "-t", "1d", self.write(
            "a.csv", "2013-10-09,1,1,1,1,9\n2013-10-07,1,1,1,1,7\n2013-10-09,1,1,1,1,8\n"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("1 file was out of order", done.stderr)
        self.assertIn("1 row had the time of a later row", done.stderr)
        self.assertEqual([row[5] for row in self.exported("S")], ["7", "8"])

    def test_a_bad_row_stores_nothing_of_its_file(self):
        good, bad = self.write("good.csv", GOOD), self.write(
            "bad.csv", GOOD.replace("10-0", "11-0") + "2013-11-09,1,1,2,1,1\n")
        done = self.run_turret("data", "import", "-s", "S", "-t", "1d", "--price-scale", "3",
                               "--qty-scale", "0", good, bad, good)
        self.assertEqual(done.returncode, INVALID)
        self.assertIn("bad.csv:4: row low 2 is above open 1", done.stderr)
        self.assertIn("stored: 1 of 3 files, 2 bars", done.stderr)
        self.assertEqual(self.exported("S"), ROWS)

    def test_skip_counts_and_is_partly_done(self):
        rows = "".join(f"2013-10-{day:02},x,1,1,1,1\n" for day in range(1, 31))
        done = self.run_turret("data", "import", "-s", "S", "-t", "1d", "--on-error", "skip",
                               self.write("a.csv", GOOD + rows))
        self.assertEqual(done.returncode, PARTLY)
        self.assertEqual(done.stderr.count("open 'x' is not a number"), 20)
        self.assertIn("a.csv:4: open 'x' is not a number; expected a decimal", done.stderr)
        self.assertIn("30 rows skipped", done.stderr)
        self.assertEqual(self.exported("S"), ROWS)

    def test_files_that_are_none(self):
        self.fails(INVALID, "absent.csv: No such file", "absent.csv")
        self.fails(INVALID, "is a directory", self.folder)
        self.fails(INVALID, "is empty", self.write("empty.csv", ""))
        self.fails(INVALID, "is UTF-16", self.write("wide.csv", GOOD.encode("utf-16")))
        self.fails(INVALID, "cut off", self.write("a.gz", gzip.compress(GOOD.encode())[:-9]))
        self.fails(INVALID, "no column 'open' in the header",
                   self.write("odd.csv", "day,a,b,c,d\n1,2,3,4,5\n"))

    def test_factors(self):
        factors = self.write("f.csv", "20131007,0.5,0.25,1\n20501231,1,1,0\n")
        bars = self.write("a.csv", "2013-10-07,8,8,8,8,100\n2013-10-08,8,8,8,8,100\n")
        for how, price, volume in (("total", "1", "400"), ("split", "2", "400"),
                                   ("none", "8", "100")):
            self.ok("data", "import", "-s", how, "-t", "1d", "--factors", factors, "--adjust", how,
                    bars)
            self.assertEqual([row[4:] for row in self.exported(how)],
                             [[price, volume], ["8", "100"]])
        self.fails(USAGE, "belong together", "--adjust", "total", bars)
        self.fails(USAGE, "belong together", "--factors", factors, bars)
        self.fails(INVALID, "f2.csv:1: has 1 fields", "--adjust", "total", "--factors",
                   self.write("f2.csv", "x\n"), bars)

    def test_export_and_import_go_round(self):
        self.take("--price-scale", "6", self.write("a.csv", GOOD))
        text = self.ok("data", "export", "S")
        self.ok("data", "import", "-s", "T", "-t", "1d", "-", stdin=text)
        self.assertEqual(self.ok("data", "export", "T"), text)
        lines = [json.loads(line) for line in self.ok("--json", "data", "export", "S").splitlines()]
        self.assertEqual([list(line.values()) for line in lines], ROWS)
        self.assertEqual(self.exported("S", "--from", "2013-10-08"), ROWS[1:])
        self.assertEqual(self.exported("S", "--to", "2013-10-08T00:00:00Z"), ROWS[:1])

    def test_list_and_verify(self):
        self.refused(INVALID, "store", "data", "list")
        self.take(self.write("a.csv", GOOD))
        self.ok("data", "import", "-s", "S", "-t", "1h", self.write("b.csv", GOOD))
        self.assertEqual(len(self.ok("data", "list", "--plain").splitlines()), 2)
        self.assertEqual(self.ok("data", "list", "--plain").splitlines()[0].split("\t")[0], "S")
        self.assertEqual(self.ok("data", "verify"), "4 bars checked, all good\n")
        self.assertEqual(self.json("data", "verify", "S"), {"bars": 4, "good": True})
        self.refused(INVALID, "has 2 timeframes", "data", "export", "S")
        self.refused(INVALID, "no series 'Q'", "data", "export", "Q")
        self.assertEqual(self.exported("S", "-t", "1h"), ROWS)

    def test_progress_only_on_a_terminal(self):
        path = self.write("a.csv", GOOD)
        arguments = ["data", "import", "-s", "S", "-t", "1d", path]
        self.assertNotIn("1 row", self.run_turret(*arguments).stderr)
        self.assertIn("a.csv: 1 row", self.on_terminal(*arguments)[0])
        self.assertNotIn("\r", self.on_terminal(*arguments, "--plain")[0])

    def interrupt(self, files, fifo, number):
        """Sends a signal while the import waits for more of `fifo`, after its first progress."""
        main, side = pty.openpty()
        process = subprocess.Popen(
            [TURRET, "data", "import", "-s", "S", "-t", "1d", "--price-scale", "3", "--qty-scale",
             "0", *files], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=side,
            env=self.env, cwd=self.folder)
        os.close(side)
        text = ""
        with open(fifo, "w", encoding="ascii") as file:
            file.write(GOOD)
            file.flush()
            while os.path.basename(fifo) + ": 1 row" not in text:
                text += os.read(main, 4096).decode()
            process.send_signal(number)
            out = process.stdout.read().decode()
            process.stdout.close()
            code = process.wait(timeout=60)
        try:
            while True:
                text += os.read(main, 4096).decode()
        except OSError:
            pass
        os.close(main)
        return code, out, text

    def test_control_c_says_what_is_stored(self):
        good, fifo = self.write("good.csv", GOOD), self.path("endless.csv")
        os.mkfifo(fifo)
        for number in (signal.SIGINT, signal.SIGTERM):
            code, out, text = self.interrupt([good, fifo], fifo, number)
            self.assertEqual(code, PARTLY, text)
            self.assertIn("endless.csv: stopped", text)
            self.assertIn("stored: 1 of 2 files, 2 bars", text)
            self.assertTrue(out.startswith("S 1d: 2 bars from 1 file"), out)
            self.assertEqual(self.exported("S"), ROWS)
            self.assertEqual(self.ok("data", "verify"), "2 bars checked, all good\n")

    def test_control_c_before_anything_is_stored(self):
        fifo = self.path("endless.csv")
        os.mkfifo(fifo)
        code, out, text = self.interrupt([fifo], fifo, signal.SIGINT)
        self.assertEqual((code, out), (FAILED, ""), text)
        self.assertIn("stored: 0 of 1 file, 0 bars", text)

    def test_a_large_file(self):
        path = self.path("large.csv")
        with open(path, "w", encoding="ascii") as file:
            for row in range(300000):
                price = 100 + row % 977
                file.write(f"{1300000000 + row * 60},{price}.25,{price}.5,{price},{price}.01,{row}\n")
        told = json.loads(self.ok("--json", "data", "import", "-s", "L", "-t", "1m",
                                  "--time-format", "epoch_s", path))
        self.assertEqual((told["added"], told["price_scale"]), (300000, 2))
        rows = self.exported("L")
        self.assertEqual(len(rows), 300000)
        for row in (0, 65535, 65536, 131072, 299999):
            price = 100 + row % 977
            self.assertEqual(rows[row][1:], [f"{price}.25", f"{price}.5", str(price),
                                             f"{price}.01", str(row)])
        self.assertEqual(self.ok("data", "verify", "L"), "300000 bars checked, all good\n")


if __name__ == "__main__":
    unittest.main()
