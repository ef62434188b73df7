#include "missed_synchronization.hpp"

namespace heddle::checkers {
namespace {

// What an operation is called in a sentence about synchronization.
std::string noun(const event& e) {
    if (e.op == operation::load || is_await(e.op)) return "load";
    return std::string(trace::name_of(e.op));
}

std::string label_verb(const event& e) {
    if (e.op == operation::store) return "stores";
    if (e.op == operation::load || is_await(e.op)) return "loads";
    return "updates";
}

std::string order_of(const event& e) {
    return e.memory_order == trace::order::relaxed
               ? "relaxed"
               : "only " + std::string(trace::name_of(e.memory_order));
}

// The order an operation needs so that it also has `half`.
std::string with_half(const event& e, trace::order half) {
    const auto bits = static_cast<unsigned>(e.memory_order) | static_cast<unsigned>(half);
    return "`std::memory_order_" + std::string(trace::name_of(static_cast<trace::order>(bits))) +
           '`';
}

bool failed_exchange(const event& e) {
    return !e.writes &&
           (e.op == operation::compare_exchange_strong || e.op == operation::compare_exchange_weak);
}

// Whether the read returned the value of that write, not of a later one that goes back to it.
bool direct(const near_miss& m) { return m.read->reads_from == static_cast<int>(m.write->step); }

}  // namespace

void label_missed(report_writer& w, const near_miss& m) {
    const event& read = *m.read;
    const event& write = *m.write;
    w.involve(read);
    w.involve(write);
    w.label(write, w.thread(write.thread) + ' ' + label_verb(write) + ' ' +
                       w.value(write.object, write.after) + ' ' + at_step(write.step) +
                       (m.write_releases ? "" : ", " + order_of(write)));
    if (w.labels_line(read.where)) return;
    const std::string value = w.value(read.object, read.before);
    const std::string reads =
        w.thread(read.thread) + " reads " + (m.read_acquires ? "" : '(' + order_of(read) + ") ");
    w.label(read, direct(m) ? at_step(read.step) + ", " + reads + "the " + value + " written " +
                                  at_step(write.step)
                            : reads + value + ' ' + at_step(read.step));
}

std::string missed_text(const report_writer& w, const near_miss& m) {
    const event& read = *m.read;
    const event& write = *m.write;
    const std::string text = w.thread(read.thread) + " sees the new " + w.object(read.object) +
                             " (" + w.at(read) + "), but need not see what " +
                             w.thread(write.thread) + " did before it: ";
    const std::string source =
        "the " + noun(write) + (direct(m) ? " it reads from" : " its value comes from");
    const std::string load = "the " + noun(read);
    if (m.read_acquires)
        return text + load + " acquires, but " + source + " is " + order_of(write) +
               ", so it synchronizes with nothing";
    if (m.write_releases)
        return text + source + " releases, but " + load + " is " + order_of(read) +
               ", so it synchronizes with nothing";
    if (read.memory_order == write.memory_order)
        return text + "both " + load + " and " + source + " are " + order_of(read) +
               ", so they do not synchronize";
    return text + load + " is " + order_of(read) + " and " + source + " is " + order_of(write) +
           ", so they do not synchronize";
}

// Updates between the two carry the release sequence on, whatever their own orders are.
std::string advice_on(const report_writer& w, const near_miss& m) {
    const event& read = *m.read;
    const event& write = *m.write;
    if ((!m.write_releases && !write.where.known()) || (!m.read_acquires && !read.where.known()))
        return {};
    std::string advice;
    if (!m.write_releases)
        advice = noun(write) + " with " + with_half(write, trace::order::release) + " at " +
                 w.at(write.where);
    if (!m.read_acquires)
        advice += (advice.empty() ? "" : ", and ") + noun(read) + " with " +
                  with_half(read, trace::order::acquire) +
                  (failed_exchange(read) ? " for its failure" : "") + " at " + w.at(read.where);
    return advice;
}

}  // namespace heddle::checkers
