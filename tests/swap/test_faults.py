# SPDX-License-Identifier: Apache-2.0
"""
Shows that a build which fails at any of the eleven steps leaves the old one in charge, with the
reason said, and that a good build still moves in afterwards: plugins made for it crash or hang in
the trial, refuse to start, fail to save, stop half-way through loading, lose a field while they
start, give other values or NaN, have all their orders denied, crash on
probation or when they are taken out. After each the strategies' chains have no gap and no
duplicate; what ended the daemon is taken back and blocked by the next start itself.
"""
import os
import re
import shutil
import signal
import tempfile
import unittest

from campaign_rig import Builds, Session

# What is dropped, its -D, and what has to be said.
REFUSED = [
    ("crashes in the trial", "strategy", "BREAKS=1", "its trial in a child process"),
    ("refuses to start", "strategy", "BREAKS=3", "does not want to start"),
    ("refuses the second time", "strategy", "BREAKS=4", "changed its mind"),
    ("does not save", "strategy", "BREAKS=5", "does not save"),
    ("stops half-way through loading", "strategy", "BREAKS=6", "stops half-way"),
    ("loses a field", "strategy", "BREAKS=7", "changed its saved field fills"),
    ("counts differently", "indicator", "BREAKS=1", "stays at"),
    ("gives NaN in the trial", "indicator", "BREAKS=2", "not a number that can be used"),
]
TAKEN_BACK = [
    ("has its orders denied", "strategy", "BREAKS=11", "is back at"),
    ("gives NaN", "indicator", "BREAKS=3", "is back at"),
]


class Faults(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="turret-swap-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        builds = Builds(os.path.join(self.folder, "builds"))
        self.session = Session(os.path.join(self.folder, "sim"), builds, "sim", probation=400)
        self.addCleanup(self.session.close)
        self.assertIsNotNone(self.session.start(), self.session.lines)
        self.hear(6)
        self.number, self.bad = 1, 0

    def hear(self, lines):
        """Until the strategies have said so much more: events went by."""
        for _ in range(lines * 3):
            self.assertIsNotNone(self.session.until(lambda line: ": chain " in line, 20),
                                 self.session.lines)

    def good(self):
        """A good build of the strategies moves in."""
        self.number = self.number % 3 + 1
        self.assertTrue(self.session.swap(("strategy", self.session.make("strategy", self.number))),
                        self.session.lines[-8:])

    def drop_bad(self, kind, define, phrase):
        self.bad += 1
        bad = self.session.make(kind, 60 + self.bad, define)
        self.session.put(kind, bad)
        line = self.session.until(
            lambda line: phrase in line and not re.search(" (is|are) now ", line) and ": chain " not in line,
            20, 20000)
        self.assertIsNotNone(line, f"{define}: " + "\n".join(self.session.lines[-8:]))
        return line

    def whole(self):
        """What holds at the end, whatever was tried."""
        session = self.session
        self.assertEqual(session.end(), 0, session.lines[-5:])
        counts, found = session.audit()
        self.assertEqual(found, [])
        for name, (_, _, _, _, wrong, _) in session.chains.items():
            self.assertEqual((name, wrong), (name, 0))
        self.assertEqual(session.replay(), [])
        return counts

    def test_refused_before_the_commit(self):
        for what, kind, define, phrase in REFUSED:
            with self.subTest(what):
                self.drop_bad(kind, define, phrase)
                self.hear(2)
                self.good()
        counts = self.whole()
        self.assertEqual(counts["rollbacks"], 0)

    def test_taken_back_on_probation(self):
        for what, kind, define, phrase in TAKEN_BACK:
            with self.subTest(what):
                self.drop_bad(kind, define, phrase)
                self.hear(2)
                self.good()
        counts = self.whole()
        self.assertGreaterEqual(counts["rollbacks"], len(TAKEN_BACK))

    def die(self, define):
        """A build ends the daemon; the next start deals with it. Answers what that says."""
        session = self.session
        session.put("strategy", session.make("strategy", 80, define))
        session.until(lambda line: False, 20, 800)
        session.end()
        self.assertEqual(session.daemon.process.returncode, -signal.SIGILL, session.lines[-5:])
        self.assertEqual(session.audit(died=True)[1], [])
        self.assertIsNotNone(session.start(), session.lines)
        said = [line for line in session.lines if "the last daemon died" in line]
        self.assertEqual(len(said), 1, session.lines[-8:])
        self.hear(3)  # it does not come back and crash again
        return said[0]

    def test_crash_on_probation(self):
        said = self.die("BREAKS=9")
        self.assertIn("that build is blocked", said)
        self.assertIn("turret: strategy chain-a is back at 1.1.0: 1.80.0 was new since event",
                      "\n".join(self.session.lines))
        self.good()
        self.assertGreaterEqual(self.whole()["rollbacks"], 1)

    def test_crash_when_it_starts(self):
        self.assertIn("it is blocked", self.die("BREAKS=15"))
        self.good()
        self.whole()

    def test_crash_when_it_is_taken_out(self):
        session = self.session
        session.put("strategy", session.make("strategy", 80, "BREAKS=10"))
        self.assertIsNotNone(session.until(lambda line: "chain-c is now 1.80.0" in line, 20, 1200),
                             session.lines[-8:])
        session.put("strategy", session.make("strategy", 2))
        session.until(lambda line: False, 20, 800)
        session.end()
        self.assertEqual(session.daemon.process.returncode, -signal.SIGILL, session.lines[-5:])
        self.assertIsNotNone(session.start(), session.lines)
        self.assertTrue(any("the last daemon died inside a build that ran beside" in line
                            for line in session.lines), session.lines[-8:])
        self.hear(3)
        session.put("strategy", session.make("strategy", 3))
        self.hear(3)
        self.assertEqual(session.end(), 0, session.lines[-5:])
        self.assertEqual(session.audit(died=True)[1], [])

    def test_hang_in_the_trial(self):
        self.drop_bad("strategy", "BREAKS=2", "its trial in a child process")
        self.hear(2)
        self.good()
        self.whole()


if __name__ == "__main__":
    unittest.main()
