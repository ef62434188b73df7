// std's clocks, modelled: virtual time, which passes when a timed wait times out.
//
//   const auto begin = heddle::fibers::steady_clock::now();
//   heddle::fibers::this_thread::sleep_for(10ms);
//   HEDDLE_ASSERT(heddle::fibers::steady_clock::now() - begin >= 10ms);
//
// Contents: steady_clock, system_clock, deadlines of timed waits. The clocks live in
// `heddle::modelled`; use them through `heddle::fibers` or `heddle::shim`.
//
// A thread's clock shows the latest time that precedes the call in program order and reads-from:
// what it waited for itself, and what those had waited for who handed something to it. So the time
// is the same in whatever order unrelated threads run, and an execution that is run again sees the
// same times (docs/adr/0008-timed-waits.md). It also runs a little with each call, by a microsecond
// at first and twice as fast after every eight calls of the thread, so that a loop which waits for
// its clock alone ends.
//
// Limits: no upper bounds. A thread that sleeps for a millisecond may find an hour gone in another,
// as on a real machine that is busy.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <ctime>
#include <heddle/scheduler/hooks.hpp>
#include <limits>

namespace heddle::modelled {

// Begins at 0 in each execution.
struct steady_clock {
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<steady_clock>;
    static constexpr bool is_steady = true;

    static time_point now(trace::site where = trace::site::current()) noexcept {
        return time_point(duration(scheduler::hooks::read_clock(where)));
    }
};

// The same time, counted from 1970: each execution begins on 1 January 2024 at midnight, UTC.
struct system_clock {
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<system_clock>;
    static constexpr bool is_steady = false;
    static constexpr duration begin = std::chrono::seconds(1'704'067'200);

    static time_point now(trace::site where = trace::site::current()) noexcept {
        return time_point(begin + duration(scheduler::hooks::read_clock(where)));
    }
    static std::time_t to_time_t(const time_point& t) noexcept {
        return std::chrono::duration_cast<std::chrono::seconds>(t.time_since_epoch()).count();
    }
    static time_point from_time_t(std::time_t t) noexcept {
        return time_point(std::chrono::seconds(t));
    }
};

}  // namespace heddle::modelled

namespace heddle::detail {

template <class Clock>
concept modelled_clock =
    std::same_as<Clock, modelled::steady_clock> || std::same_as<Clock, modelled::system_clock>;

// Rounded up, and kept within what 64 bits hold: `hours::max()` is a way to say for ever.
template <class Rep, class Period>
constexpr std::int64_t nanoseconds_of(const std::chrono::duration<Rep, Period>& duration) noexcept {
    const long double seconds = std::chrono::duration<long double>(duration).count();
    if (seconds >= 9.2e9L) return std::numeric_limits<std::int64_t>::max();
    if (seconds <= -9.2e9L) return -std::numeric_limits<std::int64_t>::max();
    return std::chrono::ceil<std::chrono::nanoseconds>(duration).count();
}

template <class Rep, class Period>
std::int64_t deadline_after(const std::chrono::duration<Rep, Period>& duration) noexcept {
    return scheduler::hooks::deadline_after(nanoseconds_of(duration));
}

template <class Clock, class Duration>
std::int64_t deadline_at(const std::chrono::time_point<Clock, Duration>& time) noexcept {
    static_assert(modelled_clock<Clock>,
                  "heddle: a modelled timed wait takes a time of Backend::steady_clock or "
                  "Backend::system_clock: real clocks run on outside of the execution");
    std::int64_t deadline = nanoseconds_of(time.time_since_epoch());
    if constexpr (std::same_as<Clock, modelled::system_clock>)
        deadline = deadline < 0 ? deadline : deadline - modelled::system_clock::begin.count();
    return deadline;
}

}  // namespace heddle::detail
