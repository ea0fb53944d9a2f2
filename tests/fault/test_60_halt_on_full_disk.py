# SPDX-License-Identifier: Apache-2.0
"""
Shows the kill switch on a disk that takes nothing any more: every write and every sync of the
command fails, and of the daemon, which has stopped trading for that; or the file system is full to
the last block. The latch is set in a page that is there already, the orders are gone at the venue,
what is not on the disk is told. The venue's dead-man timer sees to the rest where it has one.
"""
import os
import signal
import subprocess
import unittest

from fault_rig import DONE, FAILED, INVALID
from halt_rig import HaltCase


class FullDisk(HaltCase):
    def preloaded(self, **settings):
        library = os.path.join(os.environ.get("TURRET_BUILD", "."), "tests", "nth.so")
        if not os.path.exists(library):
            self.skipTest("nth.so is not part of sanitizer builds")
        return dict(os.environ, LD_PRELOAD=library, NTH_STICKY="1", NTH_ERRNO="28", NTH_AT="1",
                    **settings)

    def test_60_syncs_fail(self):
        """It is told that the latch is not on the disk, and nothing else is different."""
        daemon = self.trading(at=60)
        result = self.halt(env=self.preloaded(NTH_KIND="sync"))
        self.assertEqual((result["latched"], result["open"]), (True, 0))
        self.assertIn("power cut", result["latch_why"])
        self.assertEqual(self.working(), set())
        self.end_by(daemon)
        self.unstick()
        self.agree(self.next_start())

    def test_60_writes_fail(self):
        daemon = self.trading(at=60)
        done = subprocess.run(self.halt_command(), stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, cwd=self.folder, check=False, timeout=120,
                              env=self.preloaded(NTH_KIND="write"))
        self.assertIn(done.returncode, (DONE, FAILED), done.stderr)  # what it printed is lost
        self.assertEqual(self.working(), set())
        self.end_by(daemon)
        self.unstick()
        self.agree(self.next_start())

    def test_60_no_block_left(self):
        """A small file system of its own, filled while the daemon trades there."""
        disk = self.path("disk")
        os.mkdir(disk)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "turret", disk],
                          capture_output=True, check=False).returncode != 0:
            self.skipTest("no file system can be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=False)
        os.mkdir(os.path.join(disk, "store"))
        os.symlink(os.path.join(disk, "store"), self.path("store"))
        daemon = self.trading(orders=1000, batch=1)
        with open(os.path.join(disk, "filler"), "wb", buffering=0) as filler:
            try:
                while filler.write(b"x" * 4096):
                    pass
            except OSError:
                pass
        self.wait_ended(daemon)
        self.assertGreater(len(self.working()), 0)
        result = self.halt()
        self.assertEqual((result["latched"], result["open"]), (True, 0))
        self.assertEqual(self.working(), set())
        os.remove(os.path.join(disk, "filler"))
        self.agree(self.next_start())

    def wait_ended(self, daemon):
        while daemon.line(20) is not None:
            pass
        self.assertEqual(daemon.process.wait(60), FAILED, daemon.said[-3:])


class DeadMan(HaltCase):
    def begin(self, script):
        import venue_rig
        text = venue_rig.CONFIG
        venue_rig.CONFIG = text.replace("cash: {{", "dead_man: 1s\n    cash: {{")
        try:
            return super().begin(script)
        finally:
            venue_rig.CONFIG = text

    def test_stuck_daemon(self):
        """Nobody does anything: the venue cancels, because it hears no line any more."""
        daemon = self.trading(at=60)
        self.wait(daemon, lambda: self.counts()["DEADMAN"] == 1, "the venue's timer")
        self.assertEqual(self.working(), set())
        self.end_by(daemon)
        self.unstick()
        daemon = self.start()
        self.wait(daemon, lambda: self.status()["working_orders"] == 0, "no working order here")
        self.settle(daemon)

    def test_dead_daemon(self):
        daemon = self.trading()
        self.end_by(daemon)
        self.wait_for_timer()
        self.assertEqual(self.working(), set())
        daemon = self.start()
        self.wait(daemon, lambda: self.status()["working_orders"] == 0, "no working order here")
        self.settle(daemon)

    def wait_for_timer(self):
        for _ in range(4000):
            if self.counts()["DEADMAN"]:
                return
            signal.sigtimedwait([], 0.002)
        self.fail("the venue's timer did not fire")

    def test_quiet_daemon(self):
        """One that has nothing to say for long keeps its orders, also over lost connections."""
        daemon = self.trading(script="after tick 30: hang-up; after tick 90: hang-up; "
                                     "after tick 150: hang-up")
        self.wait(daemon, lambda: self.counts()["hang-up"] == 3 and self.status()[
            "venues"][0]["ready"], "lost connections")
        self.assertEqual(self.counts()["DEADMAN"], 0)
        self.assertEqual(len(self.working()), self.orders_placed)
        self.settle(daemon)

    def test_adapter_without_one(self):
        self.write("turret.yaml", SIM.format(plugins=os.environ.get("TURRET_PLUGINS")))
        daemon = self.start(ready=False)
        self.assertEqual(daemon.end(), FAILED)
        self.assertIn("dead_man is set and adapter turret.sim has no dead-man timer",
                      "\n".join(daemon.said))
        self.write("turret.yaml", SIM.format(plugins=os.environ.get("TURRET_PLUGINS")).replace(
            "30s", "0s"))
        daemon = self.start(ready=False)
        self.assertEqual(daemon.end(), INVALID)


SIM = """
turret: 1
mode: paper
store: store
plugins: [{{path: {plugins}}}]
venues: {{sim: {{adapter: sim, cash: {{USD: 1000}}, dead_man: 30s}}}}
instruments: {{AAA.sim: {{tick: 0.01, lot: 1, currency: USD}}}}
strategies: {{buyer: {{plugin: accumulate, on: AAA.sim@1m, params: {{qty: 1}}}}}}
risk: {{preset: development}}
"""

if __name__ == "__main__":
    unittest.main()
