#include <heddle/checkers/leak.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "report_writer.hpp"

namespace heddle::checkers {
namespace {

constexpr std::size_t most_places = 4;

std::string count_of(std::size_t n, const std::string& thing) {
    return std::to_string(n) + ' ' + thing + (n == 1 ? "" : "s");
}

// The blocks of one line of one thread.
struct group {
    const trace::leaked_block* first;
    std::size_t blocks = 0;
    std::uint64_t bytes = 0;
};

std::vector<group> grouped(const execution_trace& trace) {
    std::vector<group> groups;
    for (const trace::leaked_block& b : trace.leaked) {
        const auto same = std::find_if(groups.begin(), groups.end(), [&](const group& g) {
            return g.first->thread == b.thread && g.first->where == b.where;
        });
        group& g = same == groups.end() ? groups.emplace_back(group{&b}) : *same;
        ++g.blocks;
        g.bytes += b.bytes;
    }
    return groups;
}

std::string label_text(const report_writer& w, const group& g) {
    std::string text = w.thread(g.first->thread) + " allocates ";
    text += g.blocks == 1
                ? count_of(g.bytes, "byte")
                : count_of(g.blocks, "block") + ", " + count_of(g.bytes, "byte") + " in all,";
    if (g.first->step) text += " after step " + std::to_string(g.first->step);
    return text;
}

}  // namespace

trace::diagnostic explain_leak(const execution_trace& trace) {
    report_writer w(trace, "leak");
    w.reason("not-freed");
    std::uint64_t bytes = 0;
    for (const trace::leaked_block& b : trace.leaked) bytes += b.bytes;
    const std::size_t blocks = trace.leaked.size();
    w.headline(count_of(blocks, "block") + " of the heap" + (blocks == 1 ? " is" : " are") +
               " left when all threads have ended (" + count_of(bytes, "byte") + ")");
    const std::vector<group> groups = grouped(trace);
    for (std::size_t k = 0; k < std::min(groups.size(), most_places); ++k) {
        const group& g = groups[k];
        w.involve_thread(g.first->thread);
        if (k == 0)
            w.primary(g.first->where, label_text(w, g));
        else
            w.label(g.first->where, label_text(w, g));
    }
    w.why(blocks == 1 ? "nobody has freed it by the end of the execution"
                      : "nobody has freed them by the end of the execution");
    if (!groups.empty() && !groups.front().first->callers.empty()) {
        std::string callers;
        for (const place& p : groups.front().first->callers)
            callers += (callers.empty() ? "" : ", ") + w.at(p);
        w.note("called from " + callers);
    }
    if (groups.size() > most_places)
        w.note(count_of(groups.size() - most_places, "further place") + " with blocks not freed");
    w.note("what outlives the execution on purpose belongs into `heddle::outside`");
    return w.finish();
}

}  // namespace heddle::checkers
