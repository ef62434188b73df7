#include "execution_heap.hpp"

#include <cxxabi.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <utility>

#include "engine.hpp"
#include "engine_scope.hpp"
#include "recorder.hpp"

#if defined(HEDDLE_ASAN_)
#define HEDDLE_NO_ASAN_ __attribute__((no_sanitize_address))
#else
#define HEDDLE_NO_ASAN_
#endif

namespace heddle::scheduler {
namespace {

// Where the arenas of all OS threads lie, one after the other: below the terabyte in which the
// kernel places libraries and stacks at random, and where ThreadSanitizer, too, leaves memory to
// the program. So a block has the same address in every process.
constexpr std::uintptr_t preferred_window = 0x7e80'0000'0000;
constexpr unsigned most_arenas = 24;
static_assert(most_arenas < 64);  // a bit each in `used`
constexpr std::size_t window_bytes = most_arenas * execution_heap::arena_bytes;
constexpr std::size_t unit = 16;
// Bytes behind each block that nobody may touch.
#if defined(HEDDLE_ASAN_)
constexpr std::size_t redzone = 16;
void forbid(const void* p, std::size_t n) noexcept { __asan_poison_memory_region(p, n); }
void permit(const void* p, std::size_t n) noexcept { __asan_unpoison_memory_region(p, n); }
#else
constexpr std::size_t redzone = 0;
void forbid(const void*, std::size_t) noexcept {}
void permit(const void*, std::size_t) noexcept {}
#endif

struct arena_table {
    std::mutex mutex;
    std::byte* window = nullptr;
    std::uint64_t used = 0;  // one bit an arena
    std::array<std::atomic<execution_heap*>, most_arenas> owners{};
};
constinit std::atomic<std::uintptr_t> window_begin{0};  // read by each `operator delete`

arena_table& arenas() {
    static auto* const table = new arena_table;  // outlives every OS thread
    return *table;
}

std::byte* reserve_window() {
    constexpr int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void* p = mmap(reinterpret_cast<void*>(preferred_window), window_bytes, PROT_NONE,
                   flags | MAP_FIXED_NOREPLACE, -1, 0);
    if (p == MAP_FAILED) p = mmap(nullptr, window_bytes, PROT_NONE, flags, -1, 0);
    return p == MAP_FAILED ? nullptr : static_cast<std::byte*>(p);
}

constexpr std::size_t rounded_up(std::size_t n, std::size_t to) { return (n + to - 1) / to * to; }

// Up to half a KiB in steps of 16 bytes, then powers of two.
constexpr std::size_t small_classes = 32;
constexpr unsigned class_of(std::size_t bytes) noexcept {
    if (bytes <= small_classes * unit) return bytes ? static_cast<unsigned>((bytes - 1) / unit) : 0;
    return static_cast<unsigned>(std::bit_width(bytes - 1)) + 22;
}
constexpr std::size_t bytes_of_class(unsigned c) noexcept {
    return c < small_classes ? (c + 1) * unit : std::size_t{1} << (c - 22);
}
static_assert(class_of(512) == 31 && class_of(513) == 32 && bytes_of_class(32) == 1024);
static_assert(class_of(execution_heap::lane_bytes) < 64);

}  // namespace

// Before each block; `bytes` is what follows it, up to the next header.
struct execution_heap::block {
    std::uint64_t bytes;
    std::uint32_t generation;
    std::uint16_t alignment;  // of those aligned to more than `unit`, which are not used again
    bool alive;
    std::byte* data() noexcept { return reinterpret_cast<std::byte*>(this + 1); }
    block*& next_free() noexcept { return *reinterpret_cast<block**>(data()); }
    static block* before(void* data) noexcept { return static_cast<block*>(data) - 1; }
};

execution_heap& execution_heap::of_this_os_thread() {
    thread_local execution_heap own;
    return own;
}

execution_heap::execution_heap() {
    static_assert(sizeof(block) == unit);
    arena_table& t = arenas();
    const std::lock_guard lock(t.mutex);
    if (!t.window) {
        t.window = reserve_window();
        window_begin.store(reinterpret_cast<std::uintptr_t>(t.window), std::memory_order_relaxed);
    }
    index_ = static_cast<unsigned>(std::countr_one(t.used));
    if (!t.window || index_ == most_arenas) return;  // the process's heap serves all
    std::byte* const arena = t.window + index_ * arena_bytes;
    t.used |= std::uint64_t{1} << index_;
    t.owners[index_].store(this, std::memory_order_relaxed);
    arena_ = arena;
    for (unsigned k = 0; k < lanes; ++k)
        lanes_[k].base = lanes_[k].top = lanes_[k].open = arena + k * lane_bytes;
}

// Kept blocks outlive this OS thread: then its arena is nobody's for good.
execution_heap::~execution_heap() {
    if (!arena_) return;
    arena_table& t = arenas();
    const std::lock_guard lock(t.mutex);
    t.owners[index_].store(nullptr, std::memory_order_relaxed);
    if (kept_.blocks_ever) return;
    madvise(arena_, arena_bytes, MADV_DONTNEED);
    mprotect(arena_, arena_bytes, PROT_NONE);
    t.used &= ~(std::uint64_t{1} << index_);
}

bool execution_heap::contains(const void* p) noexcept {
    return reinterpret_cast<std::uintptr_t>(p) - window_begin.load(std::memory_order_relaxed) <
           window_bytes;
}

execution_heap* execution_heap::owner_of(const void* p) noexcept {
    const std::uintptr_t offset =
        reinterpret_cast<std::uintptr_t>(p) - window_begin.load(std::memory_order_relaxed);
    return arenas().owners[offset / arena_bytes].load(std::memory_order_relaxed);
}

// Room for a header and so many bytes; nullptr: the lane is full.
HEDDLE_NO_ASAN_ std::byte* execution_heap::bump(lane_state& l, std::size_t bytes) noexcept {
    const std::size_t wanted = sizeof(block) + bytes;
    while (l.next_kept < l.kept.size() && l.top + wanted > l.kept[l.next_kept].begin) {
        const interval& k = l.kept[l.next_kept++];
        if (l.top != k.begin) {  // the gap stays walkable
            auto* filler = reinterpret_cast<block*>(l.top);
            *filler = {static_cast<std::uint64_t>(k.begin - filler->data()), generation_, 0, false};
        }
        l.top = k.end;
    }
    if (l.top + wanted > l.open && !open(l, l.top + wanted)) return nullptr;
    std::byte* const at = l.top;
    l.top += wanted;
    return at;
}

// Opened piece by piece: tools that shadow memory take their time for what is accessible.
bool execution_heap::open(lane_state& l, std::byte* end) noexcept {
    constexpr std::size_t piece = std::size_t{1} << 20;
    const std::size_t opened = static_cast<std::size_t>(l.open - l.base);
    const std::size_t wanted = rounded_up(static_cast<std::size_t>(end - l.base), piece);
    const std::size_t bytes = std::min(std::max(wanted, 2 * opened), lane_bytes);
    if (wanted > lane_bytes || mprotect(l.open, bytes - opened, PROT_READ | PROT_WRITE) != 0)
        return false;
    l.open = l.base + bytes;
    return true;
}

HEDDLE_NO_ASAN_ void* execution_heap::allocate(unsigned lane, std::size_t bytes,
                                               std::size_t alignment) noexcept {
    if (!arena_ || bytes > lane_bytes / 2 || alignment > 4096) return nullptr;
    lane_state& l = lanes_[lane];
    used_lanes_ |= std::uint64_t{1} << lane;
    const unsigned c = class_of(bytes + redzone);
    block* b = nullptr;
    if (alignment <= unit) {
        b = l.free[c];
        if (b) {
            l.free[c] = b->next_free();
        } else {
            std::byte* const at = bump(l, bytes_of_class(c));
            if (!at) return nullptr;
            b = reinterpret_cast<block*>(at);
            b->bytes = bytes_of_class(c);
        }
        b->alignment = 0;
    } else {
        // So much that an aligned block with its header fits, with a filler before it.
        const std::size_t size = rounded_up(bytes + redzone, unit);
        std::byte* const at = bump(l, size + alignment);
        if (!at) return nullptr;
        const auto data =
            rounded_up(reinterpret_cast<std::uintptr_t>(at) + sizeof(block), alignment);
        b = reinterpret_cast<block*>(data) - 1;
        if (reinterpret_cast<std::byte*>(b) != at) {
            auto* filler = reinterpret_cast<block*>(at);
            *filler = {static_cast<std::uint64_t>(reinterpret_cast<std::byte*>(b) - filler->data()),
                       generation_, 0, false};
        }
        b->bytes = static_cast<std::uint64_t>(at + sizeof(block) + size + alignment - b->data());
        b->alignment = static_cast<std::uint16_t>(alignment);
    }
    b->generation = generation_;
    b->alive = true;
    ++alive_;
    forbid(b, sizeof(block));
    permit(b->data(), bytes);
    forbid(b->data() + bytes, b->bytes - bytes);
    return b->data();
}

HEDDLE_NO_ASAN_ void execution_heap::release(unsigned lane, void* data) noexcept {
    block* const b = block::before(data);
    if (b->generation != generation_) {
        release_kept(data);
        return;
    }
    if (!b->alive) {
        std::fputs("heddle: a block is deleted that has been deleted before\n", stderr);
        std::abort();
    }
    b->alive = false;
    --alive_;
    forbid(b->data(), b->bytes);
    // With AddressSanitizer a freed block stays forbidden to the end of its execution; with
    // ThreadSanitizer it serves no other thread before, which would seem to race with this one.
    if (redzone || thread_sanitizer || b->alignment) return;
    lane_state& l = lanes_[lane];
    used_lanes_ |= std::uint64_t{1} << lane;
    const unsigned c = class_of(b->bytes);
    b->next_free() = l.free[c];
    l.free[c] = b;
    l.used_classes |= std::uint64_t{1} << c;
}

// For ThreadSanitizer: to delete a block is to write it.
void execution_heap::overwrite(void* data) noexcept {
    if constexpr (thread_sanitizer) sanitizer_write(data, block::before(data)->bytes);
}

HEDDLE_NO_ASAN_ void execution_heap::release_kept(void* data) noexcept {
    block* const b = block::before(data);
    if (!b->alive) return;
    b->alive = false;
    const std::size_t bytes = b->bytes;
    kept_.blocks -= std::min<std::size_t>(kept_.blocks, 1);
    kept_.bytes -= std::min(kept_.bytes, bytes);
}

void execution_heap::drop_exception(void* e) noexcept {
    const auto found = std::find(exceptions_.rbegin(), exceptions_.rend(), e);
    if (found != exceptions_.rend()) exceptions_.erase(std::next(found).base());
}

void execution_heap::take_back(bool keep_alive) noexcept {
    if (keep_alive) exceptions_.clear();
    while (!exceptions_.empty()) {
        void* const e = exceptions_.back();
        exceptions_.pop_back();
        abi::__cxa_free_exception(e);
    }
    if (!used_lanes_) return;
    const bool keep = keep_alive && alive_ > 0;
    for (; used_lanes_; used_lanes_ &= used_lanes_ - 1) {
        lane_state& l = lanes_[static_cast<unsigned>(std::countr_zero(used_lanes_))];
        if (keep) keep_living(l);
        for (; l.used_classes; l.used_classes &= l.used_classes - 1)
            l.free[static_cast<unsigned>(std::countr_zero(l.used_classes))] = nullptr;
        l.top = l.base;
        l.next_kept = 0;
    }
    alive_ = 0;
    ++generation_;
}

// The memory of living blocks is never used again: later executions pass over it.
HEDDLE_NO_ASAN_ void execution_heap::keep_living(lane_state& l) {
    std::vector<interval> kept;
    const auto add = [&kept](interval i) {
        if (!kept.empty() && kept.back().end == i.begin)
            kept.back().end = i.end;
        else
            kept.push_back(i);
    };
    std::size_t old = 0;
    for (std::byte* at = l.base; at < l.top;) {
        if (old < l.kept.size() && l.kept[old].begin == at) {
            add(l.kept[old]);
            at = l.kept[old++].end;
            continue;
        }
        auto* const b = reinterpret_cast<block*>(at);
        std::byte* const end = b->data() + b->bytes;
        if (b->alive && b->generation == generation_) {
            add({at, end});
            ++kept_.blocks;
            ++kept_.blocks_ever;
            kept_.bytes += b->bytes;
        }
        at = end;
    }
    for (; old < l.kept.size(); ++old) add(l.kept[old]);
    l.kept = std::move(kept);
}

namespace heap {

constinit thread_local const int* body_level = nullptr;

void* allocate(std::size_t bytes, std::size_t alignment) noexcept {
    engine& e = *current_engine;
    const modelled_thread& t = e.self();
    if (t.outside_depth) return nullptr;
    const engine_scope inside(e);
    void* const p = e.heap_.allocate(t.slot, bytes, alignment);
    if (e.recorder_ && p) e.recorder_->allocated(e, p, bytes);
    return p;
}

bool release(void* p) noexcept {
    if (!execution_heap::contains(p)) [[likely]]
        return false;
    execution_heap* const owner = execution_heap::owner_of(p);
    // What another OS thread allocated stays where it is.
    if (!owner || owner != &execution_heap::of_this_os_thread()) return true;
    if (!current_engine) {
        owner->release_kept(p);
        return true;
    }
    if (heap::in_body()) execution_heap::overwrite(p);
    const engine_scope inside(*current_engine);
    owner->release(current_engine->self().slot, p);
    if (current_engine->recorder_) current_engine->recorder_->released(p);
    return true;
}

outside_scope::outside_scope() noexcept {
    if (current_engine) ++current_engine->self().outside_depth;
}
outside_scope::~outside_scope() {
    if (current_engine) --current_engine->self().outside_depth;
}

void exception_allocated(void* exception) noexcept {
    if (!current_engine) return;
    const engine_scope inside(*current_engine);
    current_engine->heap_.add_exception(exception);
}
void exception_freed(void* exception) noexcept {
    if (current_engine) current_engine->heap_.drop_exception(exception);
}

outlived kept_blocks() noexcept { return execution_heap::of_this_os_thread().outlived(); }

}  // namespace heap
}  // namespace heddle::scheduler
