# SPDX-License-Identifier: Apache-2.0
"""Shows the installed SDK, moved after it was installed: where things are, pkg-config and a bare
compiler, find_package with C and C++, and what turret_add_plugin() makes of them in the file: one
export, bound at load, nothing that would keep it mapped, no libstdc++ from outside."""
import os
import re
import subprocess
import unittest

from sdk_rig import BUILD, Case, SOURCE

CXX = """
#include <turret/strategy.h>
#include <string>
#include <vector>
namespace {
template <class T> struct counted { static T total; static T &once() { static T t{}; return t; } };
template <class T> T counted<T>::total{};
struct it { int64_t bars; };
const turret_param params[] = {TURRET_PARAM_QTY(1, "size", "1", "position to hold")};
const turret_field fields[] = {TURRET_FIELD_I64(1, it, bars, "bars seen")};
int32_t on_start(turret_strategy *, const turret_start *, turret_error *err) {
    return turret_ok(err); }
void on_bar(turret_strategy *self, const turret_bar *bar) {
    std::vector<std::string> words{"one", "two"};
    counted<std::string>::once() += words[0];
    counted<std::string>::total = counted<std::string>::once();
    static_cast<it *>(turret_self(self))->bars += (int64_t)counted<std::string>::total.size();
    (void)turret_target(self, bar->instrument, 0, words[1].c_str()); }
}
TURRET_STRATEGY(it, "test.cxx", "1.0.0", "in C++", params, fields, on_start, on_bar);
"""
CMAKE = """
cmake_minimum_required(VERSION 3.25)
project(two LANGUAGES C CXX)
include(CTest)
find_package(turret 0.1 REQUIRED)
turret_add_plugin(in-c strategy.c)
turret_add_plugin(in-cxx strategy.cc)
file(GENERATE OUTPUT plugin-dir CONTENT ${TURRET_PLUGIN_DIR})
"""


class Installed(Case):
    def test_places(self):
        for path in ("bin/turret", "include/turret/core.h", "lib/pkgconfig/turret.pc",
                     "lib/cmake/turret/turretConfig.cmake", "lib/cmake/turret/plugin.cmake",
                     "lib/turret/plugins/sim.so", "share/turret/sdk/plugin.map",
                     "share/turret/templates/strategy/strategy.c", "share/man/man1/turret.1",
                     "share/man/man3/turret-plugin.3"):
            self.assertTrue(os.path.isfile(os.path.join(self.prefix, path)), path)

    def test_no_path_of_the_tree(self):
        place = os.path.join(self.prefix, "lib", "cmake", "turret")
        for name in os.listdir(place) + ["../../pkgconfig/turret.pc"]:
            with open(os.path.join(place, name), encoding="utf-8") as file:
                self.assertNotIn(SOURCE, file.read(), name)

    def test_pkg_config_of_the_build_tree(self):
        def said(*words):
            env = dict(self.env, PKG_CONFIG_PATH=os.path.join(BUILD, "lib", "pkgconfig"))
            return subprocess.run(["pkg-config", *words, "turret"], env=env, check=True,
                                  capture_output=True, text=True).stdout.strip()
        self.assertTrue(os.path.exists(os.path.join(said("--cflags")[2:], "turret", "core.h")))
        self.assertTrue(os.path.exists(os.path.join(said("--variable=sdkdir"), "plugin.map")))
        self.assertIn("sma.so", os.listdir(said("--variable=plugindir")))

    def test_pkg_config(self):
        self.assertEqual(os.path.realpath(self.sh("pkg-config --variable=plugindir turret")[0]
                                          .strip()),
                         os.path.join(self.prefix, "lib/turret/plugins"))
        abi = self.sh("pkg-config --variable=abi turret")[0].strip()
        self.assertTrue(self.sh("turret version")[0].strip().endswith("plugin ABI " + abi))

    def test_bare_compiler(self):
        self.sh("turret new strategy cross")
        self.sh("cc -O2 -fPIC -shared -fvisibility=hidden $(pkg-config --cflags turret) "
                "-Wl,--version-script=$(pkg-config --variable=sdkdir turret)/plugin.map "
                "-Wl,--build-id -o cross.so strategy.c && turret plugin info ./cross.so", "cross")

    def test_find_package(self):
        self.sh("turret new strategy both")
        for name, text in (("strategy.cc", CXX), ("CMakeLists.txt", CMAKE)):
            with open(os.path.join(self.folder, "both", name), "w", encoding="utf-8") as file:
                file.write(text)
        self.sh("cmake -B build && cmake --build build", "both")
        with open(os.path.join(self.folder, "both/build/plugin-dir"), encoding="utf-8") as file:
            self.assertEqual(file.read(), os.path.join(self.prefix, "lib/turret/plugins"))
        for name in ("in-c.so", "in-cxx.so"):
            with self.subTest(plugin=name):
                self.check_file("build/" + name)
                self.sh("turret plugin info build/" + name, "both")
        listed = self.sh("ctest --test-dir build -N", "both")[0]
        self.assertEqual(re.findall(r"(\S+-check)", listed), ["in-c-check", "in-cxx-check"])

    def test_without_the_program(self):
        """The SDK alone builds plugins; only the check is not there."""
        alone = os.path.join(self.folder, "alone")
        self.sh(f"cp -r {self.prefix} {alone} && turret new strategy cross && rm -r {alone}/bin")
        self.env["PATH"] = "/usr/local/bin:/usr/bin:/bin"
        self.sh(f"cmake -B build -Dturret_ROOT={alone} && cmake --build build", "cross")
        self.assertIn("Total Tests: 0", self.sh("ctest --test-dir build -N", "cross")[0])
        self.check_file("build/cross.so", "cross")

    def check_file(self, path, place="both"):
        symbols = self.sh(f"nm -D --defined-only {path}", place)[0]
        self.assertEqual([line.split()[1:] for line in symbols.splitlines()],
                         [["D" if " D " in symbols else "R", "turret_entry"]])
        dynamic = self.sh(f"readelf -dW {path}", place)[0]
        self.assertIn("BIND_NOW", dynamic)
        self.assertIn("SYMBOLIC", dynamic)
        for bad in ("TEXTREL", "STATIC_TLS", "NODELETE", "libstdc++", "libgcc"):
            self.assertNotIn(bad, dynamic)
        self.assertNotIn("UNIQUE", self.sh(f"readelf --dyn-syms -W {path}", place)[0])
        self.assertRegex(self.sh(f"readelf -nW {path}", place)[0], "Build ID: [0-9a-f]{40}")


if __name__ == "__main__":
    unittest.main()
