# SPDX-License-Identifier: Apache-2.0
"""Running the built program from a test: one temporary directory and store per test."""
import json
import os
import pty
import shutil
import subprocess
import sys
import tempfile
import unittest

TURRET = os.environ.get("TURRET", "turret")
SOURCE = os.environ.get("TURRET_SOURCE", os.path.join(os.path.dirname(__file__), "..", ".."))
DATA = os.environ.get("TURRET_TEST_DATA", os.path.join(SOURCE, "..", "shared", "data"))
DONE, FAILED, USAGE, INVALID, UNREACHABLE, REFUSED, PARTLY = range(7)


class Case(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="turret-cli-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.store = os.path.join(self.folder, "store")
        self.env = dict(os.environ, TURRET_STORE=self.store, TMPDIR=self.folder, TERM="xterm")
        for name in ("NO_COLOR", "TURRET_CONFIG", "TZ"):
            self.env.pop(name, None)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return self.path(name)

    def run_turret(self, *arguments, stdin=None, **more):
        return subprocess.run([TURRET, *arguments], input=stdin, capture_output=True, text=True,
                              env=self.env, cwd=self.folder, check=False, timeout=120, **more)

    def ok(self, *arguments, stdin=None):
        """What it printed; it has to exit with 0."""
        done = self.run_turret(*arguments, stdin=stdin)
        self.assertEqual(done.returncode, DONE, done.stderr)
        return done.stdout

    def refused(self, code, phrase, *arguments, stdin=None):
        """It has to exit with `code`, saying `phrase` on standard error and nothing else."""
        done = self.run_turret(*arguments, stdin=stdin)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertIn(phrase, done.stderr)
        self.assertEqual(done.stdout, "")
        return done.stderr

    def json(self, *arguments, stdin=None):
        return json.loads(self.ok("--json", *arguments, stdin=stdin))

    def exported(self, series, *arguments):
        """Rows of a stored series as texts, without the header."""
        lines = self.ok("data", "export", series, *arguments).splitlines()
        self.assertEqual(lines[0], "time,open,high,low,close,volume")
        return [line.split(",") for line in lines[1:]]

    def on_terminal(self, *arguments):
        """What it prints when standard output and standard error are one terminal, exit code."""
        main, side = pty.openpty()
        process = subprocess.Popen([TURRET, *arguments], stdin=subprocess.DEVNULL, stdout=side,
                                   stderr=side, env=self.env, cwd=self.folder)
        os.close(side)
        text = b""
        while True:
            try:
                piece = os.read(main, 65536)
            except OSError:  # EIO: the other side is closed
                break
            if not piece:
                break
            text += piece
        os.close(main)
        return text.decode().replace("\r\n", "\n"), process.wait(timeout=60)


def need_data(*parts):
    """Ends the test program as skipped when the reference data are not there."""
    path = os.path.join(DATA, *parts)
    if not os.path.exists(path):
        print(f"skipped: no reference data at {path}")
        sys.exit(77)
    return path
