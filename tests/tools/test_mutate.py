# SPDX-License-Identifier: Apache-2.0
"""Shows that scripts/mutate works: which mistakes it makes and which places it leaves alone, that
the unit tests kill a fixed few of them, that a harmless one survives and is excused, that one which
no test looks at is told as a survivor, and that a run is carried on.
"""
import os
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import mutants
import scope

SOURCE = '''/* SPDX-License-Identifier: Apache-2.0 */
#define LIMIT (1 + 2)
static const int table[] = {1, 2, 3};
static bool enough(int a, int *b)
{
    assert(a < 7 && b);
    if (a < 2 || !b) /* a < 3 */
        return false;
    *b = a * 4;
    puts("a < 5");
    return true;
}
'''
EXPECTED = {
    ("relation", "<", "<="), ("relation", "<", ">="), ("and-or", "||", "&&"), ("negation", "!", ""),
    ("constant", "2", "3"), ("constant", "2", "1"), ("constant", "false", "true"),
    ("condition", "a < 2 || !b", "0"), ("condition", "a < 2 || !b", "1"), ("return", "false", "1"),
    ("arithmetic", "*", "+"), ("constant", "4", "5"), ("constant", "4", "3"),
    ("statement", "*b = a * 4;", ";"), ("statement", 'puts("a < 5");', ";"),
    ("constant", "true", "false"), ("return", "true", "0"),
}
# Every mutant of these dies.
KILLED = ("ledger.c:drawdown_ppm: return", "ledger.c:share_of: return", "risk.c:check_venue:",
          "risk.c:check_session:", "orders.c:order_move: relation")
HARMLESS = "orders.c:order_table_add: statement: table->last"


class Mutate(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="turret-mutate-")
        self.addCleanup(self.folder.cleanup)

    def mutate(self, *arguments):
        done = subprocess.run([sys.executable, os.path.join(scope.ROOT, "scripts", "mutate"),
                               "--scratch", self.folder.name, *arguments], text=True,
                              capture_output=True, check=False, timeout=500)
        return done.returncode, done.stdout

    def test_which_mistakes(self):
        found = {(m.operator, m.before, m.after.strip()) for m in mutants.of("a.c", SOURCE)}
        self.assertEqual(found, EXPECTED)

    def test_a_dose(self):
        tests = ("--test", "test_ledger_branches", "--test", "test_orders", "--test", "test_risk",
                 "--test", "test_risk_stops")
        only = [word for text in KILLED for word in ("--only", text)]
        status, said = self.mutate(*tests, *only)
        self.assertEqual(status, 0, said)
        self.assertRegex(said, r"^(\d+) mutants, \1 killed, \d+ timeout, 0 survived")
        self.assertGreater(int(said.split()[0]), 10)

    def test_harmless_and_unseen(self):
        status, said = self.mutate("--test", "test_orders", "--only", HARMLESS)
        self.assertEqual(status, 0, said)
        self.assertRegex(said, r"^(\d+) mutants, 0 killed, 0 timeout, \1 survived, \1 equivalent")
        status, said = self.mutate("--test", "test_orders", "--only", KILLED[0])
        self.assertEqual(status, 1, said)
        self.assertIn("survived host/core/ledger.c:", said)
        status, said = self.mutate("--test", "test_ledger_branches", "--resume", "--only", KILLED[0])
        self.assertEqual(status, 0, said)

    def test_wrong_usage(self):
        self.assertEqual(self.mutate("--only", "no such line")[0], 2)
        self.assertEqual(self.mutate("--nonsense")[0], 2)


if __name__ == "__main__":
    unittest.main()
