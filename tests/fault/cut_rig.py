# SPDX-License-Identifier: Apache-2.0
"""A paper session whose writes to the store are logged, and power cuts made from that log."""
import os
import re
import struct
import subprocess

from fault_rig import BUILD, PLUGINS, TURRET
from nth_rig import config

LIBRARY = os.path.join(BUILD, "tests", "cut_log.so")
STATES = os.path.join(BUILD, "tests", "cut_states")
SYNC = 3


def record(folder):
    """Runs the session; answers the log's path."""
    with open(os.path.join(folder, "turret.yaml"), "w", encoding="ascii") as file:
        file.write(config("paper", PLUGINS, "market: synthetic, pace_ms: 0, bars: 150"))
    log = os.path.join(folder, "cut.log")
    done = subprocess.run([TURRET, "run", "turret.yaml"], cwd=folder, capture_output=True, text=True,
                          env=dict(os.environ, LD_PRELOAD=LIBRARY, CUT_LOG=log), check=False)
    if done.returncode:
        raise AssertionError(done.stderr)
    return log


def without_syncs(log):
    """The same log of a host that forgets every second sync: it has to be found out."""
    with open(log, "rb") as file:
        data = file.read()
    kept, at, syncs = [], 0, 0
    while at < len(data):
        kind, _, size = struct.unpack_from("<3Q", data, at)
        syncs += kind == SYNC
        if kind != SYNC or syncs % 2:
            kept.append(data[at:at + 24 + size])
        at += 24 + size
    with open(log + ".bad", "wb") as file:
        file.write(b"".join(kept))
    return log + ".bad"


def cut(log, folder, states, seed):
    """Answers the counts and what was said of harm."""
    os.makedirs(folder, exist_ok=True)
    for name in os.listdir(folder):
        os.unlink(os.path.join(folder, name))
    done = subprocess.run([STATES, log, folder, str(states), str(seed)], capture_output=True,
                          text=True, check=False)
    found = {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", done.stdout)}
    if done.returncode not in (0, 1) or "harms" not in found:
        raise AssertionError(f"exit {done.returncode}: {done.stdout[-2000:]}{done.stderr}")
    return found, done.stdout
