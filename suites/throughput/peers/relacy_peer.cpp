// Relacy's side of the comparison: the programs of ../src/programs.hpp against its API, under its
// random scheduler.
//
// Each is there twice. Under the plain name, as a user of Relacy writes it: static threads, which
// are neither created nor joined in the execution. As `created_...`, step by step what heddle's
// program does: a thread that creates the others and joins them. Condition variables are asked for
// no spurious wakeups, which heddle does not make by default either.
#include <relacy/relacy.hpp>

#include "peer.hpp"

namespace {

// Swallows the progress reports.
class null_buffer : public std::streambuf {
    int overflow(int c) override { return c; }
};

template <class Test>
bool sample(std::uint64_t executions) {
    null_buffer buffer;
    std::ostream nowhere(&buffer);
    rl::test_params params;
    params.iteration_count = executions;
    params.search_type = rl::random_scheduler_type;
    params.output_stream = &nowhere;
    params.progress_stream = &nowhere;
    return rl::simulate<Test>(params);
}

template <rl::memory_order Order>
struct store_buffering : rl::test_suite<store_buffering<Order>, 2> {
    rl::atomic<int> x{0}, y{0};
    int read[2];

    void thread(unsigned self) {
        (self == 0 ? x : y).store(1, Order);
        read[self] = (self == 0 ? y : x).load(Order);
    }
    void after() {
        if constexpr (Order == rl::memory_order_seq_cst) RL_ASSERT(read[0] + read[1] > 0);
    }
};

template <int Threads, int Sections>
struct mutex_sections : rl::test_suite<mutex_sections<Threads, Sections>, Threads> {
    rl::mutex m;
    rl::var<int> count{0};

    void thread(unsigned) {
        for (int k = 0; k < Sections; ++k) {
            m.lock($);
            count($) = count($) + 1;
            m.unlock($);
        }
    }
    void after() { RL_ASSERT(count($) == Threads * Sections); }
};

struct peer_condition;

template <int Producers, int Consumers, int Items>
struct bounded_buffer
    : rl::test_suite<bounded_buffer<Producers, Consumers, Items>, Producers + Consumers> {
    rl::mutex m;
    rl::condvar<peer_condition> not_full, not_empty;
    rl::var<int> count{0};

    void before() {
        not_full.init(false, $);
        not_empty.init(false, $);
    }
    void thread(unsigned self) {
        const bool producer = self < Producers;
        for (int k = 0; k < Items; ++k) {
            m.lock($);
            while (count($) == (producer ? 1 : 0))
                (producer ? not_full : not_empty).wait(m, false, $);
            count($) = producer ? 1 : 0;
            (producer ? not_empty : not_full).notify_one($);
            m.unlock($);
        }
    }
    void after() {
        not_full.deinit($);
        not_empty.deinit($);
    }
};

// A first thread that creates `Threads` others, each of which runs one thread of `State`, and joins
// them.
template <class State, int Threads>
struct created : rl::test_suite<created<State, Threads>, 1> {
    static std::size_t const dynamic_thread_count = Threads;

    struct argument {
        State* state;
        unsigned self;
    };
    static void* run(void* data) {
        const argument& a = *static_cast<argument*>(data);
        a.state->thread(a.self);
        return nullptr;
    }
    void thread(unsigned) {
        State state;
        state.before();
        rl::dyn_thread threads[Threads];
        argument arguments[Threads];
        for (int t = 0; t < Threads; ++t) {
            arguments[t] = {&state, static_cast<unsigned>(t)};
            threads[t].start(run, &arguments[t]);
        }
        for (auto& t : threads) t.join();
        state.after();
    }
};

const peers::program programs[] = {
    {"sb_relaxed", sample<store_buffering<rl::memory_order_relaxed>>},
    {"sb_seq_cst", sample<store_buffering<rl::memory_order_seq_cst>>},
    {"mutex_3x2", sample<mutex_sections<3, 2>>},
    {"buffer_2p2c_1", sample<bounded_buffer<2, 2, 1>>},
    {"created_sb_relaxed", sample<created<store_buffering<rl::memory_order_relaxed>, 2>>},
    {"created_sb_seq_cst", sample<created<store_buffering<rl::memory_order_seq_cst>, 2>>},
    {"created_mutex_3x2", sample<created<mutex_sections<3, 2>, 3>>},
    {"created_buffer_2p2c_1", sample<created<bounded_buffer<2, 2, 1>, 4>>},
};

}  // namespace

int main(int argc, char** argv) { return peers::time_one(argc, argv, programs); }
