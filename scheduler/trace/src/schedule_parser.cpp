#include <algorithm>

#include <heddle/trace/schedule.hpp>

#include "schedule_text.hpp"

namespace heddle::trace {
namespace {

constexpr std::size_t excerpt_length = 48;

std::string excerpt(std::string_view text) {
    std::string shown;
    for (const char c : text.substr(0, excerpt_length)) {
        const bool printable = c >= ' ' && c <= '~';
        shown += printable ? c : '?';
    }
    if (text.size() > excerpt_length) shown += "...";
    return '`' + shown + '`';
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_base64(char c) { return base64_alphabet.find(c) != std::string_view::npos; }

// Reads the line from left to right. The first error is kept; after it every `accept` fails.
class parser {
public:
    parser(std::string_view text, schedule_error& error) : text_(text), error_(error) {}

    schedule run() {
        schedule s;
        const bool good = alphabet() && version() && model(s) && steps(s) &&
                          choices(s.choices, s.steps.size()) && digests(s) && check();
        return good ? s : schedule{};
    }

private:
    std::string_view text_;
    schedule_error& error_;
    std::size_t at_ = 0;

    // Positions in messages count from 1.
    bool fail(std::size_t position, const std::string& what) {
        error_.message = "schedule " + excerpt(text_) + " is wrong at position " +
                         std::to_string(position + 1) + ": " + what;
        return false;
    }
    bool fail_expected(const std::string& expected) {
        if (at_ >= text_.size()) return fail(at_, "the text ends; expected " + expected);
        return fail(at_, "found `" + std::string(1, text_[at_]) + "`; expected " + expected);
    }

    bool at(char c) const { return at_ < text_.size() && text_[at_] == c; }
    bool at_any(bool (*kind)(char)) const { return at_ < text_.size() && kind(text_[at_]); }

    bool accept(char c, const std::string& expected) {
        if (!at(c)) return fail_expected(expected);
        ++at_;
        return true;
    }

    // A whole number without leading zeros.
    bool number(std::uint32_t& value, std::uint32_t largest, const std::string& what) {
        const std::size_t begin = at_;
        std::uint64_t n = 0;
        while (at_any(is_digit)) {
            n = n * 10 + static_cast<unsigned>(text_[at_] - '0');
            ++at_;
            if (n > largest)
                return fail(begin, what + " is greater than " + std::to_string(largest));
        }
        if (at_ == begin) return fail_expected(what + " (a number)");
        if (text_[begin] == '0' && at_ - begin > 1)
            return fail(begin, what + " has leading zeros; expected " + std::to_string(n));
        value = static_cast<std::uint32_t>(n);
        return true;
    }

    bool alphabet() {
        if (text_.empty()) return fail(0, "the text is empty; expected `h1:` and what follows it");
        for (std::size_t i = 0; i < text_.size(); ++i) {
            const char c = text_[i];
            if (is_base64(c) || c == ':' || c == '.') continue;
            const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
            return fail(i, (blank ? std::string("found a blank") : "found a character") +
                               " that schedules do not use; expected letters, digits and `.:-_`");
        }
        return true;
    }

    bool version() {
        const std::size_t colon = text_.find(':');
        const std::string_view found = text_.substr(0, colon);
        if (found != schedule_version) {
            return fail(0, "version `" + std::string(found.substr(0, excerpt_length)) +
                               "` is not known; expected `h1`, the version this program reads");
        }
        at_ = found.size();
        return accept(':', "`:` after the version");
    }

    bool model(schedule& s) {
        if (at_ >= text_.size() || schedule_models.find(text_[at_]) == std::string_view::npos)
            return fail_expected("a memory model: s (sc), r (rc11) or c (cpp20)");
        s.model = text_[at_++];
        std::uint32_t bound = 0;
        if (!number(bound, 1'000'000, "the bound of spurious wakeups")) return false;
        s.spurious_bound = bound;
        if (at('e')) {
            const std::size_t where = at_++;
            if (!number(bound, 1'000'000, "the bound of early timeouts")) return false;
            if (bound == default_early_timeout_bound)
                return fail(where,
                            "`e2`; expected nothing, since 2 is the bound where none is said");
            s.early_timeout_bound = bound;
        }
        if (at('u')) {
            const std::size_t where = at_++;
            if (!number(bound, 1'000'000, "the bound of unproductive rounds")) return false;
            if (bound == default_unproductive_bound)
                return fail(where,
                            "`u4`; expected nothing, since 4 is the bound where none is said");
            s.unproductive_bound = bound;
        }
        return accept(':', "`:` before the steps");
    }

    bool steps(schedule& s) {
        std::vector<std::uint8_t>& out = s.steps;
        while (!at(':') && !at('.')) {
            const std::size_t begin = at_;
            unsigned thread = 0;
            while (at('_')) {
                thread += threads_per_underscore;
                if (thread > 255) return fail(at_, "a thread above 255; expected at most four `_`");
                ++at_;
            }
            if (!at_any(is_letter))
                return fail_expected("a letter (the thread that runs), or `:` before the choices");
            const char c = text_[at_++];
            thread += static_cast<unsigned>(c >= 'a' ? c - 'a' : c - 'A' + 26);
            if (thread > 255) return fail(begin, "a thread above 255; expected a letter up to `V`");
            if (!out.empty() && out.back() == thread)
                return fail(begin, "the same thread as before; expected one number for both runs");
            std::uint32_t count = 1;
            if (at_any(is_digit)) {
                const std::size_t where = at_;
                if (!number(count, schedule_step_limit, "the number of steps")) return false;
                if (count < 2)
                    return fail(where, "a run of " + std::to_string(count) +
                                           "; expected 2 or more, or no number for 1");
            }
            if (out.size() + count > schedule_step_limit)
                return fail(begin, "more than 1,000,000 steps; expected at most so many");
            out.insert(out.end(), count, static_cast<std::uint8_t>(thread));
        }
        return repeated_steps(s) && accept(':', "`:` before the choices");
    }

    bool repeated_steps(schedule& s) {
        if (!at('.')) return true;
        const std::size_t where = ++at_;
        if (!number(s.repeat, schedule_step_limit, "the number of steps that repeat")) return false;
        if (s.repeat > 0 && s.repeat < s.steps.size()) return true;
        return fail(where, std::to_string(s.repeat) +
                               " steps that repeat; expected at least 1, and " + "fewer than the " +
                               std::to_string(s.steps.size()) + " steps");
    }

    bool choices(std::vector<schedule_choice>& out, std::size_t step_count) {
        while (!at(':')) {
            if (!out.empty() && !accept('.', "`.` before the next choice, or `:` after the last"))
                return false;
            const std::size_t begin = at_;
            schedule_choice c;
            if (!number(c.step, schedule_step_limit, "the step of a choice")) return false;
            if (c.step >= step_count) {
                return fail(begin, "a choice at step " + std::to_string(c.step) +
                                       "; expected a step below " + std::to_string(step_count));
            }
            if (at('_')) {
                const std::size_t where = ++at_;
                if (!number(c.ordinal, 1'000'000, "which choice of the step")) return false;
                if (c.ordinal == 0) return fail(where, "`_0`; expected nothing for the first");
            }
            if (!accept('-', "`-` and the value chosen")) return false;
            const std::size_t where = at_;
            if (!number(c.value, 0xffff'ffff, "the value chosen")) return false;
            if (c.value == 0) return fail(where, "value 0 is not written; expected 1 or more");
            if (!out.empty()) {
                const schedule_choice& last = out.back();
                const bool ascending =
                    last.step < c.step || (last.step == c.step && last.ordinal < c.ordinal);
                if (!ascending)
                    return fail(begin, "a choice out of order; expected one after step " +
                                           std::to_string(last.step));
            }
            out.push_back(c);
        }
        ++at_;
        return true;
    }

    bool digests(schedule& s) {
        const std::size_t begin = at_;
        while (at_any(is_base64)) {
            s.digests.push_back(static_cast<std::uint8_t>(base64_alphabet.find(text_[at_])));
            ++at_;
        }
        const std::size_t count = digest_count(s.steps.size(), digest_stride(s.steps.size()));
        if (!s.digests.empty() && s.digests.size() != count) {
            return fail(begin, std::to_string(s.digests.size()) + " digests; expected " +
                                   std::to_string(count) + " for " +
                                   std::to_string(s.steps.size()) + " steps");
        }
        return accept(':', "`:` before the check");
    }

    bool check() {
        const std::size_t begin = at_;
        while (at_any(is_base64)) ++at_;
        const std::size_t length = at_ - begin;
        if (length < check_length && at_ >= text_.size())
            return fail_expected("the check, 4 characters");
        if (length > check_length || at_ < text_.size()) {
            at_ = std::min(at_, begin + check_length);
            return fail_expected("the end of the schedule after the check");
        }
        const std::string right = check_of(text_.substr(0, begin - 1));
        if (text_.substr(begin) == right) return true;
        return fail(begin, "the check is `" + std::string(text_.substr(begin)) +
                               "`, but the text before it needs `" + right +
                               "`: a character was changed or lost; expected the line as the "
                               "report printed it");
    }
};

}  // namespace

schedule parse_schedule(std::string_view text, schedule_error& error) {
    error.message.clear();
    return parser(text, error).run();
}

}  // namespace heddle::trace
