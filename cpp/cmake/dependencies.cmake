# What the engine needs from outside. Header libraries come from pinned wheels of the building Python, or from the
# system where those are absent; a missing one stops the configuration with its name and the ways to get it.
find_package(Python 3.11 QUIET COMPONENTS Interpreter)

# The include folder inside an installed Python package; empty when there is none. The wheels bring no CMake files, and
# pip's isolated build puts them where neither CMAKE_PREFIX_PATH nor sysconfig looks: so the interpreter is asked. The
# wheels of the cmeel project have no module but one common folder of files.
function(journeykit_wheel_include package out)
  set(folder "")
  if(package MATCHES "^cmeel-")
    set(question "import importlib.metadata as m,pathlib as p; print(p.Path(m.distribution('${package}').locate_file('cmeel.prefix/include')).as_posix())")
  else()
    set(question "import importlib.util as u,pathlib as p; s=u.find_spec('${package}'); print(p.Path(s.origin).parent.joinpath('include').as_posix() if s and s.origin else '')")
  endif()
  if(Python_EXECUTABLE)
    execute_process(COMMAND "${Python_EXECUTABLE}" -c "${question}"
      OUTPUT_VARIABLE folder OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
  set(${out} "${folder}" PARENT_SCOPE)
endfunction()

# journeykit_headers(<target> <probe header> <Name of Name_ROOT> <package of the wheel> <hint>): an INTERFACE target with
# SYSTEM includes. NO_CACHE, because a folder of an earlier isolated build no longer exists in the next one.
function(journeykit_headers target probe name package hint)
  journeykit_wheel_include(${package} wheel)
  find_path(found NAMES ${probe} HINTS ${${name}_ROOT} $ENV{${name}_ROOT} ${wheel}
    PATH_SUFFIXES include eigen3 include/eigen3 NO_CACHE)
  if(NOT found)
    message(FATAL_ERROR "journeykit: header ${probe} not found. ${hint} | -D${name}_ROOT=<folder that has include/>")
  endif()
  add_library(${target} INTERFACE)
  target_include_directories(${target} SYSTEM INTERFACE "${found}")
  message(STATUS "journeykit: ${probe} from ${found}")
  set(${target}_INCLUDE_DIR "${found}" PARENT_SCOPE)
endfunction()

# The number after `#define <macro>` in a header of a target made above; 0 when there is no such header.
function(journeykit_macro target header macro out)
  set(${out} 0 PARENT_SCOPE)
  if(NOT EXISTS "${${target}_INCLUDE_DIR}/${header}")
    return()
  endif()
  file(STRINGS "${${target}_INCLUDE_DIR}/${header}" line REGEX "#define ${macro} ")
  string(REGEX REPLACE ".*${macro} +([0-9]+).*" "\\1" number "${line}")
  set(${out} "${number}" PARENT_SCOPE)
endfunction()

set(boost_ways "pip install libboost-headers==1.88.0 | apt install libboost1.81-dev | brew install boost | vcpkg install boost-graph")
journeykit_headers(journeykit_boost boost/graph/adjacency_list.hpp Boost libboost_headers
  "Boost 1.81 or newer with Boost.Graph: ${boost_ways}")
journeykit_macro(journeykit_boost boost/version.hpp BOOST_VERSION boost_version)
if(boost_version LESS 108100)
  message(FATAL_ERROR "journeykit: Boost 1.81 or newer is needed, got BOOST_VERSION ${boost_version} in "
    "${journeykit_boost_INCLUDE_DIR}. ${boost_ways}")
endif()

set(json_ways "pip install nlohmann-json==3.12.0 | apt install nlohmann-json3-dev | brew install nlohmann-json | vcpkg install nlohmann-json")
journeykit_headers(journeykit_json nlohmann/json.hpp nlohmann_json nlohmann_json
  "nlohmann/json 3.11 or newer: ${json_ways}")
journeykit_macro(journeykit_json nlohmann/detail/abi_macros.hpp NLOHMANN_JSON_VERSION_MAJOR json_major)
journeykit_macro(journeykit_json nlohmann/detail/abi_macros.hpp NLOHMANN_JSON_VERSION_MINOR json_minor)
if("${json_major}.${json_minor}" VERSION_LESS 3.11)
  message(FATAL_ERROR "journeykit: nlohmann/json 3.11 or newer is needed, got ${json_major}.${json_minor} in "
    "${journeykit_json_INCLUDE_DIR}. ${json_ways}")
endif()

set(eigen_ways "pip install cmeel-eigen==3.4.1 | apt install libeigen3-dev | brew install eigen@3 | vcpkg install eigen3")
journeykit_headers(journeykit_eigen Eigen/SparseCore Eigen3 cmeel-eigen "Eigen 3.4: ${eigen_ways}")
journeykit_macro(journeykit_eigen Eigen/src/Core/util/Macros.h EIGEN_WORLD_VERSION eigen_world)
journeykit_macro(journeykit_eigen Eigen/src/Core/util/Macros.h EIGEN_MAJOR_VERSION eigen_major)
if("${eigen_world}.${eigen_major}" VERSION_LESS 3.4)
  message(FATAL_ERROR "journeykit: Eigen 3.4 or newer is needed, got ${eigen_world}.${eigen_major} in "
    "${journeykit_eigen_INCLUDE_DIR}. ${eigen_ways}")
endif()
# The few LGPL files of Eigen stop the compilation when somebody includes them.
target_compile_definitions(journeykit_eigen INTERFACE EIGEN_MPL2_ONLY)

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

if(JOURNEYKIT_BUILD_PYTHON)
  find_package(Python 3.11 QUIET COMPONENTS Interpreter Development.Module)
  if(NOT Python_FOUND)
    message(FATAL_ERROR "journeykit: Python 3.11 or newer with its C headers (Python.h) not found; looked at '${Python_EXECUTABLE}'. apt install python3-dev | -DPython_EXECUTABLE=<interpreter>")
  endif()
  find_package(pybind11 3.1 CONFIG QUIET)
  if(NOT pybind11_FOUND)
    execute_process(COMMAND "${Python_EXECUTABLE}" -m pybind11 --cmakedir
      OUTPUT_VARIABLE pybind11_folder OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(pybind11_folder)
      find_package(pybind11 3.1 CONFIG QUIET PATHS "${pybind11_folder}")
    endif()
  endif()
  if(NOT pybind11_FOUND)
    message(FATAL_ERROR "journeykit: pybind11 3.1 or newer not found for ${Python_EXECUTABLE}. pip install 'pybind11>=3.1,<4' | -Dpybind11_ROOT=<folder>")
  endif()
endif()

if(JOURNEYKIT_BUILD_TESTS)
  find_package(GTest 1.11 QUIET)
  if(NOT GTest_FOUND AND JOURNEYKIT_FETCH_GTEST)
    include(FetchContent)
    set(gtest_force_shared_crt ON CACHE BOOL "" FORCE)
    set(INSTALL_GTEST OFF CACHE BOOL "" FORCE)
    FetchContent_Declare(googletest DOWNLOAD_EXTRACT_TIMESTAMP ON
      URL https://github.com/google/googletest/releases/download/v1.17.0/googletest-1.17.0.tar.gz
      URL_HASH SHA256=65fab701d9829d38cb77c14acdc431d2108bfdbf8979e40eb8ae567edf10b27c)
    FetchContent_MakeAvailable(googletest)
  elseif(NOT GTest_FOUND)
    message(FATAL_ERROR "journeykit: GoogleTest 1.11 or newer not found. apt install libgtest-dev | brew install googletest | vcpkg install gtest | -DJOURNEYKIT_FETCH_GTEST=ON (downloads it) | -DJOURNEYKIT_BUILD_TESTS=OFF")
  endif()
  enable_testing()
  include(GoogleTest)
endif()
