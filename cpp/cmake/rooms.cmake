# The words of cpp/CMakeLists.txt: journeykit_room, journeykit_module, journeykit_package.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

add_library(journeykit_nanoarrow STATIC third_party/nanoarrow/nanoarrow.c)
set_target_properties(journeykit_nanoarrow PROPERTIES EXPORT_NAME nanoarrow)
target_include_directories(journeykit_nanoarrow SYSTEM PUBLIC
  "$<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/third_party/nanoarrow>")

add_library(journeykit_warnings INTERFACE)
if(MSVC)
  target_compile_options(journeykit_warnings INTERFACE /W4 /utf-8 /bigobj $<$<BOOL:${JOURNEYKIT_WERROR}>:/WX>)
else()
  target_compile_options(journeykit_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion $<$<BOOL:${JOURNEYKIT_WERROR}>:-Werror>
    # gcc 12 takes "text" + std::string for an overlapping copy (GCC bug 105651)
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)
endif()

# journeykit_room(<name> USES <rooms> LINKS <libraries>): every journeykit/<name>/*.cpp into the library
# journeykit::<name>, every tests/cpp/<name>/*_test.cpp into the test program <name>_test. Header-only libraries stay
# inside: who uses the installed library needs neither Boost nor json.
function(journeykit_room name)
  cmake_parse_arguments(ROOM "" "" "USES;LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "journeykit/${name}/*.cpp")
  file(GLOB headers CONFIGURE_DEPENDS "journeykit/${name}/*.hpp")
  if(NOT headers)
    return()
  endif()
  add_library(journeykit_${name} STATIC ${sources} ${headers})
  add_library(journeykit::${name} ALIAS journeykit_${name})
  set_target_properties(journeykit_${name} PROPERTIES LINKER_LANGUAGE CXX EXPORT_NAME ${name})
  target_include_directories(journeykit_${name} PUBLIC
    "$<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}>" "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  target_compile_features(journeykit_${name} PUBLIC cxx_std_20)
  foreach(used IN LISTS ROOM_USES)
    if(TARGET journeykit_${used})
      target_link_libraries(journeykit_${name} PUBLIC journeykit_${used})
    endif()
  endforeach()
  target_link_libraries(journeykit_${name} PRIVATE $<BUILD_INTERFACE:journeykit_warnings>)
  foreach(library IN LISTS ROOM_LINKS)
    get_target_property(type ${library} TYPE)
    if(library MATCHES "^journeykit_" AND type STREQUAL INTERFACE_LIBRARY)
      set(library $<BUILD_INTERFACE:${library}>)
    endif()
    target_link_libraries(journeykit_${name} PRIVATE ${library})
  endforeach()
  set_property(GLOBAL APPEND PROPERTY journeykit_rooms ${name})

  file(GLOB tests CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/cpp/${name}/*_test.cpp")
  if(JOURNEYKIT_BUILD_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE
      journeykit_${name} ${ROOM_LINKS} journeykit_warnings GTest::gtest_main)
    target_include_directories(${name}_test PRIVATE "${PROJECT_SOURCE_DIR}/tests/cpp")
    target_compile_definitions(${name}_test PRIVATE JOURNEYKIT_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data")
    gtest_discover_tests(${name}_test DISCOVERY_TIMEOUT 60)
  endif()
endfunction()

# The Python module journeykit._core: every bindings/*.cpp over every room.
function(journeykit_module)
  if(NOT JOURNEYKIT_BUILD_PYTHON)
    return()
  endif()
  get_property(rooms GLOBAL PROPERTY journeykit_rooms)
  list(TRANSFORM rooms PREPEND journeykit_)
  file(GLOB bindings CONFIGURE_DEPENDS "bindings/*.cpp")
  # The rooms are ordinary static libraries and the bindings have no logic: link-time optimisation only costs time.
  if(NOT DEFINED CMAKE_INTERPROCEDURAL_OPTIMIZATION)
    set(CMAKE_INTERPROCEDURAL_OPTIMIZATION OFF)
  endif()
  pybind11_add_module(_core ${bindings})
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    target_link_options(_core PRIVATE -Wl,-Bsymbolic-functions)  # its own operator new: bindings/allocation.cpp
  endif()
  target_link_libraries(_core PRIVATE ${rooms} journeykit_nanoarrow journeykit_warnings)
  target_compile_definitions(_core PRIVATE JOURNEYKIT_VERSION="${PROJECT_VERSION}")
  set_target_properties(_core PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/python")
  install(TARGETS _core LIBRARY DESTINATION journeykit COMPONENT python)
endfunction()

# What `cmake --install` leaves for find_package(journeykit): headers, static libraries, journeykit::journeykit.
function(journeykit_package)
  get_property(rooms GLOBAL PROPERTY journeykit_rooms)
  list(TRANSFORM rooms PREPEND journeykit_ OUTPUT_VARIABLE targets)
  add_library(journeykit INTERFACE)
  add_library(journeykit::journeykit ALIAS journeykit)
  target_link_libraries(journeykit INTERFACE ${targets})
  set(folder "${CMAKE_INSTALL_LIBDIR}/cmake/journeykit")
  install(TARGETS journeykit journeykit_nanoarrow ${targets} EXPORT journeykit
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT cpp)
  install(DIRECTORY journeykit DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT cpp
    FILES_MATCHING PATTERN "*.hpp" PATTERN "detail_*" EXCLUDE)
  install(EXPORT journeykit NAMESPACE journeykit:: FILE journeykitTargets.cmake DESTINATION "${folder}" COMPONENT cpp)
  configure_package_config_file(cmake/journeykitConfig.cmake.in "${CMAKE_CURRENT_BINARY_DIR}/journeykitConfig.cmake"
    INSTALL_DESTINATION "${folder}")
  write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/journeykitConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/journeykitConfig.cmake"
    "${CMAKE_CURRENT_BINARY_DIR}/journeykitConfigVersion.cmake" DESTINATION "${folder}" COMPONENT cpp)

  if(JOURNEYKIT_BUILD_TESTS)
    add_test(NAME installed_library_serves_a_consumer COMMAND ${CMAKE_COMMAND}
      -DBUILD=${CMAKE_BINARY_DIR} -DCONFIG=$<CONFIG> -DGENERATOR=${CMAKE_GENERATOR} -DCOMPILER=${CMAKE_CXX_COMPILER}
      "-DFLAGS=${CMAKE_CXX_FLAGS}" "-DSANITIZE=${JOURNEYKIT_SANITIZE}"
      -P "${PROJECT_SOURCE_DIR}/tests/consumer/run.cmake")
  endif()
endfunction()
