# SPDX-License-Identifier: Apache-2.0
"""
Shows the kill switch with an adapter that runs in a process of its own: `turret halt` starts a
runner for itself, also from the store's copy when the file is gone, while the daemon's loop is stuck
and when it is dead; cancels every order, leaves no runner behind; and when its own runner is lost it
calls nothing gone that was not proven, and the next halt finishes.
"""
import glob
import json
import os
import select
import shutil
import signal
import subprocess
import unittest

import test_proxy
import venue_rig
from fault_rig import BUILD, DONE, PARTLY
from halt_rig import HaltCase

VENUE_PLUGINS = os.path.join(BUILD, "venue-plugins")


def children(pid):
    """Processes of this parent that are alive."""
    found = []
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                words = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(words[1]) == pid and words[0] != "Z":
            found.append(int(path.split("/")[2]))
    return found


class Isolated(HaltCase):
    begin_through = test_proxy.Proxied.begin_through
    end_proxy = staticmethod(test_proxy.Proxied.end_proxy)

    def begin(self, script):
        """The adapter speaks TCP, which its sandbox allows; the strategy stays in the daemon."""
        text = venue_rig.CONFIG
        if self.address:
            return super().begin(script)
        for name, plugin in (("isolated", "test_adapter.so"), ("own", "test_stuck.so")):
            os.mkdir(self.path(name))
            shutil.copy(os.path.join(VENUE_PLUGINS, plugin), self.path(name))
        venue_rig.CONFIG = text.replace("  - path: {venue}\n",
                                        "  - path: own\n"
                                        "  - {{path: isolated, isolation: process}}\n")
        try:
            return self.begin_through("", script)
        finally:
            venue_rig.CONFIG = text

    def trading(self, **more):
        daemon = super().trading(**more)
        self.assertEqual(len(children(daemon.process.pid)), 1, "the adapter's runner")
        return daemon

    def halting(self, *more):
        """A halt that waits for the venue, which stands still, and its runner."""
        self.venue.send_signal(signal.SIGSTOP)
        process = subprocess.Popen(self.halt_command(*more), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, cwd=self.folder, text=True)
        runners, looks = [], 0
        while looks < 40:  # the first one only tells what the file offers
            self.assertIsNone(process.poll(), "it did not wait for the venue")
            select.select([], [], [], 0.005)
            found = children(process.pid)
            looks = looks + 1 if found and found == runners else 0
            runners = found
        self.assertEqual(len(runners), 1)
        return process, runners[0]

    def halted(self):
        """The halt ends well, every order is gone, and so is the runner that it had."""
        process, runner = self.halting()
        self.venue.send_signal(signal.SIGCONT)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, DONE, out + err)
        result = json.loads(out)
        self.assertEqual((result["open"], result["latched"]), (0, True))
        self.assertEqual(self.working(), set())
        self.assertEqual(len(result["orders"]), self.orders_placed)
        for _ in range(1000):
            if not os.path.exists(f"/proc/{runner}"):
                return
            select.select([], [], [], 0.01)
        self.fail("its runner is left behind")

    def test_stuck_loop(self):
        daemon = self.trading(at=60)
        self.halted()
        self.assertIsNone(daemon.process.poll(), "the daemon ended by itself")
        self.end_by(daemon)
        self.unstick()
        self.agree(self.next_start())

    def test_stopped_daemon(self):
        """Its runner goes on, and does nothing by itself."""
        daemon = self.trading(orders=1000, batch=1)
        daemon.kill(signal.SIGSTOP)
        self.assertEqual(self.halt()["open"], 0)
        self.assertEqual(self.working(), set())
        daemon.kill(signal.SIGCONT)
        self.wait(daemon, lambda: self.status()["trading"] == "KILLED", "KILLED")
        self.wait(daemon, lambda: self.status()["working_orders"] == 0, "no working order here")
        self.stop_strategies(daemon)
        self.agree(daemon)

    def test_dead_daemon(self):
        daemon = self.trading()
        self.end_by(daemon)
        self.halted()
        self.agree(self.next_start())

    def test_file_is_gone(self):
        """The build that ran last is in the store, with the word that it ran in a runner."""
        daemon = self.trading()
        self.end_by(daemon)
        shutil.rmtree(self.path("isolated"))
        self.halted()

    def test_its_own_runner_is_lost(self):
        """The venue does not answer, and then the runner dies: it says so, in its time."""
        daemon = self.trading()
        self.end_by(daemon)
        process, runner = self.halting("--wait", "2")
        os.kill(runner, signal.SIGKILL)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, PARTLY, out + err)
        self.assertFalse(any(order["proven"] for order in json.loads(out)["orders"]))
        self.venue.send_signal(signal.SIGCONT)
        self.halted()
        self.agree(self.next_start())


if __name__ == "__main__":
    unittest.main()
