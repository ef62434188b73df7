# Checks that a source is refused by the compiler with a given text, and accepted without its mistake.
#
#   cmake -DCOMPILER=... -DSOURCE=... -DINCLUDES=dir;dir -P expect_compile_error.cmake
#
# The source names what the compiler must print, each in a line `// expect: TEXT`. It compiles with
# HEDDLE_WITHOUT_MISTAKE defined: what refuses it otherwise is the mistake and nothing else.
foreach(variable COMPILER SOURCE INCLUDES)
    if(NOT DEFINED ${variable})
        message(FATAL_ERROR "${variable} is not set")
    endif()
endforeach()

set(arguments -std=c++20 -fsyntax-only)
foreach(directory IN LISTS INCLUDES)
    list(APPEND arguments -I${directory})
endforeach()

execute_process(COMMAND ${COMPILER} ${arguments} -DHEDDLE_WITHOUT_MISTAKE ${SOURCE}
                RESULT_VARIABLE status ERROR_VARIABLE output OUTPUT_QUIET)
if(NOT status EQUAL 0)
    message(FATAL_ERROR "${SOURCE} does not compile without its mistake:\n${output}")
endif()

execute_process(COMMAND ${COMPILER} ${arguments} ${SOURCE}
                RESULT_VARIABLE status ERROR_VARIABLE output OUTPUT_QUIET)
if(status EQUAL 0)
    message(FATAL_ERROR "${SOURCE} compiles, mistake and all")
endif()

file(STRINGS ${SOURCE} expectations REGEX "^// expect: ")
if(NOT expectations)
    message(FATAL_ERROR "${SOURCE} says nothing about what it expects")
endif()
foreach(line IN LISTS expectations)
    string(REGEX REPLACE "^// expect: " "" text "${line}")
    string(FIND "${output}" "${text}" position)
    if(position EQUAL -1)
        message(FATAL_ERROR "the compiler does not say '${text}' about ${SOURCE}:\n${output}")
    endif()
endforeach()
