#include <algorithm>
#include <array>
#include <span>

#include <heddle/trace/source.hpp>

#include "source_scan.hpp"

namespace heddle::trace {
namespace {

// The names under which a user's source performs an operation.
std::span<const std::string_view> call_words(operation op) {
    using namespace std::string_view_literals;
    static constexpr std::array load{"load"sv, "test"sv, "wait"sv};
    static constexpr std::array store{"store"sv, "clear"sv};
    static constexpr std::array exchange{"exchange"sv, "test_and_set"sv};
    static constexpr std::array fetch_add{"fetch_add"sv};
    static constexpr std::array fetch_sub{"fetch_sub"sv};
    static constexpr std::array fetch_or{"fetch_or"sv};
    static constexpr std::array fetch_and{"fetch_and"sv};
    static constexpr std::array fetch_xor{"fetch_xor"sv};
    static constexpr std::array strong{"compare_exchange_strong"sv};
    static constexpr std::array weak{"compare_exchange_weak"sv};
    static constexpr std::array lock{"lock"sv};
    static constexpr std::array try_lock{"try_lock"sv};
    static constexpr std::array unlock{"unlock"sv};
    static constexpr std::array wait{"wait"sv, "wait_for"sv, "wait_until"sv};
    static constexpr std::array notify_one{"notify_one"sv};
    static constexpr std::array notify_all{"notify_all"sv};
    static constexpr std::array join{"join"sv};
    static constexpr std::array detach{"detach"sv};
    static constexpr std::array plain_read{"load"sv};
    static constexpr std::array plain_write{"store"sv, "update"sv};
    switch (op) {
        case operation::load: return load;
        case operation::store: return store;
        case operation::exchange: return exchange;
        case operation::fetch_add:
        case operation::fetch_add_float:
        case operation::fetch_add_double: return fetch_add;
        case operation::fetch_sub: return fetch_sub;
        case operation::fetch_or: return fetch_or;
        case operation::fetch_and: return fetch_and;
        case operation::fetch_xor: return fetch_xor;
        case operation::compare_exchange_strong: return strong;
        case operation::compare_exchange_weak: return weak;
        case operation::lock: return lock;
        case operation::try_lock: return try_lock;
        case operation::unlock: return unlock;
        case operation::wait_enqueue:
        case operation::wait_wake:
        case operation::wait_spurious: return wait;
        case operation::notify_one: return notify_one;
        case operation::notify_all: return notify_all;
        case operation::join: return join;
        case operation::detach: return detach;
        case operation::plain_read: return plain_read;
        case operation::plain_write: return plain_write;
        default: return {};
    }
}

// The types whose declaration makes an object of a kind.
std::span<const std::string_view> type_words(object_kind kind) {
    using namespace std::string_view_literals;
    static constexpr std::array atomic{"atomic"sv, "counting_semaphore"sv, "binary_semaphore"sv,
                                       "latch"sv};
    static constexpr std::array atomic_flag{"atomic_flag"sv};
    static constexpr std::array var{"var"sv};
    static constexpr std::array mutex{"mutex"sv, "timed_mutex"sv, "shared_mutex"sv,
                                      "shared_timed_mutex"sv};
    static constexpr std::array recursive{"recursive_mutex"sv, "recursive_timed_mutex"sv};
    static constexpr std::array condition{"condition_variable"sv, "condition_variable_any"sv};
    switch (kind) {
        case object_kind::atomic: return atomic;
        case object_kind::atomic_flag: return atomic_flag;
        case object_kind::var: return var;
        case object_kind::mutex: return mutex;
        case object_kind::recursive_mutex: return recursive;
        case object_kind::condition_variable: return condition;
        case object_kind::thread: return {};
    }
    return {};
}

struct member_call {
    std::size_t object_begin = 0, dot = 0, end = 0;  // [object_begin, dot) . word ( ... ) [.. end)
};

// The one call `object.word(...)` of the line; nothing if there are none or several.
std::optional<member_call> find_call(std::string_view line, operation op) {
    const std::string_view code = line.substr(0, code_end(line));
    std::optional<member_call> found;
    for (const std::string_view word : call_words(op)) {
        for (std::size_t at = find_word(code, word, 0); at != code.npos;
             at = find_word(code, word, at + word.size())) {
            const std::size_t open = skip_blanks(code, at + word.size());
            if (open >= code.size() || code[open] != '(') continue;
            std::size_t dot = at;
            if (at >= 1 && code[at - 1] == '.') dot = at - 1;
            if (at >= 2 && code.substr(at - 2, 2) == "->") dot = at - 2;
            if (dot == at) continue;
            const std::size_t begin = postfix_begin(code, dot);
            if (begin == dot) continue;
            if (found) return std::nullopt;
            found = member_call{begin, dot, closing(code, open)};
        }
        if (found) break;  // `x.wait(n)` loads too, but not where the line says `load`
    }
    return found;
}

std::string without_this(std::string_view text) {
    constexpr std::string_view prefix = "this->";
    if (text.substr(0, prefix.size()) == prefix) text.remove_prefix(prefix.size());
    return std::string(text);
}

// The mutex of `std::lock_guard guard{mutex_};`, where the line makes one guard of one mutex.
std::optional<std::string> guarded(std::string_view line) {
    const std::string_view code = line.substr(0, code_end(line));
    std::optional<std::string> found;
    using namespace std::string_view_literals;
    for (const std::string_view guard :
         {"lock_guard"sv, "unique_lock"sv, "scoped_lock"sv, "shared_lock"sv}) {
        const std::size_t at = find_word(code, guard, 0);
        if (at == code.npos) continue;
        if (found || find_word(code, guard, at + guard.size()) != code.npos) return std::nullopt;
        std::size_t i = skip_blanks(code, at + guard.size());
        if (i < code.size() && code[i] == '<') i = skip_blanks(code, closing(code, i));
        while (i < code.size() && is_identifier(code[i])) ++i;
        i = skip_blanks(code, i);
        if (i >= code.size() || (code[i] != '(' && code[i] != '{')) return std::nullopt;
        const std::size_t end = closing(code, i);
        const std::size_t comma = top_level_comma(code, i + 1, end - 1);
        if (comma != code.npos && guard == "scoped_lock") return std::nullopt;
        const std::string_view argument =
            trimmed(code.substr(i + 1, std::min(comma, end - 1) - (i + 1)));
        if (argument.empty() || postfix_begin(argument, argument.size()) != 0) return std::nullopt;
        found = without_this(argument);
    }
    return found;
}

// The left side of `value_ = 5;` or `value_ += 1;`.
std::optional<std::string> assigned(std::string_view line) {
    const text_span span = code_span(line);
    const std::string_view code = line.substr(span.begin, span.end - span.begin);
    std::size_t equal = code.find('=');
    if (equal == code.npos || equal == 0) return std::nullopt;
    if (equal + 1 < code.size() && code[equal + 1] == '=') return std::nullopt;
    if (std::string_view("!<>=").find(code[equal - 1]) != std::string_view::npos)
        return std::nullopt;
    if (std::string_view("+-*/%&|^").find(code[equal - 1]) != std::string_view::npos) --equal;
    const std::string_view left = trimmed(code.substr(0, equal));
    if (left.empty() || postfix_begin(left, left.size()) != 0) return std::nullopt;
    return without_this(left);
}

}  // namespace

text_span code_span(std::string_view line) {
    text_span span{skip_blanks(line, 0), code_end(line)};
    const auto ends_in = [&](char c) { return span.end > span.begin && line[span.end - 1] == c; };
    while (ends_in(' ') || ends_in(';')) --span.end;
    if (ends_in('{')) {
        const std::size_t before = span.end - 1;
        // A lone brace is all there is to mark; `if (x) {` is not better with it.
        if (before > span.begin) span.end = before;
        while (ends_in(' ')) --span.end;
    }
    if (span.begin >= span.end) {  // nothing but punctuation or a comment
        span.begin = std::min(skip_blanks(line, 0), line.size());
        span.end = line.size();
        while (span.end > span.begin && line[span.end - 1] == ' ') --span.end;
    }
    return span;
}

std::optional<text_span> call_span(std::string_view line, operation op) {
    const std::optional<member_call> call = find_call(line, op);
    if (!call) return std::nullopt;
    return text_span{call->object_begin, call->end};
}

std::optional<text_span> expression_span(std::string_view line, std::string_view expression) {
    const std::string_view code = line.substr(0, code_end(line));
    std::optional<text_span> found;
    if (expression.empty()) return found;
    for (std::size_t at = code.find(expression); at != code.npos;
         at = code.find(expression, at + 1)) {
        const std::size_t end = at + expression.size();
        const bool whole = (at == 0 || !is_identifier(code[at - 1])) &&
                           (end == code.size() || !is_identifier(code[end]));
        if (!whole) continue;
        if (found) return std::nullopt;
        found = text_span{at, end};
    }
    return found;
}

std::optional<std::string> operand_text(std::string_view line, operation op) {
    if (const auto call = find_call(line, op))
        return without_this(line.substr(call->object_begin, call->dot - call->object_begin));
    if (op == operation::lock || op == operation::unlock || op == operation::lock_all)
        return guarded(line);
    if (op == operation::plain_write) return assigned(line);
    return std::nullopt;
}

std::vector<std::string> declared_names(std::string_view line, object_kind kind) {
    const std::string_view code = line.substr(0, code_end(line));
    std::size_t at = code.npos;
    for (const std::string_view word : type_words(kind)) {
        const std::size_t here = find_word(code, word, 0);
        if (here == code.npos) continue;
        if (at != code.npos || find_word(code, word, here + word.size()) != code.npos) return {};
        at = here + word.size();
    }
    if (at == code.npos) return {};
    at = skip_blanks(code, at);
    if (at < code.size() && code[at] == '<') at = skip_blanks(code, closing(code, at));
    std::vector<std::string> names;
    for (;; ++at) {
        at = skip_blanks(code, at);
        const std::size_t begin = at;
        while (at < code.size() && is_identifier(code[at])) ++at;
        if (at == begin || (code[begin] >= '0' && code[begin] <= '9')) return {};
        names.emplace_back(code.substr(begin, at - begin));
        at = skip_blanks(code, at);
        if (at >= code.size()) return {};
        if (code[at] == '(' || code[at] == '{') at = skip_blanks(code, closing(code, at));
        if (at >= code.size()) return {};
        if (code[at] == '=' && top_level_comma(code, at, code.size()) == code.npos) return names;
        if (code[at] == ';') return names;
        if (code[at] != ',') return {};
    }
}

}  // namespace heddle::trace
