# SPDX-License-Identifier: Apache-2.0
# What a plugin's author builds against, installed and, laid out alike, in the build tree:
#   include/turret/            headers
#   lib/cmake/turret/          find_package(turret)
#   lib/pkgconfig/turret.pc    with plugindir, sdkdir and abi
#   share/turret/sdk           version script
#   share/turret/templates     what `turret new` copies
include(CMakePackageConfigHelpers)

# The plugin ABI's version is that of the header.
file(STRINGS plugin-api/include/turret/core.h abi REGEX "^#define TURRET_ABI_M[AI][JN]OR ")
string(REGEX REPLACE "[^;]*TURRET_ABI_MAJOR ([0-9]+).*TURRET_ABI_MINOR ([0-9]+).*" "\\1.\\2"
       TURRET_ABI "${abi}")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS plugin-api/include/turret/core.h)

set(SDK_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/turret)

# turret_package_config(FILE DESTINATION SDK_DIR PLUGIN_DIR BIN_DIR [option...])
function(turret_package_config file destination SDK_DIR PLUGIN_DIR BIN_DIR)
  configure_package_config_file(cmake/turretConfig.cmake.in ${file}
    INSTALL_DESTINATION ${destination} PATH_VARS SDK_DIR PLUGIN_DIR BIN_DIR ${ARGN})
endfunction()

# ---- installed ----

set(made ${CMAKE_BINARY_DIR}/sdk)
turret_package_config(${made}/turretConfig.cmake ${SDK_CMAKE_DIR}
  ${CMAKE_INSTALL_DATADIR}/turret/sdk ${CMAKE_INSTALL_LIBDIR}/turret/plugins ${CMAKE_INSTALL_BINDIR})
write_basic_package_version_file(${made}/turretConfigVersion.cmake
  VERSION ${PROJECT_VERSION} COMPATIBILITY SameMajorVersion)
file(RELATIVE_PATH PC_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" PC_PREFIX "\${pcfiledir}/${PC_PREFIX}")
set(PC_INCLUDE "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
set(PC_PLUGINS "\${prefix}/${CMAKE_INSTALL_LIBDIR}/turret/plugins")
set(PC_SDK "\${prefix}/${CMAKE_INSTALL_DATADIR}/turret/sdk")
configure_file(cmake/turret.pc.in ${made}/turret.pc @ONLY)

install(TARGETS turret_api EXPORT turretTargets)
install(EXPORT turretTargets NAMESPACE turret:: DESTINATION ${SDK_CMAKE_DIR})
install(FILES ${made}/turretConfig.cmake ${made}/turretConfigVersion.cmake cmake/plugin.cmake
        DESTINATION ${SDK_CMAKE_DIR})
install(FILES ${made}/turret.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(DIRECTORY plugin-api/include/turret DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES plugin-api/sdk/plugin.map DESTINATION ${CMAKE_INSTALL_DATADIR}/turret/sdk)
install(DIRECTORY plugin-api/sdk/templates DESTINATION ${CMAKE_INSTALL_DATADIR}/turret)

# ---- in the build tree: found when its bin/ is in PATH ----

set(tree ${CMAKE_BINARY_DIR}/lib/cmake/turret)
turret_package_config(${tree}/turretConfig.cmake ${tree}
  ${CMAKE_SOURCE_DIR}/plugin-api/sdk ${CMAKE_BINARY_DIR}/plugins ${CMAKE_BINARY_DIR}/bin
  INSTALL_PREFIX ${CMAKE_BINARY_DIR})
configure_file(${made}/turretConfigVersion.cmake ${tree}/turretConfigVersion.cmake COPYONLY)
configure_file(cmake/plugin.cmake ${tree}/plugin.cmake COPYONLY)
set(PC_PREFIX ${CMAKE_BINARY_DIR})
set(PC_INCLUDE ${CMAKE_SOURCE_DIR}/plugin-api/include)
set(PC_PLUGINS "\${prefix}/plugins")
set(PC_SDK ${CMAKE_SOURCE_DIR}/plugin-api/sdk)
configure_file(cmake/turret.pc.in ${CMAKE_BINARY_DIR}/lib/pkgconfig/turret.pc @ONLY)
export(EXPORT turretTargets NAMESPACE turret:: FILE ${tree}/turretTargets.cmake)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/share/turret)
file(CREATE_LINK ${CMAKE_SOURCE_DIR}/plugin-api/sdk/templates
     ${CMAKE_BINARY_DIR}/share/turret/templates SYMBOLIC)
