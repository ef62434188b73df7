#include <algorithm>
#include <set>

#include <heddle/trace/names.hpp>
#include <heddle/trace/source.hpp>
#include <heddle/trace/wait_for.hpp>

#include "text_layout.hpp"

namespace heddle::trace {
namespace {

std::string what(const name_table& names, const wait_for& w) {
    return w.object == none ? "join" : names.object(w.object);
}

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c == '\n' ? std::string("\\n") : std::string{c};
    }
    return out + '"';
}

std::string thread_id(int t) { return 't' + std::to_string(t); }

std::string object_id(int o) { return 'o' + std::to_string(o); }

}  // namespace

std::string wait_for_text(const execution_trace& trace, const std::vector<wait_for>& waits) {
    const name_table names(trace);
    std::size_t waiter = 0, object = 0;
    for (const wait_for& w : waits) {
        waiter = std::max(waiter, display_width(names.thread(w.waiter)));
        object = std::max(object, display_width(what(names, w)));
    }
    std::string text;
    for (const wait_for& w : waits) {
        const std::string arrow = "--" + what(names, w) + "-->";
        text += padded(names.thread(w.waiter), waiter) + ' ' + padded(arrow, object + 5) + ' ' +
                (w.owner == none ? "(nobody in particular)" : names.thread(w.owner)) +
                (w.owner_exited ? " (ended)" : "") + '\n';
    }
    return text;
}

std::string wait_for_dot(const execution_trace& trace, const std::vector<wait_for>& waits) {
    const name_table names(trace);
    std::string nodes, edges;
    std::set<int> threads, ended, objects;
    for (const wait_for& w : waits) {
        threads.insert(w.waiter);
        if (w.owner == none) {
            objects.insert(w.object);
        } else {
            threads.insert(w.owner);
            if (w.owner_exited) ended.insert(w.owner);
        }
        std::string label = w.owner == none ? "waits" : what(names, w);
        if (w.since != 0) label += "\nsince step " + std::to_string(w.since);
        if (w.where.known()) label += '\n' + show_place(w.where);
        edges += "  " + thread_id(w.waiter) + " -> " +
                 (w.owner == none ? object_id(w.object) : thread_id(w.owner)) +
                 " [label=" + quoted(label) + (w.in_cycle ? ", color=red, penwidth=2" : "") +
                 (w.owner == none ? ", style=dashed" : "") + "];\n";
    }
    for (const int t : threads) {
        const bool gone = ended.count(t) != 0;
        nodes += "  " + thread_id(t) +
                 " [shape=box, label=" + quoted(names.thread(t) + (gone ? " (ended)" : "")) +
                 (gone ? ", style=dashed" : "") + "];\n";
    }
    for (const int o : objects)
        nodes += "  " + object_id(o) + " [shape=ellipse, label=" + quoted(names.object(o)) + "];\n";
    return "digraph wait_for {\n  rankdir=LR;\n" + nodes + edges + "}\n";
}

}  // namespace heddle::trace
