# SPDX-License-Identifier: Apache-2.0
"""
Shows that 1000 swaps (TURRET_GROWTH) leave nothing behind: mappings, descriptors and memory of one
daemon after 200 of them and after all, each the least of what the last ten swaps before show: buffers
of a moment are no growth. A code that stays mapped is allowed what the loader says of it; here every
build unloads, so the numbers may not grow. Prints them.
"""
import os
import shutil
import tempfile
import unittest

from campaign_rig import Builds, KINDS, Session

SWAPS = int(os.environ.get("TURRET_GROWTH", "1000"))
VARIANTS = 4
MAPS = 30      # mappings of builds that are just being loaded, and of the allocator's arenas
DESCRIPTORS = 4
MEMORY_KB = 2048  # less than 3 kB a swap: the allocator's own slack


class Growth(unittest.TestCase):
    def test_nothing_stays(self):
        folder = tempfile.mkdtemp(prefix="turret-swap-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        session = Session(os.path.join(folder, "sim"), Builds(os.path.join(folder, "builds")), "sim",
                          probation=5, pace_ms=20)
        self.addCleanup(session.close)
        self.assertIsNotNone(session.start(), session.lines)
        prints, recent = [], []
        for number in range(SWAPS):
            kind = KINDS[number % 3]
            build = session.make(kind, 1 + (number // 3 + 1) % VARIANTS)
            self.assertTrue(session.swap((kind, build)), session.lines[-8:])
            recent = recent[-9:] + [session.footprint()]
            if (number + 1) % (SWAPS // 5) == 0:
                prints.append([min(column) for column in zip(*recent)])
                print(f"{number + 1} swaps: {prints[-1][0]} mappings, {prints[-1][1]} descriptors, "
                      f"{prints[-1][2]} kB")
        first, last = prints[0], prints[-1]
        self.assertLessEqual(last[0], first[0] + MAPS)
        self.assertLessEqual(last[1], first[1] + DESCRIPTORS)
        self.assertLessEqual(last[2], first[2] + MEMORY_KB)
        self.assertEqual(session.end(), 0, session.lines[-5:])
        self.assertEqual(session.audit()[1], [])


if __name__ == "__main__":
    unittest.main()
