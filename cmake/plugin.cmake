# SPDX-License-Identifier: Apache-2.0
# turret_add_plugin(NAME SOURCE...)
#
# Builds NAME.so from C or C++ sources the way the plugin ABI wants it: one exported symbol,
# everything bound at load, nothing that keeps the file mapped after dlclose, a build id in it.
# Adds the test NAME-check, which runs `turret plugin check` on the file, where TURRET_PROGRAM says
# which turret that is and tests are enabled.
#
# Used by this tree and, installed, by find_package(turret). TURRET_VERSION_SCRIPT is set by either.

# A plugin's link; the version script comes with it, or from a compiler that makes its own (rustc).
set(TURRET_PLUGIN_LINK_OPTIONS
  -Wl,-Bsymbolic                                # its own functions before the host's
  -Wl,-z,defs -Wl,-z,now -Wl,-z,relro           # what is missing is missed at the build, or at load
  -Wl,--gc-sections                             # what a static library brings along unasked
  -Wl,--as-needed -Wl,--build-id=sha1)

function(turret_add_plugin name)
  if(NOT ARGN)
    message(FATAL_ERROR "turret_add_plugin(${name}): names no source file")
  endif()
  add_library(${name} MODULE ${ARGN})
  target_link_libraries(${name} PRIVATE turret::plugin_api -lm)
  target_compile_options(${name} PRIVATE ${TURRET_PLUGIN_COMPILE_OPTIONS}
    -fvisibility=hidden -ffp-contract=off # results are the same bits in every build
    $<$<CONFIG:>:-O2>
    # C++ statics that dlclose would leave behind, and every inline function an export
    $<$<COMPILE_LANGUAGE:CXX>:-fno-gnu-unique> $<$<COMPILE_LANGUAGE:CXX>:-fvisibility-inlines-hidden>
    -ffunction-sections -fdata-sections)
  target_link_options(${name} PRIVATE ${TURRET_PLUGIN_LINK_OPTIONS}
    -Wl,--version-script=${TURRET_VERSION_SCRIPT} # all but turret_entry is local: no UNIQUE
    # a libstdc++ brought in by a plugin would stay for ever: it gets one of its own, and hidden
    $<$<LINK_LANGUAGE:CXX>:-static-libstdc++> $<$<LINK_LANGUAGE:CXX>:-static-libgcc>
    $<$<OR:$<CONFIG:Release>,$<CONFIG:>>:-s>) # a plugin is read and compared whole at every load
  set_target_properties(${name} PROPERTIES PREFIX "" OUTPUT_NAME ${name} SUFFIX .so
    LINK_DEPENDS ${TURRET_VERSION_SCRIPT})
  turret_add_plugin_check(${name} $<TARGET_FILE:${name}>)
endfunction()

# The test NAME-check of a plugin file.
function(turret_add_plugin_check name file)
  if(TURRET_PROGRAM)
    add_test(NAME ${name}-check COMMAND ${TURRET_PROGRAM} plugin check ${file})
  endif()
endfunction()
