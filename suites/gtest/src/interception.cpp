#include "interception.hpp"

#include <cstddef>
#include <new>
#include <set>
#include <string>
#include <utility>

#include <heddle/scheduler/heap.hpp>
#include <heddle/scheduler/hooks.hpp>

namespace heddle::detail {
namespace {

interception* running = nullptr;

const std::string skip_mark = "GTEST_SKIP() was called in an execution: ";

// Sites keep a pointer to the name of their file, GoogleTest's results a copy that ends with them.
const char* lasting_name(const char* file) {
    static std::set<std::string> names;
    return file == nullptr ? nullptr : names.insert(file).first->c_str();
}

// Ends the innermost SCOPED_TRACE of this OS thread: what the destructor of its guard would have
// done, had its execution not been dropped. The guard has no members, and GoogleTest no other way
// to do it.
void pop_trace() {
    alignas(testing::ScopedTrace) static std::byte guard[sizeof(testing::ScopedTrace)];
    std::launder(reinterpret_cast<testing::ScopedTrace*>(guard))->~ScopedTrace();
}

// GoogleTest keeps the traces of an OS thread in one vector. Grown in an execution, it would lie in
// memory that is taken back with it.
void reserve_traces(int n) {
    const testing::ScopedTrace trace("", 0, "");
    if (n > 1) reserve_traces(n - 1);
}

constexpr int most_nested_traces = 1'000;

// The texts of left over traces are read with those in force, and lie where later executions
// allocate: AddressSanitizer would object.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool reads_are_checked = true;
#elif defined(__has_feature)
constexpr bool reads_are_checked = __has_feature(address_sanitizer);
#else
constexpr bool reads_are_checked = false;
#endif

}  // namespace

// Its base class makes it the reporter of this OS thread. It is built again in the same storage for
// each execution and never destroyed: what its base class found there may lie on a dropped stack.
class interception::reporter : public testing::internal::HasNewFatalFailureHelper {
public:
    explicit reporter(interception& owner) : owner_{owner} {}
    void ReportTestPartResult(const testing::TestPartResult& result) override {
        owner_.report(result);
    }

private:
    interception& owner_;
};

interception::interception() {
    install();
    reserve_traces(most_nested_traces);
    traces_before_ = traces();
    running = this;
}

interception::~interception() {
    drop_left_over_traces();
    running = nullptr;
}

interception* interception::current() noexcept { return running; }

void interception::install() {
    alignas(reporter) static std::byte storage[sizeof(reporter)];
    new (storage) reporter{*this};
}

void interception::begin_execution() {
    const scheduler::heap::outside_scope outside;
    if (!ended_) install();
    ended_ = false;
    stopped_ = false;
    // The search drops executions by the million; only the run that is told about has to look
    // clean.
    if (scheduler::hooks::explaining() || reads_are_checked) drop_left_over_traces();
}

std::optional<interception::skip> interception::skip_of(const failure& f) {
    const trace::execution_trace& t = f.trace;
    if (f.verdict != verdict::assertion || !t.message.starts_with(skip_mark)) return std::nullopt;
    return skip{t.where.file, static_cast<int>(t.where.line), t.message.substr(skip_mark.size())};
}

// GoogleTest adds the traces in force to the text of every result, and shows them nowhere else.
std::string interception::traces() {
    std::string text;
    probe_ = &text;
    testing::internal::AssertHelper(testing::TestPartResult::kSuccess, nullptr, -1, "") =
        testing::Message();
    probe_ = nullptr;
    return text;
}

void interception::drop_left_over_traces() {
    install();
    for (std::string text = traces(); text != traces_before_ && !text.empty(); text = traces())
        pop_trace();
}

void interception::report(const testing::TestPartResult& result) {
    if (probe_ != nullptr) {
        *probe_ = result.summary();
    } else if (scheduler::hooks::active()) {
        report_in_execution(result);
    } else {
        outside_.ReportTestPartResult(result);
    }
}

void interception::report_in_execution(const testing::TestPartResult& result) {
    if (result.passed()) return;
    const scheduler::heap::outside_scope outside;
    scheduler::site where;
    where.file = lasting_name(result.file_name());
    where.line = result.line_number() < 0 ? 0U : static_cast<unsigned>(result.line_number());
    if (result.skipped()) {
        stopped_ = true;
        scheduler::hooks::note_assertion(skip_mark + result.message(), where);
        return;
    }
    stopped_ = stopped_ || result.fatally_failed();
    scheduler::hooks::note_assertion(result.message(), where);
}

}  // namespace heddle::detail
