# SPDX-License-Identifier: Apache-2.0
# turret_add_plugin(name source...): builds name.so into the build's plugins folder, with one
# exported symbol, everything bound at load and a build id in it.
function(turret_add_plugin name)
  add_library(${name} MODULE ${ARGN})
  target_link_libraries(${name} PRIVATE turret_api m)
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:C>:${TURRET_WARNINGS}>)
  target_link_options(${name} PRIVATE
    -Wl,--version-script=${CMAKE_SOURCE_DIR}/plugin-api/sdk/plugin.map
    -Wl,-z,defs -Wl,-z,now -Wl,-Bsymbolic
    $<$<CONFIG:Release>:-s>) # a plugin is read and compared whole at every load
  set_target_properties(${name} PROPERTIES PREFIX "" OUTPUT_NAME ${name}
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins
    LINK_DEPENDS ${CMAKE_SOURCE_DIR}/plugin-api/sdk/plugin.map)
endfunction()
