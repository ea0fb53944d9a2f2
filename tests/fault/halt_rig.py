# SPDX-License-Identifier: Apache-2.0
"""A daemon with resting orders at the fake venue, which may be stuck; and the kill switch."""
import json
import os
import signal
import subprocess

from fault_rig import DONE, TURRET
from venue_rig import VenueCase

STUCK = ("  stuck: {{plugin: test.stuck, on: AAA.fake@1s, "
         "params: {{at: {at}, orders: {orders}, batch: {batch}}}}}\n")


class HaltCase(VenueCase):
    orders_placed = 20
    pace_ms = 20

    def trading(self, at=0, orders=20, batch=5, script="", resting=20):
        """A daemon whose orders rest at the venue; with `at` its loop is stuck from that bar on."""
        self.orders_placed = orders
        self.strategies = STUCK.format(at=at, orders=orders, batch=batch)
        daemon = self.begin(script)
        self.wait(daemon, lambda: len(self.working()) >= resting, "orders")
        if at:
            self.assertIsNotNone(daemon.until("stuck from here on"), daemon.said)
        return daemon

    def unstick(self):
        """From the next start on the strategy comes back."""
        with open(self.path("turret.yaml"), encoding="utf-8") as file:
            text = file.read()
        at = text.index("params: {at: ") + len("params: {at: ")
        self.write("turret.yaml", text[:at] + "0" + text[text.index(",", at):])

    def halt_command(self, *more):
        return [TURRET, "--json", "halt", "--store", "store", *more]

    def halt(self, *more, code=DONE, env=None):
        done = subprocess.run(self.halt_command(*more), capture_output=True, text=True,
                              cwd=self.folder, check=False, timeout=120, env=env)
        self.assertEqual(done.returncode, code, done.stdout[-3000:] + done.stderr)
        return json.loads(done.stdout)

    def working(self):
        """Client ids that still work at the venue, by its log."""
        left, works = {}, set()
        for words in self.logged():
            if words[0] == "ORDER":
                left[words[1]] = int(words[6])
                works.add(words[1])
            elif words[0] == "FILL":
                left[words[2]] -= int(words[5])
                if left[words[2]] <= 0:
                    works.discard(words[2])
            elif words[0] in ("CANCEL", "EXPIRE"):
                works.discard(words[1])
        return works

    def states_set(self):
        return {(row["scope"], row["name"]): row["state"]
                for row in self.json("state", "--store", "store")["states"]}

    def next_start(self):
        """The next start; it is KILLED from the first moment, and sends nothing."""
        before = self.counts()["ORDER"]
        daemon = self.start()
        self.wait(daemon, lambda: self.status()["venues"][0]["ready"], "a reconciled venue")
        self.wait(daemon, lambda: self.status()["working_orders"] == 0, "no working order here")
        self.assertEqual(self.status()["trading"], "KILLED")
        self.assertEqual(self.counts()["ORDER"], before, "it sent orders although it is killed")
        return daemon

    def end_by(self, daemon, number=signal.SIGKILL):
        daemon.kill(number)
        daemon.process.wait(60)

    def agree(self, daemon):
        """Both books are the same, and the journal does it all again."""
        self.finish(daemon, settled=True)
