# What every target of this tree is compiled with. Directory scope: nothing here reaches a user of the package.

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 12
   OR CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
    message(FATAL_ERROR "heddle needs GCC 12 or Clang 14, or newer; "
                        "found ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}")
endif()

if(PROJECT_IS_TOP_LEVEL)
    # Reports show lines, so every build carries debug information.
    if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
        set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
    endif()
    find_program(HEDDLE_CCACHE ccache)
    mark_as_advanced(HEDDLE_CCACHE)
    if(HEDDLE_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
        # The first setting: else it does not keep what was compiled with a precompiled header. The
        # second: a source that is not in the cache is read once, not twice.
        set(CMAKE_CXX_COMPILER_LAUNCHER
            ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_DEPEND=1
            ${HEDDLE_CCACHE})
    endif()
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion)

if(HEDDLE_SANITIZE)
    add_compile_options(
        -fsanitize=${HEDDLE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${HEDDLE_SANITIZE})

    # Shadow memory sits at fixed addresses, which a wide address randomisation may hit: run with
    # randomisation off where the system lets us (a container may not).
    execute_process(COMMAND setarch -R true RESULT_VARIABLE setarch_result OUTPUT_QUIET ERROR_QUIET)
    if(setarch_result EQUAL 0)
        set(CMAKE_CROSSCOMPILING_EMULATOR setarch -R)
    endif()
endif()

# What heddle's own libraries are compiled with under ThreadSanitizer, which shall see the body of an execution and not the
# engine below it (scheduler/engine/src/thread_sanitizer.hpp).
set(HEDDLE_LIBRARY_OPTIONS "")
if("${HEDDLE_SANITIZE} ${CMAKE_CXX_FLAGS}" MATCHES "(^|fsanitize=[a-z,]*)thread")
    set(HEDDLE_LIBRARY_OPTIONS -fno-sanitize=thread -DHEDDLE_TSAN_)
endif()
# Tests of nothing but these libraries: there they would show what they show without.
set(HEDDLE_BUILD_LIBRARY_TESTS ${HEDDLE_BUILD_TESTS})
if(HEDDLE_LIBRARY_OPTIONS)
    set(HEDDLE_BUILD_LIBRARY_TESTS OFF)
endif()
