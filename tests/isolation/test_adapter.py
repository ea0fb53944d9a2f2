# SPDX-License-Identifier: Apache-2.0
"""
Shows that an adapter that dies in its runner loses, doubles and invents nothing. It speaks TCP on
the loopback address to a fake venue that keeps its own log; its runner is killed 5 times
(TURRET_RUNNER_KILLS) while strategies trade. Each time the stream is down, the host goes on, a new runner connects
and downloads. In the end the venue's log is the oracle: every order is known exactly once, none was
sent twice, executions, positions and cash are equal, and the journal replays to the same bytes.
"""
import os
import random
import select
import signal
import socket
import subprocess
import unittest

from isolation_rig import BUILD, IsolationCase, PLUGINS
import test_kill

KILLS = int(os.environ.get("TURRET_RUNNER_KILLS", "5"))
SEED = int(os.environ.get("TURRET_SEED", "1"))


class Adapter(test_kill.Kill, IsolationCase):
    def start_venue(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = self.path("venue.log")
        venue = subprocess.Popen(
            [os.path.join(BUILD, "tests", "fake_venue"), f"tcp:{self.port}", self.log, str(SEED),
             "2", "1000000", "60000"])
        self.addCleanup(venue.wait)
        self.addCleanup(venue.kill)
        for _ in range(test_kill.WAITS):
            with socket.socket() as door:
                if door.connect_ex(("127.0.0.1", self.port)) == 0:
                    return venue
            select.select([], [], [], 0.002)
        self.fail("the venue did not start")

    def configure(self, size):
        text = test_kill.CONFIG.format(socket=f"tcp:{self.port}", size=size)
        self.write("turret.yaml", text.replace(
            "- path: plugins",
            f"- path: {PLUGINS}\n  - {{path: isolated, isolation: process}}\n  - path: own"))

    def test_kill(self):
        chance = random.Random(SEED)
        self.alarms = []
        self.put("isolated", "test_adapter")
        self.put("own", "test_quoter")
        venue = self.start_venue()
        self.configure(40)
        daemon = self.start()
        self.daemons = [daemon]
        kills = 0
        for _ in range(KILLS):
            self.wait_for_trading(daemon, chance.randrange(1, 1500))
            while not self.runners():  # what grew the log was sent before it died
                daemon.drain(0.05)
            for pid in self.runners():
                os.kill(pid, signal.SIGKILL)
                kills += 1
            self.assertIsNotNone(daemon.until("ended by SIGKILL"))  # one that starts, too
        self.wait_for_trading(daemon, 500)
        self.assertEqual(kills, KILLS)
        self.assertEqual(daemon.end(signal.SIGTERM), 0, "\n".join(daemon.said[-5:]))
        self.assertEqual(self.runners(), [])
        status = self.settle()
        self.assertEqual(status["working_orders"], 0)
        self.assertIsNone(venue.poll(), "the venue ended before the test")
        found = self.oracle(self.log, "store", settled=True)
        self.assertGreater(found["fills"], KILLS, "too little traded to show anything")
        self.assertEqual([line for line in self.alarms if "differ" in line], [])
        print(f"seed {SEED}: {kills} runners killed; orders {found['orders']}, refused "
              f"{found['refused']}, cancelled {found['cancelled']}, fills {found['fills']}")

    def test_a_number_that_is_no_answer(self):
        """Its submit() sends an order and answers 1: the order is asked for, and never refused."""
        self.alarms = []
        self.put("isolated", "test_adapter")
        self.put("own", "test_quoter")
        self.start_venue()
        self.configure(40)
        with open(self.path("turret.yaml"), encoding="ascii") as file:
            text = file.read()
        self.write("turret.yaml", text.replace("params: {socket:", "params: {odd_answer: 1, socket:"))
        daemon = self.start()
        self.daemons = [daemon]
        self.wait_for_trading(daemon, 6000)
        self.assertEqual(daemon.end(signal.SIGTERM), 0, "\n".join(daemon.said[-5:]))
        self.assertEqual(self.settle()["working_orders"], 0)
        with open(self.log, encoding="ascii") as log:
            sent = [line.split()[1] for line in log if line.startswith("ORDER ")]
        odd = [number for number in sent if int(number) % 3 == 0]
        states = {str(order["id"]): order["state"]
                  for order in self.json("orders", "--all", "--store", "store")}
        self.assertGreater(len(odd), 3)
        self.assertNotIn("REJECTED", {states[number] for number in odd})
        self.oracle(self.log, "store", settled=True)

    def test_a_path_in_isolation(self):
        """It can open no Unix socket there: that is what it says, and not what comes of it."""
        self.put("isolated", "test_adapter")
        self.put("own", "test_quoter")
        self.port = 0
        self.configure(40)
        with open(self.path("turret.yaml"), encoding="ascii") as file:
            text = file.read()
        self.write("turret.yaml", text.replace("tcp:0", "venue.sock"))
        daemon = self.start(ready=False)
        self.assertIsNotNone(daemon.until("no Unix socket (in isolation there is tcp:PORT only): "
                                          "Permission denied"), daemon.said)
        self.assertEqual(daemon.end(signal.SIGTERM), 0)

    def wait_for_trading(self, daemon, grown):
        """A new runner is waited for up to 16 s, longer than the last back-off."""
        for _ in range(10):
            if self.wait_for_log(daemon, grown):
                return
        self.fail("nothing is traded: " + "\n".join(daemon.said[-20:]))


if __name__ == "__main__":
    unittest.main()
