# One function a kind of target: what every module and every test of heddle has in common.
include(GNUInstallDirs)
include(GoogleTest)

# Warnings, and the flags that every part of heddle is built with.
function(heddle_compile_options target)
    target_compile_features(${target} PUBLIC cxx_std_20)
    target_compile_options(${target} PRIVATE
        -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion)
endfunction()

# heddle_add_library(NAME SOURCES ... PUBLIC_HEADERS ... DEPENDS ...)
# The library heddle_NAME with the alias heddle::NAME, its headers below include/ and its install rule. Without sources it
# is an interface library.
function(heddle_add_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;PUBLIC_HEADERS;DEPENDS")
    set(target heddle_${name})
    if(arg_SOURCES)
        add_library(${target} STATIC ${arg_SOURCES})
        heddle_compile_options(${target})
        set(scope PUBLIC)
    else()
        add_library(${target} INTERFACE)
        target_compile_features(${target} INTERFACE cxx_std_20)
        set(scope INTERFACE)
    endif()
    add_library(heddle::${name} ALIAS ${target})
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
    target_sources(${target} ${scope}
        FILE_SET HEADERS BASE_DIRS ${CMAKE_CURRENT_SOURCE_DIR}/include FILES ${arg_PUBLIC_HEADERS})
    target_link_libraries(${target} ${scope} ${arg_DEPENDS})
    install(TARGETS ${target} EXPORT heddleTargets FILE_SET HEADERS)
endfunction()

# heddle_add_test(NAME [REAL_THREADS] SOURCES ... LIBS ...)
# A GoogleTest program whose tests ctest knows one by one. REAL_THREADS: labelled so, for the ThreadSanitizer build.
function(heddle_add_test name)
    if(NOT BUILD_TESTING)
        return()
    endif()
    cmake_parse_arguments(PARSE_ARGV 1 arg "REAL_THREADS" "" "SOURCES;LIBS")
    add_executable(${name} ${arg_SOURCES})
    heddle_compile_options(${name})
    target_link_libraries(${name} PRIVATE ${arg_LIBS})
    set(labels explored)
    if(arg_REAL_THREADS)
        set(labels real_threads)
        if(NOT TARGET real_threads_tests)
            add_custom_target(real_threads_tests)
        endif()
        add_dependencies(real_threads_tests ${name})
    endif()
    gtest_discover_tests(${name} DISCOVERY_TIMEOUT 120 PROPERTIES LABELS ${labels} TIMEOUT 600)
endfunction()
