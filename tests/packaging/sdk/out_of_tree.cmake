# Installs the SDK into a stage (or takes the build tree's), builds the example against it with nothing of this tree's
# settings, and runs the conformance suite on the result.
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY COMMAND_ECHO STDOUT)
endfunction()

file(REMOVE_RECURSE ${WORK})
if(PACKAGE STREQUAL "installed")
  run(${CMAKE_COMMAND} --install ${HOUSE_BUILD} --component sdk --prefix ${WORK}/stage)
  set(where -DCMAKE_PREFIX_PATH=${WORK}/stage)
else()
  set(where -Dvx11-sdk_DIR=${HOUSE_BUILD}/sdk)
endif()
run(${CMAKE_COMMAND} -S ${EXAMPLE} -B ${WORK}/build ${where} -DCMAKE_CXX_COMPILER=${CXX}
  -DCMAKE_CXX_FLAGS=-Wall\ -Wextra\ -Wpedantic\ -Wconversion\ -Wshadow\ -Werror)
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${CMAKE_COMMAND} -E env VX11_PLUGINS=${WORK}/build ${CONFORMANCE} "every plugin*")
