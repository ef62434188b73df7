# The three ways this tree defines a target.

# heddle_add_library(<name> [INTERFACE] [INTERNAL]
#                    [SOURCES file...] [PUBLIC_HEADERS file...]
#                    [DEPENDS target...] [PRIVATE_DEPENDS target...])
#
# Library `heddle_<name>`, known as `heddle::<name>` here and after `find_package(heddle)`.
# Its headers live under `include/` of the calling directory, its one include root; its own files
# also see `src/`. INTERFACE: headers only. INTERNAL: neither installed nor exported.
function(heddle_add_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "INTERFACE;INTERNAL" ""
                          "SOURCES;PUBLIC_HEADERS;DEPENDS;PRIVATE_DEPENDS")
    heddle_reject_unknown_arguments()
    set(target heddle_${name})
    if(arg_INTERFACE)
        set(scope INTERFACE)
        add_library(${target} INTERFACE)
    else()
        set(scope PUBLIC)
        add_library(${target} STATIC ${arg_SOURCES})
        target_include_directories(${target} PRIVATE src)
        target_link_libraries(${target} PRIVATE ${arg_PRIVATE_DEPENDS})
    endif()
    add_library(heddle::${name} ALIAS ${target})
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
    target_compile_features(${target} ${scope} cxx_std_20)
    target_link_libraries(${target} ${scope} ${arg_DEPENDS})
    target_sources(${target}
        ${scope} FILE_SET HEADERS BASE_DIRS include FILES ${arg_PUBLIC_HEADERS})

    if(NOT arg_INTERNAL AND NOT arg_INTERFACE)
        target_compile_options(${target} PRIVATE ${HEDDLE_LIBRARY_OPTIONS})
    endif()
    if(NOT arg_INTERNAL)
        install(TARGETS ${target} EXPORT heddleTargets FILE_SET HEADERS)
    endif()
endfunction()

# heddle_add_program(<name> SOURCES file... [DEPENDS target...])
#
# An installed program.
function(heddle_add_program name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS")
    heddle_reject_unknown_arguments()
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE ${arg_DEPENDS})
    install(TARGETS ${name})
endfunction()

# heddle_add_test(<name> SOURCES file... [LIBS target...] [TIMEOUT seconds] [WHOLE])
#
# A GoogleTest program, one CTest test a case (named `<name>.Suite.Case`), or one in all with WHOLE
# and under a sanitizer: there a process costs more than most cases do, and what one search leaves
# behind meets the next one. `main` comes from LIBS (`heddle::gtest_main`) or SOURCES if they have
# one, else from gmock.
function(heddle_add_test name)
    if(NOT HEDDLE_BUILD_TESTS)
        return()
    endif()
    cmake_parse_arguments(PARSE_ARGV 1 arg "WHOLE" "TIMEOUT" "SOURCES;LIBS")
    heddle_reject_unknown_arguments()
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE ${arg_LIBS} GTest::gmock_main)
    heddle_share_test_headers(${name})

    set(properties TIMEOUT 600)
    if(arg_TIMEOUT)
        set(properties TIMEOUT ${arg_TIMEOUT})
    endif()
    if(HEDDLE_SANITIZE)
        set(arg_WHOLE TRUE)
        set(properties TIMEOUT 1800)
    endif()
    if(arg_WHOLE)
        add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
        set_tests_properties(${name} PROPERTIES ${properties})
    else()
        gtest_discover_tests(${name} TEST_PREFIX ${name}. NO_PRETTY_VALUES DISCOVERY_TIMEOUT 60
                             PROPERTIES ${properties})
    endif()
endfunction()

# GoogleTest's headers are compiled once for all tests.
function(heddle_share_test_headers name)
    if(NOT TARGET heddle_test_headers)
        set(source ${PROJECT_BINARY_DIR}/test_headers.cpp)
        file(CONFIGURE OUTPUT ${source} CONTENT "")
        add_library(heddle_test_headers OBJECT ${source})
        target_link_libraries(heddle_test_headers PRIVATE GTest::gmock)
        target_precompile_headers(heddle_test_headers PRIVATE <gmock/gmock.h>)
        target_compile_options(heddle_test_headers PRIVATE ${HEDDLE_TEST_OPTIONS})
    endif()
    target_precompile_headers(${name} REUSE_FROM heddle_test_headers)
    target_compile_options(${name} PRIVATE ${HEDDLE_TEST_OPTIONS})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # False alarms about std::string that comes from a precompiled header (like GCC bug 105651).
        target_compile_options(${name} PRIVATE
            -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread)
    endif()
endfunction()

macro(heddle_reject_unknown_arguments)
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "${name}: unknown arguments ${arg_UNPARSED_ARGUMENTS}")
    endif()
endmacro()
