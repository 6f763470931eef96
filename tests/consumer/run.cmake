# Installs the build, then configures, builds and runs the consumer against nothing but the installed files; a second
# program includes every installed header, so that none of them needs Boost, json, Eigen or nanoarrow.
set(work "${BUILD}/consumer")
file(REMOVE_RECURSE "${work}")

function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

run("${CMAKE_COMMAND}" --install "${BUILD}" --config "${CONFIG}" --component cpp --prefix "${work}/prefix")

file(GLOB_RECURSE headers RELATIVE "${work}/prefix/include" "${work}/prefix/include/*.hpp")
if(NOT headers)
  message(FATAL_ERROR "no header was installed")
endif()
list(TRANSFORM headers REPLACE "(.+)" "#include <\\1>\n")
list(JOIN headers "" includes)
file(COPY "${CMAKE_CURRENT_LIST_DIR}/CMakeLists.txt" "${CMAKE_CURRENT_LIST_DIR}/main.cpp" DESTINATION "${work}/source")
file(WRITE "${work}/source/headers.cpp" "${includes}")
file(APPEND "${work}/source/CMakeLists.txt" "target_sources(consumer PRIVATE headers.cpp)\n")

if(SANITIZE)
  string(APPEND FLAGS " -fsanitize=${SANITIZE}")
endif()
run("${CMAKE_COMMAND}" -S "${work}/source" -B "${work}/build" -G "${GENERATOR}" "-DCMAKE_PREFIX_PATH=${work}/prefix"
  "-DCMAKE_BUILD_TYPE=${CONFIG}" "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_CXX_FLAGS=${FLAGS}"
  "-DCMAKE_RUNTIME_OUTPUT_DIRECTORY=$<1:${work}/bin>")
run("${CMAKE_COMMAND}" --build "${work}/build" --config "${CONFIG}")
run("${work}/bin/consumer")
