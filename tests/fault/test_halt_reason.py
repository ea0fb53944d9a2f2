# SPDX-License-Identifier: Apache-2.0
"""
Shows what becomes of the reason of `turret halt`: a long one is cut before a character, and JSON has
it as it is kept.
"""
import signal
import unittest

from fault_rig import Case, DONE, PLUGINS

CONFIG = f"""
turret: 1
mode: paper
store: store
plugins: [{{path: {PLUGINS}}}]
venues:
  sim:
    adapter: sim
    cash: {{USD: 1000000}}
    params: {{market: synthetic, pace_ms: 20}}
instruments:
  AAA.sim: {{tick: 0.01, lot: 1, currency: USD}}
strategies:
  cross: {{plugin: ma_cross, on: AAA.sim@1m, params: {{fast: 2, slow: 4, size: 1}}}}
risk: {{preset: development}}
"""
MOST = 46


class Reason(Case):
    def setUp(self):
        super().setUp()
        self.write("turret.yaml", CONFIG)
        self.daemon = self.start()

    def halt(self, reason, *more):
        """What it answers, and what it says to people."""
        words = ("halt", "--store", "store", *more, *(("--reason", reason) if reason else ()))
        answer = self.json(*words)
        done = self.turret(*words)
        self.assertEqual(done.returncode, DONE, done.stderr)
        return answer, done.stderr

    def test_cut_before_a_character(self):
        self.assertEqual(self.daemon.end(signal.SIGTERM), DONE)
        for end in ("\u00e9", "\u20ac", "\U0001f6d1"):
            size = len(end.encode())
            for room in range(1, size + 1):
                reason = "x" * (MOST - room) + end
                answer, said = self.halt(reason + "yyyy")
                cut = reason if room == size else reason[:-1]
                self.assertEqual(answer["reason"], cut)
                self.assertIn(f"the reason is cut to {len(cut.encode())} bytes\n", said)
        answer, said = self.halt(reason)
        self.assertEqual((answer["reason"], "is cut" in said), (reason, False))
        self.assertIsNone(self.halt("")[0]["reason"])


if __name__ == "__main__":
    unittest.main()
