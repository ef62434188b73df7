#include "program_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include "patterns.hpp"
#include "well_formed.hpp"

namespace heddle::soundness {
namespace {

constexpr std::array order_names = {"relaxed", "acquire", "release", "acq_rel", "seq_cst"};
constexpr std::array comparison_names = {"==", "!=", ">=", "<"};
constexpr std::array mutex_names = {"mutex", "recursive_mutex", "timed_mutex",
                                    "recursive_timed_mutex"};

// ---- printing ---------------------------------------------------------------------------------

class printer {
public:
    explicit printer(const program& p) : program_(p) {}

    std::string text() {
        line("using enum std::memory_order;");
        const bool outlived = outlives_main(program_);
        const auto declare = [&](const std::string& type, char letter, unsigned n,
                                 const std::string& initial) {
            const std::string name = letter + std::to_string(n);
            line(outlived ? "auto& " + name + " = *new fibers::" + type + "(" + initial + ");"
                 : initial.empty() ? "fibers::" + type + " " + name + ";"
                                   : "fibers::" + type + " " + name + "{" + initial + "};");
        };
        for (unsigned n = 0; n < program_.atomics; ++n) declare("atomic<int>", 'x', n, "0");
        for (unsigned n = 0; n < program_.mutexes.size(); ++n)
            declare(mutex_names[static_cast<unsigned>(program_.mutexes[n])], 'm', n, "");
        for (unsigned n = 0; n < program_.conditions; ++n)
            declare("condition_variable", 'c', n, "");
        for (unsigned n = 0; n < program_.vars; ++n) declare("var<int>", 'v', n, "0");
        thread(0);
        return indented();
    }

private:
    void line(const std::string& s) { text_ += s + '\n'; }

    void thread(unsigned t) {
        const block& code = program_.threads.at(t);
        const unsigned slots = slots_of(code);
        if (slots) line("int a[" + std::to_string(slots) + "] = {};");
        bool counts = false;
        for_each(code, [&](const statement& s) { counts |= s.what == kind::count; });
        if (counts) line("int n = 0;");
        statements(code);
        // Arguments of a call are evaluated in any order: not these loads.
        std::vector<std::string> last;
        if (t == 0)
            for (unsigned x = 0; x < program_.atomics; ++x)
                if (!counts_rounds(program_, kind::fetch_add, x)) {
                    last.push_back("last" + std::to_string(x));
                    line("const int " + last.back() + " = x" + std::to_string(x) + ".load();");
                }
        std::string format = "t" + std::to_string(t) + ":", values;
        const auto value = [&](const std::string& v) {
            format += values.empty() ? "{}" : ",{}";
            values += ", " + v;
        };
        for (unsigned k = 0; k < slots; ++k) value("a[" + std::to_string(k) + "]");
        for (const std::string& name : last) value(name);
        line("heddle::record(\"" + format + "\"" + values + ");");
    }

    void statements(const block& code) {
        for (const statement& s : code) {
            one(s);
            if (text_.back() != '\n') text_ += '\n';
        }
    }

    void one(const statement& s) {
        const std::string_view form = pattern_of(s).text;
        for (std::size_t k = 0; k < form.size(); ++k) {
            if (form[k] != '$') {
                text_ += form[k];
                continue;
            }
            switch (form[++k]) {
                case 'o': number(s.object); break;
                case 'p': number(s.other); break;
                case 'h': number(s.held); break;
                case 's': number(s.slot); break;
                case 'S': number(s.slot + 1); break;
                case 'v': value(s.value); break;
                case 'k': number(s.value.constant); break;
                case 'e': number(s.expected); break;
                case 'd': number(s.milliseconds); break;
                case 't': number(s.tries); break;
                case 'c': text_ += comparison_names[static_cast<unsigned>(s.compare)]; break;
                case '1': text_ += order_names[static_cast<unsigned>(s.success)]; break;
                case '2': text_ += order_names[static_cast<unsigned>(s.failure)]; break;
                case 'b': nested(s.body); break;
                case 'f': nested(s.otherwise); break;
                case 'T':
                    text_ += '\n';
                    thread(s.object);
                    break;
            }
        }
    }

    void nested(const block& code) {
        if (code.empty()) return;
        if (text_.back() != '\n') text_ += '\n';
        statements(code);
    }

    template <class Number>
    void number(Number n) {
        text_ += std::to_string(n);
    }

    void value(const operand& v) {
        if (v.slot >= 0) {
            text_ += "a[" + std::to_string(v.slot) + "]";
            if (v.constant == 0) return;
            text_ += " + ";
        }
        number(v.constant);
    }

    // Four spaces for each open brace.
    std::string indented() const {
        std::string out;
        std::size_t begin = 0;
        int depth = 0;
        while (begin < text_.size()) {
            const std::size_t end = text_.find('\n', begin);
            const std::string_view row(text_.data() + begin, end - begin);
            int change = 0;
            for (const char c : row) change += (c == '{') - (c == '}');
            const bool closes = row.starts_with('}');
            out.append(static_cast<std::size_t>(4 * (depth - closes)), ' ').append(row) += '\n';
            depth += change;
            begin = end + 1;
        }
        return out;
    }

    const program& program_;
    std::string text_;
};

// ---- parsing ----------------------------------------------------------------------------------

class parser {
public:
    explicit parser(std::string_view text) : text_(text) {}

    program read() {
        is("[]{");  // the lambda around it, if it was copied too
        is("usingenumstd::memory_order;");
        declarations();
        statements(0);
        while (at_ < text_.size() && (space(), is("}") || is(")") || is(";"))) {
        }
        space();
        if (at_ != text_.size()) fail();
        return std::move(program_);
    }

private:
    [[noreturn]] void fail() const {
        throw std::invalid_argument("program: no statement begins with '" +
                                    std::string(text_.substr(furthest_, 60)) + "'");
    }

    void space() {
        while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) < 4) ++at_;
        furthest_ = std::max(furthest_, at_);
    }

    bool is(std::string_view word) {
        const std::size_t before = at_;
        for (const char c : word) {
            space();
            if (at_ < text_.size() && text_[at_] == c) {
                ++at_;
                continue;
            }
            at_ = before;
            return false;
        }
        return true;
    }

    template <class Number>
    bool number(Number& n) {
        space();
        const auto [end, error] =
            std::from_chars(text_.data() + at_, text_.data() + text_.size(), n);
        if (error != std::errc{}) return false;
        at_ = static_cast<std::size_t>(end - text_.data());
        return true;
    }

    template <std::size_t N, class Enumeration>
    bool name(const std::array<const char*, N>& names, Enumeration& e) {
        for (std::size_t k = 0; k < N; ++k)
            if (is(names[k])) {
                e = static_cast<Enumeration>(k);
                return true;
            }
        return false;
    }

    void declarations() {
        for (;;) {
            const bool outlived = is("auto&");
            const std::size_t before = at_;
            char letter = 0;
            unsigned n = 0;
            if (outlived && !(letter_and_number(letter, n) && is("=*new"))) fail();
            mutex_kind m{};
            if (is("fibers::atomic<int>")) {
                ++program_.atomics;
            } else if (is("fibers::condition_variable")) {
                ++program_.conditions;
            } else if (is("fibers::var<int>")) {
                ++program_.vars;
            } else if (is("fibers::") && name(mutex_names, m)) {
                program_.mutexes.push_back(m);
            } else {
                at_ = before;
                return;
            }
            if (!outlived && !letter_and_number(letter, n)) fail();
            static_cast<void>(is("{0}") || is("(0)") || is("()"));
            if (!is(";")) fail();
        }
    }

    bool letter_and_number(char& letter, unsigned& n) {
        space();
        if (at_ == text_.size()) return false;
        letter = text_[at_++];
        return number(n);
    }

    void statements(unsigned thread) {
        block code;
        for (;;) {
            if (is("inta[") || is("intn=0") || is("constint") || is("heddle::record(")) {
                at_ = text_.find(';', at_);
                if (at_ == std::string_view::npos) fail();
                ++at_;
                continue;
            }
            statement s;
            if (!one(s)) break;
            code.push_back(std::move(s));
        }
        if (thread >= program_.threads.size()) program_.threads.resize(thread + 1);
        program_.threads[thread] = std::move(code);
    }

    bool one(statement& s) {
        const std::size_t before = at_;
        for (const pattern& p : patterns()) {
            s = statement{};
            s.what = p.what;
            if (matches(p.text, s)) return true;
            at_ = before;
        }
        return false;
    }

    bool matches(std::string_view form, statement& s) {
        for (std::size_t k = 0; k < form.size(); ++k) {
            if (form[k] == ' ' || form[k] == '\n') continue;
            if (form[k] != '$') {
                if (!is(form.substr(k, 1))) return false;
                continue;
            }
            if (!part(form[++k], s)) return false;
        }
        return true;
    }

    bool part(char letter, statement& s) {
        switch (letter) {
            case 'o': return number(s.object);
            case 'p': return number(s.other);
            case 'h': return number(s.held);
            case 's': return number(s.slot);
            case 'S': {
                int ignored = 0;
                return number(ignored);
            }
            case 'v': return value(s.value);
            case 'k': return number(s.value.constant);
            case 'e': return number(s.expected);
            case 'd': return number(s.milliseconds);
            case 't': return number(s.tries);
            case 'c': return name(comparison_names, s.compare);
            case '1': return name(order_names, s.success);
            case '2': return name(order_names, s.failure);
            case 'b': return nested(s.body);
            case 'f': return nested(s.otherwise);
            case 'T': statements(s.object); return true;
        }
        return false;
    }

    bool nested(block& code) {
        for (statement s; one(s);) code.push_back(std::move(s));
        return true;
    }

    bool value(operand& v) {
        if (!is("a[")) return number(v.constant);
        if (!number(v.slot) || !is("]")) return false;
        return !is("+") || number(v.constant);
    }

    program program_;
    std::string_view text_;
    std::size_t at_ = 0, furthest_ = 0;
};

}  // namespace

std::string to_text(const program& p) { return printer(p).text(); }

std::string to_line(const program& p) {
    std::string line;
    for (const char c : to_text(p)) {
        if (c == '\n' || c == ' ') {
            if (!line.empty() && line.back() != ' ') line += ' ';
        } else {
            line += c;
        }
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    return line;
}

program parse(std::string_view text) { return parser(text).read(); }

const char* to_string(order o) noexcept { return order_names[static_cast<unsigned>(o)]; }

}  // namespace heddle::soundness
