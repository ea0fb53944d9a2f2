# SPDX-License-Identifier: Apache-2.0
"""
Shows the kill switch where the daemon cannot help: its loop is stuck in a plugin, or it is stopped,
or dead. `turret halt` cancels every order at the venue by itself and says so; the next start takes
the latch over before it connects, sends nothing, and agrees with the venue; only a person's word
with --killed lifts it. Twice at once, interrupted, and by signal alone.
"""
import os
import signal
import subprocess
import unittest

from fault_rig import DONE, PARTLY, REFUSED, person
from halt_rig import HaltCase


class Stuck(HaltCase):
    def test_44_loop_stuck_in_a_plugin(self):
        daemon = self.trading(at=60)
        self.assertEqual(len(self.working()), self.orders_placed)
        done = self.turret("status", "--store", "store")
        self.assertEqual(done.returncode, 4, "it is not stuck: " + done.stdout)
        result = self.halt()
        self.assertEqual(self.working(), set())
        self.assertEqual((result["open"], result["latched"]), (0, True))
        self.assertEqual({order["became"] for order in result["orders"]}, {"CANCELED"})
        self.assertEqual(len(result["orders"]), self.orders_placed)
        self.assertIn("all", self.json("state", "--store", "store")["kill_switch"])
        self.assertIsNone(daemon.process.poll(), "the daemon ended by itself")
        self.end_by(daemon)
        self.unstick()
        daemon = self.next_start()
        self.assertEqual(self.states_set(), {("all", ""): "KILLED"})
        row, = self.json("state", "--store", "store")["states"]
        self.assertEqual((row["who"], row["reason"]), (person(), "kill switch: turret halt"))
        self.end_by(daemon, signal.SIGTERM)
        daemon = self.next_start()  # latched over two starts
        self.lift(daemon)
        self.stop_strategies(daemon)
        self.agree(daemon)

    def lift(self, daemon):
        """By its own word only, and then it trades again."""
        done = self.turret("state", "all", "active", "--reason", "x", "--store", "store")
        self.assertEqual(done.returncode, REFUSED, done.stderr)
        done = self.turret("resume", "all", "--reason", "x", "--store", "store")
        self.assertEqual(done.returncode, REFUSED, done.stderr)
        self.assertIn("--killed", done.stderr)
        done = self.turret("resume", "all", "--killed", "--reason", "looked", "--store", "store")
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.assertEqual(self.json("state", "--store", "store"),
                         {"states": [], "stops": [], "kill_switch": [], "unrecorded": [],
                              "now": {"waits": [], "unprotected": [],
                                      "not_sent": []}})
        self.assertEqual(self.status()["trading"], "ACTIVE")

    def test_44_stopped_daemon(self):
        """SIGSTOP: not a line of it runs. When it goes on it sends nothing and hears of it all."""
        daemon = self.trading(orders=1000, batch=1)
        daemon.kill(signal.SIGSTOP)
        self.assertEqual(self.halt()["open"], 0)
        self.assertEqual(self.working(), set())
        ordered = self.counts()["ORDER"]
        daemon.kill(signal.SIGCONT)
        self.wait(daemon, lambda: self.status()["trading"] == "KILLED", "KILLED")
        self.wait(daemon, lambda: self.status()["working_orders"] == 0, "no working order")
        self.assertEqual(self.counts()["ORDER"], ordered)
        self.stop_strategies(daemon)
        self.agree(daemon)

    def test_44_resume_that_nobody_waits_for(self):
        """What the client was told to have failed is not done when the daemon goes on."""
        daemon = self.trading(orders=1000, batch=1)
        daemon.kill(signal.SIGSTOP)
        self.halt()
        done = self.turret("resume", "all", "--killed", "--reason", "x", "--store", "store")
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertEqual(self.halt()["open"], 0)
        daemon.kill(signal.SIGCONT)
        self.wait(daemon, lambda: self.status()["working_orders"] == 0, "no working order")
        self.assertEqual(self.status()["trading"], "KILLED")
        self.lift(daemon)
        self.settle(daemon)

    def test_44_living_daemon(self):
        """It goes on reading and hears by its own stream that every order is gone."""
        daemon = self.trading(orders=1000, batch=1)
        self.assertEqual(self.halt()["open"], 0)
        self.wait(daemon, lambda: self.status()["working_orders"] == 0, "no working order")
        self.assertEqual(self.working(), set())
        self.assertEqual(self.status()["trading"], "KILLED")
        self.lift(daemon)
        self.wait(daemon, lambda: len(self.working()) > 0, "orders again")
        self.settle(daemon)

    def test_44_dead_daemon(self):
        daemon = self.trading()
        self.end_by(daemon)
        self.assertEqual(len(self.working()), self.orders_placed)
        self.assertEqual(self.halt()["open"], 0)
        self.assertEqual(self.working(), set())
        self.agree(self.next_start())

    def test_44_twice_at_once(self):
        daemon = self.trading(at=60)
        both = [subprocess.Popen(self.halt_command(), stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, cwd=self.folder) for _ in range(2)]
        for process in both:
            out, err = process.communicate(timeout=120)
            self.assertEqual(process.returncode, DONE, out + err)
        self.assertEqual(self.working(), set())
        self.end_by(daemon)
        self.unstick()
        self.agree(self.next_start())

    def test_44_interrupted(self):
        """Ctrl-C while the venue does not answer: it says so, and the latch stays."""
        daemon = self.trading(at=60)
        self.venue.send_signal(signal.SIGSTOP)
        process = subprocess.Popen(self.halt_command(), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, cwd=self.folder, text=True)
        self.wait(daemon, lambda: "all" in self.json("state", "--store", "store")["kill_switch"],
                  "the latch")
        while process.poll() is None and not self.catches(process.pid):
            daemon.drain(0.002)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, PARTLY, out + err)
        self.assertIn('"interrupted": true', out)
        self.venue.send_signal(signal.SIGCONT)
        self.assertEqual(self.halt()["open"], 0)
        self.assertEqual(self.working(), set())
        self.end_by(daemon)
        self.unstick()
        self.agree(self.next_start())

    @staticmethod
    def catches(pid):
        """Whether it catches SIGINT by now."""
        try:
            with open(f"/proc/{pid}/status", encoding="ascii") as file:
                caught = next(line for line in file if line.startswith("SigCgt"))
        except (OSError, StopIteration):
            return False
        return int(caught.split()[1], 16) >> (signal.SIGINT - 1) & 1

    def test_44_venue_that_never_answers(self):
        """The bound passes: not one order is called gone."""
        daemon = self.trading(at=60)
        self.venue.send_signal(signal.SIGSTOP)
        result = self.halt("--wait", "1", code=PARTLY)
        self.assertTrue(result["latched"])
        self.assertFalse(any(order["proven"] for order in result["orders"]))
        self.assertEqual(len(result["orders"]), self.orders_placed)
        self.venue.send_signal(signal.SIGCONT)
        self.end_by(daemon)
        self.unstick()
        self.agree(self.next_start())  # the daemon itself cancels them

    def test_signal_alone(self):
        """SIGUSR1 without any client: a stuck loop is latched, a living one cancels by itself."""
        daemon = self.trading(orders=1000, batch=1)
        daemon.kill(signal.SIGUSR1)
        self.wait(daemon, lambda: self.status()["trading"] == "KILLED", "KILLED")
        self.wait(daemon, lambda: not self.working(), "no order at the venue")
        self.wait(daemon, lambda: self.status()["working_orders"] == 0, "no working order here")
        state, = self.json("state", "--store", "store")["states"]
        self.assertEqual((state["who"], state["reason"]), ("signal", "kill switch: SIGUSR1"))
        self.stop_strategies(daemon)
        self.agree(daemon)

    def test_signal_while_stuck(self):
        daemon = self.trading(at=60)
        daemon.kill(signal.SIGUSR1)
        self.wait(daemon, lambda: "all" in self.json("state", "--store", "store")["kill_switch"],
                  "the latch")
        self.end_by(daemon)
        self.unstick()
        self.agree(self.next_start())

    def test_one_venue(self):
        daemon = self.trading()
        done = self.turret("halt", "--venue", "fakee", "--store", "store")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertFalse(self.json("state", "--store", "store")["kill_switch"])
        done = self.turret("halt", "--venue", "fake", "--store", "store")
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.assertIn("the latch is set: nothing new is sent to venue fake until turret resume venue "
                      "fake --killed\n", done.stderr)
        self.assertEqual(self.halt("--venue", "fake")["open"], 0)
        self.wait(daemon, lambda: self.states_set() == {("venue", "fake"): "KILLED"}, "KILLED")
        self.assertIn("KILLED", self.status()["trading"])
        self.assertEqual(self.working(), set())
        done = self.turret("resume", "venue", "fake", "--killed", "--reason", "x", "--store",
                           "store")
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.wait(daemon, lambda: self.status()["trading"] == "ACTIVE", "ACTIVE")
        self.settle(daemon)

    def test_no_store(self):
        done = self.turret("halt", "--store", "nowhere")
        self.assertNotEqual(done.returncode, DONE)
        self.assertFalse(os.path.exists(self.path("nowhere")))


if __name__ == "__main__":
    unittest.main()
