# SPDX-License-Identifier: Apache-2.0
"""
Shows that the order path survives what networks do to a connection. Between the adapter and the
fake venue stands proxy.py: it resets the connection after each byte of an order, stops the market
data, goes on half open, splits, doubles, delays and slows down lines. Each time the oracle compares
venue and store in the end. And clients of the control socket that do not read their answers, or say
their questions byte by byte, cost nothing but their place.
"""
import os
import socket
import subprocess
import sys
import unittest

from fault_rig import whole_lines
from venue_rig import BUYER, QUOTER, VenueCase

STEADY = "  steady: {plugin: test.steady, on: [AAA.fake@1s, CCC.fake@1s]}\n"


class Proxied(VenueCase):
    def begin_through(self, rules, script=""):
        """The venue with this script, behind a proxy with these rules, and a daemon there."""
        self.write("rules", rules.replace("; ", "\n") + "\n")
        self.proxy = subprocess.Popen(
            [sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "proxy.py"),
             self.path("s"), self.path("rules"), self.path("proxy.log")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end_proxy, self.proxy)
        self.address = "tcp:" + self.proxy.stdout.readline().strip()
        return self.begin(script)

    @staticmethod
    def end_proxy(proxy):
        proxy.stdin.close()
        proxy.wait()
        proxy.stdout.close()

    def did(self, action):
        """What the proxy did, each as the words of its line of the log."""
        return [words for words in whole_lines(self.path("proxy.log")) if words[0] == action]

    def through(self, rules, action, times, **more):
        """Trades until the proxy did this so often, and on; answers what the oracle counted."""
        daemon = self.begin_through(rules, **more)
        self.wait(daemon, lambda: len(self.did(action)) >= times, f"{times} times {action}")
        before = self.counts()["FILL"]
        self.wait(daemon, lambda: self.counts()["FILL"] > before + 10, "trading on")
        return self.settle(daemon)

    def test_21_reset_at_every_byte(self):
        """Of an order whose line did not come whole nothing is known, and then that it never came."""
        daemon = self.begin_through("every up SUBMIT 3: reset each")
        self.wait(daemon, lambda: len(self.did("reset")) >= 75, "resets at every byte")
        found = self.settle(daemon)
        arrived, sizes, whole, cut = {words[0] for words in self.lines("ORDER")}, set(), [], 0
        for _, _, size, *line in self.did("reset"):
            sizes.add(int(size))
            whole.append(len(" ".join(line)) + 1)
            if int(size) < whole[-1]:
                cut += 1
                self.assertNotIn(line[1], arrived)
        self.assertGreaterEqual(sizes, set(range(min(whole) + 1)), "not every byte")
        self.assertEqual(self.counts()["DUPLICATE"], 0)
        self.assertGreaterEqual(found["never_arrived"], cut)

    def test_35_no_order_without_fresh_data(self):
        """One instrument's bars stop; what wants to trade it is denied until they come again."""
        self.strategies = STEADY
        self.limits = ", reference_age: 10s"
        daemon = self.begin_through("from down BAR AAA 200: hide")
        self.wait(daemon, lambda: len(self.did("hide")) >= 20, "bars to stop")
        self.wait(daemon, lambda: self.denied() > 5, "denials")
        sent = self.counts()["ORDER"]
        self.wait(daemon, lambda: self.denied() > 50, "more denials")
        self.assertEqual(self.counts()["ORDER"], sent)
        orders = self.orders()
        first = min(order["id"] for order in orders if order["state"] != "DENIED")
        before = {order["denial"] for order in orders if order["id"] < first}
        denied = {order["denial"] for order in orders
                  if order["state"] == "DENIED" and order["id"] > first}
        self.assertEqual(denied, {"STALE_REFERENCE"})
        self.assertLessEqual(before, {"NOT_RECONCILED"})  # the venue was not ready
        self.settle(daemon)

    def test_42_no_time(self):
        """The venue never tells its time: that is said, and nothing is sent there."""
        self.pace_ms = 20
        daemon = self.begin_through("from down TIME 1: hide")
        self.assertIsNotNone(daemon.until("fake does not tell its time"), daemon.said)
        self.wait(daemon, lambda: any(order["denial"] == "CLOCK_SKEW" for order in self.orders()),
                  "denials that say why")
        self.assertEqual(self.counts()["ORDER"], 0)
        self.settle(daemon)

    def denied(self):
        return sum(one["denied"] for one in self.status()["strategies"])

    def test_37_half_open(self):
        """No end of the connection is heard; after two heartbeats it counts as lost."""
        self.heartbeat_ms = 60
        daemon = self.begin_through("after down BAR 200: blackhole")
        self.assertIsNotNone(daemon.until("says nothing"), daemon.said)
        before = self.counts()["FILL"]
        self.wait(daemon, lambda: self.counts()["FILL"] > before + 10, "trading again")
        self.settle(daemon)
        self.assert_calm()

    def test_20_split(self):
        self.through("every up SUBMIT 1: split 7; every down ANSWER 1: split 3; every down ORDER 2: split 1",
                     "split", 50)

    def test_28_twice_on_the_wire(self):
        self.through("every down FILL 2: duplicate; every down ORDER 3: duplicate", "duplicate", 20)

    def test_29_delayed(self):
        self.pace_ms = 5
        self.through("every down 50: delay 40; every up SUBMIT 5: delay 100", "delay", 20)

    def test_34_lost_lines(self):
        self.through("; ".join(
            f"after down FILL {n}: drop; after down ANSWER {n + 3}: drop; after up SUBMIT {n}: drop"
            for n in range(7, 50, 10)), "drop", 15)

    def test_38_slow_venue(self):
        self.pace_ms = 20
        self.through("after down BAR 20: slow 40", "slow", 1)


class SlowClients(VenueCase):
    """Of the control socket."""
    strategies = QUOTER + BUYER.replace("orders: 40", "orders: 4000")
    clients, questions = 24, 2000

    def memory(self, daemon):
        with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))

    def connect(self):
        client = socket.socket(socket.AF_UNIX)
        self.addCleanup(client.close)
        client.connect(self.path("store/control.sock"))
        client.setblocking(False)
        return client

    def trades_on(self, daemon):
        before = self.counts()["FILL"]
        self.wait(daemon, lambda: self.counts()["FILL"] > before + 20, "trading on")

    def test_61_slow_readers(self):
        """Thousands of questions, and no answer is read."""
        daemon = self.begin("")
        self.trades_on(daemon)
        before = self.memory(daemon)
        for _ in range(self.clients):
            client = self.connect()
            for _ in range(self.questions):
                try:
                    client.send(b'{"command": "status"}\n')
                except BlockingIOError:
                    break
        self.trades_on(daemon)
        self.assertEqual(self.status()["trading"], "ACTIVE")
        self.trades_on(daemon)
        self.assertLess(self.memory(daemon) - before, 8 << 10, "kB more")
        self.settle(daemon)

    def test_62_byte_by_byte(self):
        """Questions that never end; and one that is longer than any may be."""
        daemon = self.begin("")
        self.trades_on(daemon)
        before = self.memory(daemon)
        clients = [self.connect() for _ in range(self.clients)]
        for sign in b'{"command": ':
            for client in clients:
                client.send(bytes([sign]))
            self.trades_on(daemon)
        self.assertLess(self.memory(daemon) - before, 8 << 10, "kB more")
        long, sent = self.connect(), 0
        while sent < 4 << 20:
            try:
                sent += long.send(b"x" * 65536)
            except BlockingIOError:
                daemon.drain(0.001)
            except OSError:
                break
        self.assertLess(sent, 4 << 20, "it takes a line without end")
        self.assertEqual(self.status()["trading"], "ACTIVE")
        self.settle(daemon)


if __name__ == "__main__":
    unittest.main()
