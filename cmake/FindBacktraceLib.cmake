# libbacktrace as it comes with GCC, for either compiler: the imported target heddle_backtrace::backtrace.
find_program(HEDDLE_GCC NAMES gcc gcc-12 gcc-13 gcc-14)
if(HEDDLE_GCC AND NOT BacktraceLib_LIBRARY)
    execute_process(COMMAND ${HEDDLE_GCC} -print-file-name=libbacktrace.a
        OUTPUT_VARIABLE BacktraceLib_path OUTPUT_STRIP_TRAILING_WHITESPACE)
    execute_process(COMMAND ${HEDDLE_GCC} -print-file-name=include
        OUTPUT_VARIABLE BacktraceLib_include OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(IS_ABSOLUTE "${BacktraceLib_path}" AND EXISTS "${BacktraceLib_include}/backtrace.h")
        set(BacktraceLib_LIBRARY "${BacktraceLib_path}" CACHE FILEPATH "libbacktrace.a of GCC")
        set(BacktraceLib_HEADER "${BacktraceLib_include}/backtrace.h" CACHE FILEPATH "backtrace.h of GCC")
    endif()
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(BacktraceLib REQUIRED_VARS BacktraceLib_LIBRARY BacktraceLib_HEADER)
if(BacktraceLib_FOUND AND NOT TARGET heddle_backtrace::backtrace)
    # The header alone is copied: the rest of GCC's include folder is not for another compiler.
    file(COPY_FILE "${BacktraceLib_HEADER}" "${CMAKE_BINARY_DIR}/backtrace/backtrace.h" ONLY_IF_DIFFERENT)
    add_library(heddle_backtrace::backtrace UNKNOWN IMPORTED)
    set_target_properties(heddle_backtrace::backtrace PROPERTIES
        IMPORTED_LOCATION "${BacktraceLib_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${CMAKE_BINARY_DIR}/backtrace")
endif()
