#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Stands between an adapter and the fake venue, on a loopback port, and does to the connection what
networks do. Lines go on whole and in order, but for what the rules say, one a line:

    after up SUBMIT 3: reset 17     once, at the third line with this word
    every down BAR 5: drop          at each fifth; without a word every line counts
    from down BAR AAA 200: hide     at the 200th with both words and all after it

`up` is what the client says, `down` what it hears. What happens to the line:

    drop            it is lost, which the numbers of the lines tell
    hide            its number comes, what it said does not
    duplicate       it comes twice
    delay MS        it comes so much later, and what is behind it no earlier
    split N         it comes in pieces of N bytes
    slow N          from here on N bytes come in a millisecond
    reset N         N bytes of it come, then both connections are reset; `each` for N: one more
                    every time, from none to the whole line
    blackhole       the connection stays, nothing comes or goes any more (half open)

usage: proxy.py VENUE SCRIPT LOG     prints its port; ends with its standard input.

VENUE is the venue's socket. LOG gets a line for each thing done: what, which way, N, the line.
"""
import os
import select
import socket
import struct
import sys
import time


class Rule:
    def __init__(self, text):
        when, what = text.split(":")
        self.when, self.way, *words, number = when.split()
        self.number, self.words = int(number), {word.encode() for word in words}
        self.action, *argument = what.split()
        self.argument = argument[0] if argument else None
        self.seen = self.used = 0

    def due(self, way, line):
        """Counts the line; whether this rule is for it."""
        if way != self.way or not self.words <= set(line.split()):
            return False
        self.seen += 1
        return {"after": self.seen == self.number, "every": self.seen % self.number == 0,
                "from": self.seen >= self.number}[self.when]

    def size(self, line):
        """How many bytes of the line come before the reset."""
        if self.argument != "each":
            return int(self.argument)
        self.used += 1
        return (self.used - 1) % (len(line) + 1)


class Way:
    """One direction of a connection."""

    def __init__(self, name, source, sink):
        self.name, self.source, self.sink = name, source, sink
        self.rest = b""
        self.pieces = []  # (due, bytes; None: reset)
        self.due, self.pace = 0.0, None

    def put(self, piece, delay=0.0, after=0.0):
        """`delay` from now, and `after` what goes before it at the earliest."""
        self.due = max(self.due + after, time.monotonic() + delay)
        self.pieces.append((self.due, piece))

    def put_line(self, line, size=None):
        if self.pace and not size:
            for at in range(0, len(line), self.pace):
                self.put(line[at:at + self.pace], after=0.001)
        elif size:
            for at in range(0, len(line), size):
                self.put(line[at:at + size])
        else:
            self.put(line)

    def waits(self):
        """Seconds until there is something to send, None when there is nothing."""
        return max(0.0, self.pieces[0][0] - time.monotonic()) if self.pieces else None


class Connection:
    def __init__(self, client, venue, rules, log):
        self.ways = (Way("up", client, venue), Way("down", venue, client))
        self.rules, self.log, self.black, self.over = rules, log, False, False

    def take(self, way):
        try:
            got = way.source.recv(65536)
        except ConnectionError:
            got = b""
        if not got:
            self.close(reset=False)
            return
        *lines, way.rest = (way.rest + got).split(b"\n")
        for line in lines:
            if not self.over and not self.black:
                self.pass_on(way, line + b"\n")

    def pass_on(self, way, line):
        copies, size = 1, None
        for rule in self.rules:
            if not rule.due(way.name, line):
                continue
            detail = rule.argument or ""
            if rule.action == "reset":
                detail = rule.size(line)
                way.put(line[:detail])
                way.put(None)
                copies = 0
            elif rule.action == "drop":
                copies = 0
            elif rule.action == "hide":
                line = line.split()[0] + b" PONG 0\n"
            elif rule.action == "duplicate":
                copies = 2
            elif rule.action == "delay":
                way.put(b"", int(rule.argument) / 1000)
            elif rule.action == "split":
                size = int(rule.argument)
            elif rule.action == "slow":
                way.pace = int(rule.argument)
            elif rule.action == "blackhole":
                self.black, copies = True, 0
            else:
                raise SystemExit(f"no such action: {rule.action}")
            print(rule.action, way.name, detail, line.decode(errors="replace").strip(),
                  file=self.log, flush=True)
        for _ in range(copies):
            way.put_line(line, size)

    def send(self, way):
        """A piece at a time, so that they come one by one."""
        if way.pieces and way.pieces[0][0] <= time.monotonic() and not self.over:
            piece = way.pieces.pop(0)[1]
            if piece is None:
                self.close(reset=True)
                return
            try:
                way.sink.sendall(piece)
            except OSError:
                self.close(reset=False)

    def close(self, reset):
        self.over = True
        for way in self.ways:
            if reset and way.source.family == socket.AF_INET:
                way.source.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            way.source.close()


def accept(listener, path, rules, log):
    client = listener.accept()[0]
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    venue = socket.socket(socket.AF_UNIX)
    try:
        venue.connect(path)
    except OSError:
        client.close()
        return []
    return [Connection(client, venue, rules, log)]


def turn(listener, connections, path, rules, log):
    """False: whoever started it is gone."""
    ways = [(way, each) for each in connections if not each.black for way in each.ways]
    waits = [way.waits() for way, _ in ways if way.pieces]
    reading = {way.source: (way, each) for way, each in ways}
    ready = select.select([sys.stdin, listener, *reading], [], [], min(waits, default=None))[0]
    if sys.stdin in ready and not os.read(sys.stdin.fileno(), 1):
        return False
    for source in ready:
        if source in reading and not reading[source][1].over:
            reading[source][1].take(reading[source][0])
    if listener in ready:
        connections += accept(listener, path, rules, log)
    for way, each in ways:
        if not each.over and not each.black:
            each.send(way)
    connections[:] = [each for each in connections if not each.over]
    return True


def main():
    path, script, log = sys.argv[1:]
    with open(script, encoding="ascii") as file:
        rules = [Rule(line.split("#")[0]) for line in file if line.split("#")[0].strip()]
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    connections = []
    with open(log, "w", encoding="ascii") as out:
        while turn(listener, connections, path, rules, out):
            pass


if __name__ == "__main__":
    main()
