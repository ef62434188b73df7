#include "programs.hpp"

#include <algorithm>
#include <atomic>
#include <vector>

#include <heddle/primitives/real_threads.hpp>

#include "accounts.hpp"
#include "barriers.hpp"
#include "bounded_queue.hpp"
#include "counters.hpp"
#include "deadlocks.hpp"
#include "event.hpp"
#include "memory_order.hpp"
#include "notification.hpp"
#include "pipeline.hpp"
#include "pools.hpp"
#include "priority_lock.hpp"
#include "rw_lock.hpp"
#include "semaphores.hpp"
#include "stop_flags.hpp"
#include "timed_locks.hpp"

namespace heddle::notes {
namespace {

using body_function = void (*)();

constexpr auto relaxed = std::memory_order_relaxed;
constexpr auto acquire = std::memory_order_acquire;
constexpr auto release = std::memory_order_release;
constexpr auto seq_cst = std::memory_order_seq_cst;

// A program that is right: clean, proved, and fit for real threads.
program clean(std::string_view name, std::string_view size, body_function explored,
              body_function on_real_threads, std::string_view why) {
    return {.name = name,
            .size = size,
            .expected = verdict::ok,
            .why = why,
            .body = explored,
            .on_real_threads = on_real_threads,
            .must_exhaust = true};
}

program failing(std::string_view name, std::string_view size, body_function explored,
                heddle::verdict expected, std::string_view why) {
    return {.name = name, .size = size, .expected = expected, .why = why, .body = explored};
}

// A program that is right, with loops that have no bound: sampled.
program sampled(std::string_view name, std::string_view size, body_function explored,
                body_function on_real_threads, std::string_view why) {
    program p = clean(name, size, explored, on_real_threads, why);
    p.must_exhaust = false;
    p.options.strategy = strategies::random{};
    p.options.execution_limit = 20'000;
    return p;
}

using plain_flag = fibers::var<bool>;
using atomic_flag = fibers::atomic<bool>;

std::vector<program> make_table() {
    return {
        failing("counter/plain", "2 threads x 1", count_together<plain_counter, 2, 1, fibers>,
                verdict::data_race,
                "Nothing orders the two threads' accesses of the count, and both write it.\n"
                "The race is there in every execution, also where the sum comes out right."),
        failing("counter/two-steps", "2 threads x 1",
                count_together<two_step_counter, 2, 1, fibers>, verdict::assertion,
                "Atomic accesses cannot race, but both threads may load 0 before either stores:\n"
                "both then store 1, one addition is lost, and main's assertion sees 1."),
        clean("counter/locked", "3 threads x 2", count_together<locked_counter, 3, 2, fibers>,
              count_together<locked_counter, 3, 2, real_threads>,
              "One lock covers read and write back, so additions follow one another, and each\n"
              "unlock happens before the next lock: 6! / (2!)^3 = 90 orders, all with sum 6."),
        clean("counter/cas-loop", "3 threads x 2", count_together<cas_counter, 3, 2, fibers>,
              count_together<cas_counter, 3, 2, real_threads>,
              "An exchange succeeds only on the value it has read, so none overwrites another;\n"
              "it fails only when another has succeeded since, so the loops end by themselves."),
        clean("account", "3 threads", deposit_and_withdraw<fibers>,
              deposit_and_withdraw<real_threads>,
              "Test and withdrawal are one critical section: the balance that was tested is the\n"
              "balance that is reduced. It never drops below 0, and no deposit is lost."),
        failing("transfer/from-then-to", "2 threads", transfer_from_then_to<fibers>,
                verdict::deadlock,
                "Each mover owns the lock of the account it takes from, and waits for the other\n"
                "one: a cycle of owned locks. Money is moved with both locks, so nothing races."),
        clean("transfer/by-address", "2 threads", transfer_by_address<fibers>,
              transfer_by_address<real_threads>,
              "Both movers take Alice's lock first, as it stands at the lower address: who has it\n"
              "finds Bob's free or soon to be. One order for all locks admits no cycle."),
        clean("transfer/scoped-lock", "2 threads", transfer_scoped_lock<fibers>,
              transfer_scoped_lock<real_threads>,
              "`scoped_lock` takes both locks or none, so nobody owns one while it waits for the\n"
              "other: the hold-and-wait that a cycle is made of never comes about."),
        failing("ab-ba", "2 threads", ab_ba<fibers>, verdict::deadlock,
                "`forward` may own lock.a while `backward` owns lock.b; each then waits for what\n"
                "the other owns and would give back only afterwards."),
        failing("ab-ba/poller", "3 threads", ab_ba_beside_a_poller<fibers>, verdict::deadlock,
                "The cycle is that of ab-ba and is closed though the poller can run for ever: the\n"
                "poller owns no lock, and main sets its flag only after the two have ended."),
        clean("queue/notify-all", "2 producers, 2 consumers, capacity 1",
              queue_two_and_two<wakes::all, fibers>, queue_two_and_two<wakes::all, real_threads>,
              "Every change wakes everybody, and everybody tests again under the lock. Someone\n"
              "can always go on: an empty queue lets a producer pass, a full one a consumer."),
        failing("queue/notify-one", "2 producers, 2 consumers, capacity 1",
                queue_two_and_two<wakes::one, fibers>, verdict::lost_notification,
                "With a producer and a consumer asleep, a get may wake the consumer, which finds\n"
                "nothing and sleeps on. The producer, for whom there is room now, is never told."),
        failing(
            "notify-before-wait", "1 waiter, 1 notifier", notify_before_wait<fibers>,
            verdict::lost_notification,
            "A condition variable remembers nothing: notified with nobody waiting, it lets the\n"
            "later waiter sleep for ever. Woken once more it would pass, as it tests no state."),
        failing(
            "if-for-while", "1 producer, 2 consumers", if_for_while<fibers>, verdict::assertion,
            "Between a consumer's wakeup and its getting the lock back the other may take the\n"
            "item; an `if` does not look again. Two puts for two takes: nobody is left asleep."),
        clean("event/set-once", "2 waiters", event_set_once<fibers>, event_set_once<real_threads>,
              "Who tests the flag before `set` has the lock sleeps and is woken with all others;\n"
              "who tests it later sees it. The lock carries the published value to both."),
        failing(
            "event/set-without-notifying", "2 waiters", event_set_without_notifying<fibers>,
            verdict::lost_notification,
            "A waiter that found the flag down sleeps, and nothing ever wakes it, although the\n"
            "state it waits for is there: woken once more, it would pass."),
        failing("priority-lock", "1 thread", priority_lock_taken_high<fibers>, verdict::deadlock,
                "`acquire` locks the mutex for its caller and then locks it again to count down:\n"
                "a plain mutex lets its owner wait for itself. No second thread is needed."),
        clean("rw-lock/monitor", "2 readers, 1 writer",
              two_readers_one_writer<monitor_rw_lock, fibers>,
              two_readers_one_writer<monitor_rw_lock, real_threads>,
              "The writer leaves `acquire_write` with no reader counted and keeps the monitor, so\n"
              "none can enter; it gives the monitor up while it waits, so readers can leave."),
        clean("rw-lock/writers-first", "2 readers, 1 writer",
              two_readers_one_writer<writer_first_rw_lock, fibers>,
              two_readers_one_writer<writer_first_rw_lock, real_threads>,
              "The last reader to leave wakes the writer, and the writer on leaving wakes all\n"
              "readers, as no other writer waits: each that sleeps is woken once its state holds."),
        clean(
            "rw-lock/writers-first-2", "2 readers, 2 writers",
            two_readers_two_writers<writer_first_rw_lock, fibers>,
            two_readers_two_writers<writer_first_rw_lock, real_threads>,
            "A writer that leaves wakes a waiting one; if that is awake already it tests anyway,\n"
            "and it will notify in its turn. Readers are woken by the last writer to leave."),
        clean(
            "pipeline/sentinels", "3 stages, 2 items", pipeline_with_sentinels<fibers>,
            pipeline_with_sentinels<real_threads>,
            "Each stage takes until the sentinel and hands it on, after all items, as the queues\n"
            "keep the order. A queue has one putter and one getter, never asleep together."),
        failing(
            "pipeline/one-sentinel", "1 master, 2 workers, 1 item",
            master_with_one_sentinel<fibers>, verdict::deadlock,
            "One worker takes the sentinel and ends; the other waits on an empty queue, and the\n"
            "master in its join. Woken once more it would sleep on: nobody will ever put."),
        clean("peterson/seq-cst", "2 threads", peterson<seq_cst, fibers>,
              peterson<seq_cst, real_threads>,
              "In the one order of seq_cst operations the later to give way sees the other's flag\n"
              "and waits; it gets in by reading the other's release, which orders the entries."),
        failing("peterson/relaxed-turn", "2 threads", peterson<relaxed, fibers>, verdict::data_race,
                "The relaxed store of turn may take effect after its thread's load of the other's\n"
                "flag: that thread is in already, and its late store lets the other in beside it."),
        clean(
            "message/release-acquire", "2 threads", pass_message<release, acquire, fibers>,
            pass_message<release, acquire, real_threads>,
            "The receiver's acquire load reads from the sender's release store, so the payload's\n"
            "write happens before its read. The wait has one way to end: 1 execution."),
        failing(
            "message/relaxed", "2 threads", pass_message<relaxed, relaxed, fibers>,
            verdict::data_race,
            "A relaxed store and load of the flag synchronize with nothing: though the flag is\n"
            "seen up, the payload's write does not happen before its read."),
        clean("locks/back-off", "2 threads", back_off_after_a_timeout<fibers>,
              back_off_after_a_timeout<real_threads>,
              "Each waits for its second lock for a time only and gives the first back, so no\n"
              "cycle lasts. Both, one or none get their two locks: all three are outcomes."),
        clean("semaphore/pool", "3 threads, 2 permits", three_share_two_permits<fibers>,
              three_share_two_permits<real_threads>,
              "A permit is taken with the lock held and only if one is free, and each release\n"
              "wakes one that waits: at most two are in, and nobody sleeps beside a free permit."),
        failing("semaphore/permit-lost", "2 threads, 1 permit", permit_lost_to_an_exception<fibers>,
                verdict::deadlock,
                "The exception leaves the section by the way that has no release. The permit is\n"
                "gone, and who comes next waits for what nobody will give back."),
        clean("barrier/two-phases", "3 threads x 2", three_in_two_phases<fibers>,
              three_in_two_phases<real_threads>,
              "A phase ends when the third arrives, and the next one counts from 0 again: each\n"
              "place is given once, and who is fast waits in the next phase for the others."),
        clean("barrier/timeout", "2 of 3 threads", broken_by_a_timeout<fibers>,
              broken_by_a_timeout<real_threads>,
              "The third never comes. Who gives up breaks the barrier for all: who waits is\n"
              "woken and told, and who arrives later finds it broken."),
        failing("workers/plain-flag", "2 workers", greedy_and_polite<plain_flag, fibers>,
                verdict::data_race,
                "Main writes the flag that both workers read in their loops, and no lock is held\n"
                "around either: the first read and the write race in every execution."),
        sampled("workers/atomic-flag", "2 workers", greedy_and_polite<atomic_flag, fibers>,
                greedy_and_polite<real_threads::atomic<bool>, real_threads>,
                "The flag is atomic and the sum has its lock. How often the loops go round has\n"
                "no bound, so the executions have no number: they are sampled, not proved."),
        failing("shutdown/plain-flag", "1 producer, 1 consumer", loops_on_a_plain_flag<fibers>,
                verdict::data_race,
                "The queue is right, but the flag is plain: main writes it while both loops read\n"
                "it, and nothing orders the accesses."),
        clean("shutdown/when-all-is-done", "1 consumer, 2 items", stops_when_all_is_done<fibers>,
              stops_when_all_is_done<real_threads>,
              "Main sets the event when as many items are done as were put, so the queue is\n"
              "empty by then; a consumer that waits for more times out, sees it, and ends."),
        failing("pool/forgotten-task", "1 worker, 1 task",
                submit_and_shut_down<atomic_flag, fibers>, verdict::assertion,
                "The worker tests the flag before it takes a task. Set while the task is still\n"
                "queued, the flag ends the loop, and the task is forgotten with the queue."),
        failing("pool/plain-flag", "1 worker, 1 task", submit_and_shut_down<plain_flag, fibers>,
                verdict::data_race,
                "Main writes the flag while the worker reads it in its loop. The search stops at\n"
                "the race, before it gets to tell whether the task was forgotten as well."),
        clean("pool/results", "2 workers, 3 tasks", results_and_exceptions<fibers>,
              results_and_exceptions<real_threads>,
              "Shutdown closes the queue, and workers end only when it is empty too, so each task\n"
              "runs. Value or exception is set under the lock under which it is waited for."),
    };
}

}  // namespace

std::span<const program> programs() {
    static const std::vector<program> table = make_table();
    return table;
}

const program* find_program(std::string_view name) {
    const auto all = programs();
    const auto found =
        std::find_if(all.begin(), all.end(), [name](const program& p) { return p.name == name; });
    return found == all.end() ? nullptr : &*found;
}

bool as_expected(const program& p, const heddle::result& r) {
    return r.verdict == p.expected && (r.exhausted || !p.must_exhaust);
}

}  // namespace heddle::notes
