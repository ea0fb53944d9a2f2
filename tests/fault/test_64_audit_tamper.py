# SPDX-License-Identifier: Apache-2.0
"""Shows (failure 64) that every change of the audit, of the journal under it and of the heads file is
found by what `turret journal verify` does, and said in one line: each byte of a small audit, with a
stale and with a right checksum, each byte of the heads file, and TURRET_TAMPER more changes (5000)
drawn from TURRET_SEED: records edited, deleted, cut off, reordered, repeated, put in, with links and
the noted end made anew, signed with another key, and the whole store put back to an older state.

The work is done by the program audit_tamper, which has all but the secret key.
"""
import os
import re
import subprocess
import tempfile
import unittest

PROGRAM = os.path.join(os.environ.get("TURRET_BUILD", "build"), "tests", "audit_tamper")
COUNT = int(os.environ.get("TURRET_TAMPER", "5000"))
SEED = os.environ.get("TURRET_SEED", "1")


def tamper(first, count):
    """Answers the totals and what was printed."""
    with tempfile.TemporaryDirectory(prefix="turret-tamper-") as folder:
        run = subprocess.run([PROGRAM, os.path.join(folder, "store"), SEED, str(first), str(count)],
                             capture_output=True, text=True, check=False)
    found = {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", run.stdout)}
    return found, f"seed {SEED}: {run.stdout[-2000:]}{run.stderr[-2000:]}"


class Tamper(unittest.TestCase):
    def test_each_byte_and_drawn_changes(self):
        found, said = tamper(0, 0)
        self.assertEqual(found.get("missed"), 0, said)
        self.assertGreater(found["bytes"], 5000, said)
        drawn, said = tamper(found["bytes"], COUNT)
        self.assertEqual(drawn.get("missed"), 0, said)
        self.assertEqual(drawn["found"], COUNT, said)


if __name__ == "__main__":
    unittest.main()
