// The arena behind heddle/scheduler/heap.hpp. One for each OS thread that explores, at an address
// that is the same in every process as long as nothing else was mapped there.
#pragma once

#include <heddle/scheduler/heap.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace heddle::scheduler {

class execution_heap {
public:
    static constexpr unsigned lanes = 64;                              // modelled threads
    static constexpr std::size_t lane_bytes = std::size_t{256} << 20;  // address space, not memory
    static constexpr std::size_t arena_bytes = lanes * lane_bytes;

    static execution_heap& of_this_os_thread();

    execution_heap();
    ~execution_heap();
    execution_heap(const execution_heap&) = delete;
    execution_heap& operator=(const execution_heap&) = delete;

    // O(1), but for kept blocks that are skipped.
    void* allocate(unsigned lane, std::size_t bytes, std::size_t alignment) noexcept;
    // The block goes to the free list of the lane of the thread that frees it, last in, first out.
    void release(unsigned lane, void* block) noexcept;
    static void overwrite(void* block) noexcept;
    // Takes all blocks back, but for those alive after an execution that ended well.
    void end_execution(bool keep_alive) noexcept {
        if (used_lanes_ || !exceptions_.empty()) take_back(keep_alive);
    }

    void add_exception(void* e) { exceptions_.push_back(e); }
    void drop_exception(void* e) noexcept;

    // Whether blocks that were kept may have moved the addresses that executions see.
    bool has_moved() const noexcept { return kept_.blocks_ever != 0; }
    // Of the running execution.
    std::size_t blocks_alive() const noexcept { return alive_; }
    heap::outlived outlived() const noexcept { return {kept_.blocks, kept_.bytes}; }
    static bool contains(const void* p) noexcept;
    static execution_heap* owner_of(const void* p) noexcept;
    // From outside of its execution.
    void release_kept(void* block) noexcept;

private:
    struct block;
    struct interval {
        std::byte *begin, *end;
    };
    struct lane_state {
        std::byte* base = nullptr;
        std::byte* top = nullptr;        // the next block begins here
        std::byte* open = nullptr;       // end of what is accessible
        std::uint64_t used_classes = 0;  // those whose free list was used in this execution
        std::array<block*, 64> free{};
        std::vector<interval> kept;  // ordered, never touching
        std::size_t next_kept = 0;   // the first that lies above top
    };

    void take_back(bool keep_alive) noexcept;
    static bool open(lane_state& l, std::byte* end) noexcept;
    std::byte* bump(lane_state& l, std::size_t bytes) noexcept;
    void keep_living(lane_state& l);

    std::byte* arena_ = nullptr;
    unsigned index_ = 0;            // of this arena among those of all OS threads
    std::uint32_t generation_ = 1;  // of the running execution
    std::size_t alive_ = 0;         // blocks of the running execution
    std::uint64_t used_lanes_ = 0;
    struct {
        std::size_t blocks = 0, bytes = 0, blocks_ever = 0;
    } kept_;
    std::vector<void*> exceptions_;  // thrown in the running execution, not yet freed
    std::array<lane_state, lanes> lanes_;
};

}  // namespace heddle::scheduler
