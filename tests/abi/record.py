# SPDX-License-Identifier: Apache-2.0
"""Records the plugin ABI of a release, once, just before it: the headers, their abixml, and the
templates as plugins built against them. What is recorded is never changed afterwards.

usage: tests/abi/record.py"""
import os
import shutil
import sys

from abi_rig import CURRENT, RECORDED, SOURCE, constants, dump, headers

KINDS = ("strategy", "indicator", "broker")


def main():
    if len(sys.argv) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    values = constants(CURRENT)
    version = f"{values['TURRET_ABI_MAJOR']}.{values['TURRET_ABI_MINOR']}"
    place = os.path.join(RECORDED, version)
    os.makedirs(os.path.join(place, "turret"), exist_ok=True)
    for name in headers(CURRENT):
        shutil.copy(os.path.join(CURRENT, "turret", name), os.path.join(place, "turret", name))
    with open(os.path.join(place, "turret.abi"), "w", encoding="utf-8") as file:
        file.write(dump(CURRENT))
    for kind in KINDS:
        template = os.path.join(SOURCE, "plugin-api", "sdk", "templates", kind, kind + ".c")
        with open(template, encoding="utf-8") as file:
            text = file.read().replace("@ID@", f"recorded.{kind}")
        with open(os.path.join(place, kind + ".c"), "w", encoding="utf-8") as file:
            file.write(text)
    print(f"recorded {version} in {os.path.relpath(place, SOURCE)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
