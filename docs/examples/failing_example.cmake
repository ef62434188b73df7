# Runs an example that is meant to fail, and the replay line that it prints, in a new process.
#
#   cmake -DEXECUTABLE=... -DEXPECTED=data-race -P failing_example.cmake
get_filename_component(folder ${EXECUTABLE} DIRECTORY)
get_filename_component(name ${EXECUTABLE} NAME)

function(expect_failure command out)
    execute_process(COMMAND sh -c "${command}" WORKING_DIRECTORY ${folder}
        RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE text)
    if(NOT code EQUAL 1)
        message(FATAL_ERROR "`${command}` ended with ${code}, expected 1:\n${text}")
    endif()
    if(NOT text MATCHES "(error|warning)\\[${EXPECTED}\\]")
        message(FATAL_ERROR "`${command}` does not report ${EXPECTED}:\n${text}")
    endif()
    set(${out} "${text}" PARENT_SCOPE)
endfunction()

expect_failure("./${name}" first)
string(REGEX MATCH "= replay: ([^\n]*)" line "${first}")
set(replay "${CMAKE_MATCH_1}")
if(replay STREQUAL "")
    message(FATAL_ERROR "`${name}` prints no replay line:\n${first}")
endif()
expect_failure("${replay}" second)
string(REGEX MATCH "error\\[${EXPECTED}[^\n]*" first_headline "${first}")
string(REGEX MATCH "error\\[${EXPECTED}[^\n]*" second_headline "${second}")
if(NOT first_headline STREQUAL second_headline)
    message(FATAL_ERROR "the replay reports another failure:\n  ${first_headline}\n  ${second_headline}")
endif()
