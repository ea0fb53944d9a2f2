# SPDX-License-Identifier: Apache-2.0
"""
Shows that a power cut at any moment of a paper session loses no acknowledged record: TURRET_CUTS
states (20,000) made from the log of what the session wrote and synced, any subset of 512-byte
sectors of what was not synced yet, each opened and its journal verified to the hash of the last
acknowledged commit or of the one under way. A host that forgot half of its syncs is found out.
"""
import os
import shutil
import tempfile
import unittest

import cut_rig

CUTS = int(os.environ.get("TURRET_CUTS", "20000"))
SEED = int(os.environ.get("TURRET_SEED", "1"))


@unittest.skipUnless(os.path.exists(cut_rig.LIBRARY), "not in a sanitizer build")
class Cut(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="turret-cut-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.log = cut_rig.record(self.folder)

    def test_cut(self):
        found, said = cut_rig.cut(self.log, os.path.join(self.folder, "state"), CUTS, SEED)
        self.assertEqual(found["harms"], 0, f"seed {SEED}: {said[:4000]}")
        self.assertGreater(found["records"], 300, said)
        print(said.strip())

    def test_it_would_be_noticed(self):
        bad = cut_rig.without_syncs(self.log)
        found, said = cut_rig.cut(bad, os.path.join(self.folder, "state"), 2000, SEED)
        self.assertGreater(found["harms"], 100, said[-500:])


if __name__ == "__main__":
    unittest.main()
