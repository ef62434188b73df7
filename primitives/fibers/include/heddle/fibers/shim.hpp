// The modelled types under std's names, for code written against std:
//
//   namespace app {
//   #if defined(EXPLORED)
//   namespace sync = heddle::shim;
//   #else
//   namespace sync = std;
//   #endif
//   class account { sync::mutex mutex_; ... };
//   }
//
// Inside a namespace of your own, or under another name: the global `sync` is POSIX's function.
// Guards, tags and memory orders are std's own. `var` is here too: plain data has no name in std.
// Limits: those of the types; the free functions on atomics (`std::atomic_load(&x)`) are not here.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <heddle/fibers/atomic.hpp>
#include <heddle/fibers/clock.hpp>
#include <heddle/fibers/condition_variable.hpp>
#include <heddle/fibers/mutex.hpp>
#include <heddle/fibers/thread.hpp>
#include <heddle/fibers/timed_mutex.hpp>
#include <heddle/fibers/var.hpp>
#include <mutex>
#include <shared_mutex>

namespace heddle::shim {

using modelled::jthread;
using modelled::thread;
namespace this_thread = modelled::this_thread;

using modelled::condition_variable;
using modelled::cv_status;
using modelled::lock;
using modelled::mutex;
using modelled::recursive_mutex;
using modelled::recursive_timed_mutex;
using modelled::scoped_lock;
using modelled::timed_mutex;
using std::adopt_lock;
using std::adopt_lock_t;
using std::defer_lock;
using std::defer_lock_t;
using std::lock_guard;
using std::shared_lock;
using std::try_to_lock;
using std::try_to_lock_t;
using std::unique_lock;

using modelled::atomic;
using modelled::atomic_flag;
using modelled::atomic_signal_fence;
using modelled::atomic_thread_fence;
using std::memory_order;
using std::memory_order_acq_rel;
using std::memory_order_acquire;
using std::memory_order_consume;
using std::memory_order_relaxed;
using std::memory_order_release;
using std::memory_order_seq_cst;

using atomic_bool = atomic<bool>;
using atomic_char = atomic<char>;
using atomic_int = atomic<int>;
using atomic_uint = atomic<unsigned>;
using atomic_long = atomic<long>;
using atomic_ulong = atomic<unsigned long>;
using atomic_llong = atomic<long long>;
using atomic_ullong = atomic<unsigned long long>;
using atomic_int32_t = atomic<std::int32_t>;
using atomic_uint32_t = atomic<std::uint32_t>;
using atomic_int64_t = atomic<std::int64_t>;
using atomic_uint64_t = atomic<std::uint64_t>;
using atomic_size_t = atomic<std::size_t>;
using atomic_ptrdiff_t = atomic<std::ptrdiff_t>;

using modelled::var;

// The clocks, beside the durations: `using namespace std::chrono` would bring the real ones.
namespace chrono {
using namespace std::chrono;
using modelled::steady_clock;
using modelled::system_clock;
}  // namespace chrono

}  // namespace heddle::shim
