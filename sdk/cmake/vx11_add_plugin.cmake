# vx11_add_plugin(NAME SOURCES file… KIND interpreter [TARGET_MINOR n])
#
# Builds NAME.so, a plugin that exports its entry function and nothing else and has no undefined symbol of the host.
# TARGET_MINOR is the oldest host it is to run on (see VX11_TARGET_MINOR in vx11/abi.h).

function(vx11_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "KIND;TARGET_MINOR" "SOURCES")
  if(NOT arg_SOURCES)
    message(FATAL_ERROR "vx11_add_plugin(${name}): name the SOURCES")
  endif()
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "vx11_add_plugin(${name}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_KIND STREQUAL "interpreter")
    message(FATAL_ERROR "vx11_add_plugin(${name}): KIND is \"${arg_KIND}\", but this SDK knows: interpreter")
  endif()

  # The target has a prefix, for a plugin may be called like a command ("shell", "test"); the file has none.
  set(target vx11_plugin_${name})
  add_library(${target} MODULE ${arg_SOURCES})
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME ${name} PREFIX "" SUFFIX ".so" POSITION_INDEPENDENT_CODE ON
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map)
  target_link_libraries(${target} PRIVATE vx11::sdk)
  # A unique symbol would be shared with every other plugin that has one of its name.
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
  target_link_options(${target} PRIVATE
    -Wl,--version-script=${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map -Wl,-z,now -Wl,--exclude-libs,ALL)
  # A missing symbol is to fail here and not at load. Sanitizers resolve theirs in the host, so not with them.
  if(NOT VX11_SANITIZE AND NOT "${CMAKE_CXX_FLAGS} ${CMAKE_MODULE_LINKER_FLAGS}" MATCHES "-fsanitize")
    target_link_options(${target} PRIVATE -Wl,-z,defs)
  endif()
  if(arg_TARGET_MINOR)
    target_compile_definitions(${target} PRIVATE VX11_TARGET_MINOR=${arg_TARGET_MINOR}u)
  endif()
  if(VX11_SDK_COMMIT)
    target_compile_definitions(${target} PRIVATE VX11_SDK_COMMIT="${VX11_SDK_COMMIT}")
  endif()

  # Within vx11's own tree: the flags of the tree, and its place for plugins.
  if(TARGET vx11_options)
    target_link_libraries(${target} PRIVATE vx11_options)
  endif()
  if(VX11_PLUGIN_OUTPUT_DIRECTORY)
    set_target_properties(${target} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${VX11_PLUGIN_OUTPUT_DIRECTORY})
  endif()
  include(GNUInstallDirs)
  install(TARGETS ${target} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/vx11/plugins COMPONENT plugins)
endfunction()
