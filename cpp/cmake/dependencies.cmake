# Header libraries come from pinned wheels of the building Python, or from the system where those are absent.
find_package(Python 3.11 QUIET COMPONENTS Interpreter)

function(journeykit_wheel_dir module out)
  set(dir "")
  if(Python_EXECUTABLE)
    execute_process(COMMAND "${Python_EXECUTABLE}" -c
      "import importlib.util as u,pathlib as p; s=u.find_spec('${module}'); print(p.Path(s.origin).parent.joinpath('include').as_posix() if s and s.origin else '')"
      OUTPUT_VARIABLE dir OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
  set(${out} "${dir}" PARENT_SCOPE)
endfunction()

# journeykit_headers(<target> <probe header> <wheel module> <hint>): an INTERFACE target with SYSTEM includes.
function(journeykit_headers target probe module hint)
  journeykit_wheel_dir(${module} wheel)
  find_path(found NAMES ${probe} HINTS ${${module}_ROOT} $ENV{${module}_ROOT} ${wheel} PATH_SUFFIXES include NO_CACHE)
  if(NOT found)
    message(FATAL_ERROR "journeykit: header ${probe} not found. ${hint}")
  endif()
  add_library(${target} INTERFACE)
  target_include_directories(${target} SYSTEM INTERFACE "$<BUILD_INTERFACE:${found}>")
  message(STATUS "journeykit: ${probe} from ${found}")
  set(${target}_INCLUDE_DIR "${found}" PARENT_SCOPE)
endfunction()

journeykit_headers(journeykit_boost boost/graph/adjacency_list.hpp libboost_headers
  "Boost (with Boost.Graph, 1.81 or newer): pip install libboost-headers==1.88.0 | apt install libboost1.81-dev | brew install boost | -Dlibboost_headers_ROOT=<folder>")
file(STRINGS "${journeykit_boost_INCLUDE_DIR}/boost/version.hpp" version_line REGEX "#define BOOST_VERSION ")
string(REGEX REPLACE ".*BOOST_VERSION +([0-9]+).*" "\\1" JOURNEYKIT_BOOST_VERSION "${version_line}")
if(JOURNEYKIT_BOOST_VERSION LESS 108100)
  message(FATAL_ERROR "journeykit: Boost 1.81 or newer is needed, got BOOST_VERSION ${JOURNEYKIT_BOOST_VERSION} in ${journeykit_boost_INCLUDE_DIR}. pip install libboost-headers==1.88.0 | apt install libboost1.81-dev")
endif()
journeykit_headers(journeykit_json nlohmann/json.hpp nlohmann_json
  "nlohmann/json 3.11 or newer: pip install nlohmann-json==3.12.0 | apt install nlohmann-json3-dev | brew install nlohmann-json | -Dnlohmann_json_ROOT=<folder>")
find_package(Threads REQUIRED)
