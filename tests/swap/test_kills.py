# SPDX-License-Identifier: Apache-2.0
"""
Shows that kill -9 between any two steps of a change of code, or inside one, leaves exactly one
build in charge of each sequence. A session is killed TURRET_KILLS times (66; six at each step) at a
seeded occurrence of one of the eleven steps while builds of strategies, indicator and broker adapter
are dropped; exporting, importing and verifying are killed from inside the plugin's own functions. After
each kill the rows of steps, the rows of instances, the saved states and the strategies' own chains
are compared with the journal; then it carries on. In the end the fake venue's log is the oracle,
and the journal replays to the same bytes.
"""
import os
import random
import shutil
import signal
import tempfile
import unittest

from campaign_rig import Builds, KINDS, MARKETS, Session

KILLS = int(os.environ.get("TURRET_KILLS", "66"))
SEED = int(os.environ.get("TURRET_SEED", "1"))
STEPS = ("stage", "probe", "load", "shadow", "gate", "export", "import", "verify", "commit",
         "probation", "retire")
# Steps inside the plugin's functions, and the build that dies there. Verifying calls save() again.
INSIDE = {"export": "BREAKS=12", "import": "BREAKS=13", "verify": "BREAKS=14"}
VARIANTS = 4


class Kills(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="turret-swap-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.builds = Builds(os.path.join(self.folder, "builds"))

    def die(self, session, step, chance):
        """Runs until it is killed. Answers how many builds were dropped for it."""
        inside = INSIDE.get(step)
        self.deadly += 1  # another one for each kill: it is blocked afterwards
        if session.start_to_die("never" if inside else step, chance.randrange(1, 4)) is None:
            # a build waited in the directory: it can die before it says that it runs
            return 0
        session.until(lambda line: ": chain " in line, 5)
        for drops in range(1, 40):
            kind = chance.choice(KINDS)
            number = chance.choice([n for n in range(1, VARIANTS + 1) if n != self.now[kind]])
            if inside and drops % 4 == 2:
                session.drop("strategy", session.make("strategy", 50 + self.deadly, inside))
            else:
                self.now[kind] = number
                session.drop(kind, session.make(kind, number))
            if session.daemon.process.poll() is not None:
                return drops
        self.fail(f"it did not come to step {step}: " + "\n".join(session.lines[-20:]))
        return 0

    def kill_at(self, session, step, chance):
        self.die(session, step, chance)
        session.end()
        expected = -signal.SIGILL if step in INSIDE else -signal.SIGKILL
        self.assertEqual(session.daemon.process.returncode, expected, session.lines[-5:])
        counts, found = session.audit(died=True)
        self.assertEqual(found, [], f"after a kill at {step}")
        for name, (_, _, _, _, wrong, _) in session.chains.items():
            self.assertEqual((name, wrong), (name, 0), f"after a kill at {step}")

    def check(self, market):
        chance = random.Random(SEED * 31 + len(market))
        self.now, self.deadly = dict.fromkeys(KINDS, 1), 0
        session = Session(os.path.join(self.folder, market), self.builds, market, seed=SEED,
                          probation=60, shadow=chance.choice((0, 15)))
        self.addCleanup(session.close)
        kills = KILLS // len(MARKETS)
        for number in range(kills):
            self.kill_at(session, STEPS[number % len(STEPS)], chance)
        self.assertIsNotNone(session.start(), session.lines)
        self.assertEqual(session.settle(), 0, session.lines[-10:])
        self.assertEqual(session.end(), 0, session.lines[-5:])
        counts, found = session.audit()
        self.assertEqual(found, [])
        for name, (_, _, sent, ended, wrong, _) in session.chains.items():
            self.assertEqual((name, sent, 0), (name, ended, wrong))
        if market == "fake":
            orders, fills, found = session.against_venue()
            self.assertEqual(found, [])
            self.assertGreater(fills, kills)
        self.assertEqual(session.replay(), [])
        self.assertGreater(counts["said"], kills)
        print(f"{market}, seed {SEED}: {kills} kills, {counts}")

    def test_at_the_fake_venue(self):
        self.check("fake")

    def test_at_the_simulated_venue(self):
        self.check("sim")


if __name__ == "__main__":
    unittest.main()
