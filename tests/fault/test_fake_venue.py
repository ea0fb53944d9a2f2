# SPDX-License-Identifier: Apache-2.0
"""
Shows that the fake venue itself does not invent what the tests look for: a client that died with
its download unread takes the stream from nobody, so that no execution is lost for who lives; and
its time goes at its pace while it is mute, whatever is said to it then.
"""
import os
import socket
import subprocess
import time
import unittest

from fault_rig import BUILD, Case

ROUNDS = 20
PACE_MS = 40
START_NS = 1700006400 * 10**9  # its first bar
BUSY = 5  # bars that come early, for eight requests take the time of one


class FakeVenue(Case):
    def begin(self, script, pace_ms=1):
        self.rest = {}
        self.write("script", script)
        venue = subprocess.Popen([os.path.join(BUILD, "tests", "fake_venue"), self.path("s"),
                                  self.path("log"), "1", str(pace_ms), "100000", "100000",
                                  self.path("script")])
        self.addCleanup(venue.wait)
        self.addCleanup(venue.kill)

    def connect(self):
        for _ in range(100000):
            client = socket.socket(socket.AF_UNIX)
            self.addCleanup(client.close)
            try:
                client.connect(self.path("s"))
            except (FileNotFoundError, ConnectionRefusedError):
                client.close()
                continue
            client.settimeout(20)
            client.sendall(b"DOWNLOAD 0\n")
            return client
        return self.fail("the venue did not start")

    def until(self, client, word, count=1):
        """Reads on until so many lines hold the word; answers all of them, split."""
        lines = []
        while sum(word in line for line in lines) < count:
            got = client.recv(65536)
            self.assertTrue(got, "the venue hung up")
            *whole, self.rest[client] = (self.rest.get(client, b"") + got).split(b"\n")
            lines += [line.decode().split() for line in whole]
        return lines

    def test_the_dead_take_nothing(self):
        """What they sent is read some turns later, after another client's download."""
        self.begin("# nothing\n")
        for number in range(ROUNDS):
            self.connect().close()
            client = self.connect()
            self.until(client, "END")
            self.until(client, "BAR", 60)
            client.sendall(b"SUBMIT %d AAA B M G 12 0 0 9000000000000000000\n" % (number + 1))
            told = self.until(client, "FILL")
            self.assertEqual([line[3] for line in told if "FILL" in line][0], str(number + 1))
            client.close()

    def test_time_while_it_is_mute(self):
        """What the mute connection is sent waits unread, and no bar comes before it is due."""
        began = time.monotonic()
        self.begin("after tick 3: mute", pace_ms=PACE_MS)
        mute = self.connect()  # the first that downloads
        self.until(mute, "BEGIN")
        other = self.connect()
        self.until(other, "END")
        with open(self.path("log"), encoding="ascii") as log:
            while "mute" not in log.read():
                self.until(other, "BAR")
        mute.sendall(b"PING\n")
        bars = [line for line in self.until(other, "BAR", 60) if "BAR" in line]
        ticks = (int(bars[-1][2]) - START_NS) // 10**9
        self.assertGreater(ticks, 20)
        self.assertGreater(time.monotonic() - began, (ticks - BUSY) * PACE_MS / 1000)


if __name__ == "__main__":
    unittest.main()
