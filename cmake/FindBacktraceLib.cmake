# libbacktrace, which GCC carries among its own files: `heddle_backtrace::backtrace`.
#
# Both compilers know where that is: Clang on Linux builds against the libraries of an installed GCC.

include(FindPackageHandleStandardArgs)

find_program(BacktraceLib_GCC NAMES gcc g++)
set(hints)
foreach(driver IN ITEMS ${CMAKE_CXX_COMPILER} ${BacktraceLib_GCC})
    foreach(file IN ITEMS libbacktrace.a include/backtrace.h)
        # A driver that does not find the file answers with the bare name.
        execute_process(COMMAND ${driver} -print-file-name=${file}
                        OUTPUT_VARIABLE answer OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
        if(IS_ABSOLUTE "${answer}")
            cmake_path(GET answer PARENT_PATH hint)
            list(APPEND hints ${hint})
        endif()
    endforeach()
endforeach()
find_library(BacktraceLib_LIBRARY NAMES libbacktrace.a backtrace HINTS ${hints})
find_path(BacktraceLib_INCLUDE_DIR backtrace.h HINTS ${hints})
mark_as_advanced(BacktraceLib_GCC BacktraceLib_LIBRARY BacktraceLib_INCLUDE_DIR)

find_package_handle_standard_args(BacktraceLib
    REQUIRED_VARS BacktraceLib_LIBRARY BacktraceLib_INCLUDE_DIR
    REASON_FAILURE_MESSAGE "it comes with GCC (Debian: libgcc-12-dev)")

if(BacktraceLib_FOUND AND NOT TARGET heddle_backtrace::backtrace)
    add_library(heddle_backtrace::backtrace UNKNOWN IMPORTED)
    # Searched last: GCC's other headers in that directory must not hide Clang's.
    set_target_properties(heddle_backtrace::backtrace PROPERTIES
        IMPORTED_LOCATION ${BacktraceLib_LIBRARY}
        INTERFACE_COMPILE_OPTIONS "SHELL:-idirafter ${BacktraceLib_INCLUDE_DIR}")
endif()
