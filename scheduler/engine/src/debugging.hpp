// What a debugger asks: a function to break on, and the modelled threads of the running execution.
//
// All are extern "C", so that a script can call them by name (docs/debugging.md).
#pragma once

extern "C" {

// Called in the step that the option `break_at` names, on the stack of the thread that performs it.
void heddle_break(unsigned step) noexcept;

// Modelled threads of the execution on this OS thread, by order of creation; 0: none runs.
unsigned heddle_thread_count() noexcept;
const char* heddle_thread_name(unsigned thread) noexcept;   // known in a replay
const char* heddle_thread_state(unsigned thread) noexcept;  // "running", "waits for `lock.a`", ...
// Where a thread that does not run was switched away, as Boost.Context has saved it; nullptr: it
// runs now, has not begun, or has ended.
const void* heddle_thread_context(unsigned thread) noexcept;
}
