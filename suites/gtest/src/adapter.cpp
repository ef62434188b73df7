// Explored tests as GoogleTest sees them: registration, the run, its properties, its one failure.
#include <cerrno>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <heddle/detail/replay_command.hpp>
#include <heddle/gtest/heddle_test.hpp>
#include <heddle/scheduler/hooks.hpp>

#include "coloured_failure.hpp"
#include "interception.hpp"
#include "repetition.hpp"

namespace heddle::detail {
namespace {

// ---- the command line of a test -------------------------------------------------------------

std::string shell_word(std::string_view text) {
    constexpr std::string_view harmless =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+=,-";
    if (!text.empty() && text.find_first_not_of(harmless) == text.npos) return std::string{text};
    std::string word = "'";
    for (const char c : text) word += c == '\'' ? std::string{"'\\''"} : std::string{c};
    return word + "'";
}

bool is_disabled(std::string_view name) {
    return name.starts_with("DISABLED_") || name.find("/DISABLED_") != name.npos;
}

std::string full_name(const testing::TestInfo& test) {
    return std::string{test.test_suite_name()} + "." + test.name();
}

std::string command_of(const testing::TestInfo& test) {
    std::string command =
        shell_word(program_invocation_name) + " --gtest_filter=" + shell_word(full_name(test));
    if (is_disabled(test.test_suite_name()) || is_disabled(test.name())) {
        command += " --gtest_also_run_disabled_tests";
    }
    return command;
}

// ---- every test of the program --------------------------------------------------------------

class adapter : public testing::EmptyTestEventListener {
public:
    // The process ends in the middle of a test: what the interception would put right is gone.
    ~adapter() override { static_cast<void>(interception_.release()); }

    void OnTestStart(const testing::TestInfo& test) override {
        set_command_line(command_of(test), full_name(test));
        interception_ = std::make_unique<interception>();
    }
    void OnTestEnd(const testing::TestInfo&) override { interception_.reset(); }

private:
    std::unique_ptr<interception> interception_;
};

// ---- explored tests -------------------------------------------------------------------------

// Not in `--gtest_brief=1`, which asks for failures only.
void print_line(const std::string& text) {
    if (GTEST_FLAG_GET(brief)) return;
    const testing::TestInfo* const test = testing::UnitTest::GetInstance()->current_test_info();
    std::printf("[ heddle   ] %s: %s\n", full_name(*test).c_str(), text.c_str());
    std::fflush(stdout);
}

void record_properties(const result& r, const options& o) {
    const auto record = [](const char* key, const std::string& value) {
        testing::Test::RecordProperty(key, value);
    };
    record("verdict", std::string{to_string(r.verdict)});
    record("executions", std::to_string(r.executions));
    record("exhausted", r.exhausted ? "true" : "false");
    record("seed", std::to_string(with_overrides(o).seed));
    if (r.failure) record("replay", r.failure->replay);
}

// At the place where the execution stopped, as far as it is known.
void report_failure(const failure& f, const char* file, int line) {
    std::string place_file = file;
    int place_line = line;
    for (const trace::label& label : f.diagnostic.labels) {
        if (!label.primary || !label.where.known()) continue;
        place_file = label.where.file;
        place_line = static_cast<int>(label.where.line);
    }
    add_failure(place_file.c_str(), place_line, f.message);
}

class explored_test : public testing::Test {
public:
    explored_test(const test_source& source, void (*body)(), options o)
        : source_{source}, body_{body}, options_{std::move(o)} {}

private:
    void TestBody() override { run_explored(source_.file, source_.line, body_, options_); }

    test_source source_;
    void (*body_)();
    options options_;
};

class repeated_test : public testing::Test {
public:
    explicit repeated_test(void (*body)()) : body_{body} {}

private:
    void TestBody() override {
        const repetition_result r = repeat_on_real_threads(body_);
        RecordProperty("repetitions", std::to_string(r.repetitions));
        if (IsSkipped()) return;
        print_line(r.failed ? "failed in repetition " + std::to_string(r.repetitions) + " of " +
                                  std::to_string(repetition_count) + " on real threads"
                            : std::to_string(r.repetitions) + " repetitions on real threads");
    }

    void (*body_)();
};

template <class Make>
testing::TestInfo* register_test(const test_source& source, const std::string& name,
                                 const suite_hooks& hooks, Make make) {
    class factory : public testing::internal::TestFactoryBase {
    public:
        explicit factory(Make make) : make_{std::move(make)} {}
        testing::Test* CreateTest() override { return make_(); }

    private:
        Make make_;
    };
    // The public RegisterTest takes the type of the fixture from what the factory makes: here that
    // is never the user's fixture, which lives inside the executions.
    return testing::internal::MakeAndRegisterTestInfo(
        source.suite, name.c_str(), nullptr, nullptr,
        testing::internal::CodeLocation(source.file, source.line), hooks.fixture, hooks.set_up,
        hooks.tear_down, new factory{std::move(make)});
}

}  // namespace

bool install_adapter() {
    static const bool installed = [] {
        testing::UnitTest::GetInstance()->listeners().Append(new adapter);  // GoogleTest owns it
        return true;
    }();
    return installed;
}

void run_explored(const char* file, int line, void (*body)(), const options& o) {
    interception& failures = *interception::current();
    const result r = heddle::explore(o, [&failures, body] {
        failures.begin_execution();
        body();
        failures.end_execution();
    });
    failures.drop_left_over_traces();
    std::vector<const failure*> failures_found;
    std::optional<interception::skip> skip;
    for (const failure& f : r.failures) {
        if (const auto s = interception::skip_of(f))
            skip = s;
        else
            failures_found.push_back(&f);
    }
    if (skip && failures_found.empty()) {
        testing::internal::AssertHelper(testing::TestPartResult::kSkip, skip->file.c_str(),
                                        skip->line, skip->message.c_str()) = testing::Message();
        return;
    }
    record_properties(r, o);
    print_line(r.summary);
    for (const failure* const f : failures_found) report_failure(*f, file, line);
}

void run_phases(testing::Test& fixture, void (*body)(testing::Test&)) {
    // Grants the names of SetUp and TearDown, protected in testing::Test and whatever the fixture
    // made of them.
    struct phases : testing::Test {
        static void set_up(testing::Test& t) { (t.*(&phases::SetUp))(); }
        static void tear_down(testing::Test& t) { (t.*(&phases::TearDown))(); }
    };
    const interception& failures = *interception::current();
    if (failures.stopped()) return;
    phases::set_up(fixture);
    if (!failures.stopped()) body(fixture);
    phases::tear_down(fixture);
}

testing::TestInfo* register_fixture_test(const test_source& source, const suite_hooks& hooks,
                                         void (*body)(), const options& o) {
    return register_test(source, source.name, hooks, [=] {
        return new explored_test{source, body, o};
    });
}

testing::TestInfo* register_backend_test(const test_source& source, void (*explored)(),
                                         void (*repeated)(), const options& o) {
    const std::string name = source.name;
    const suite_hooks hooks{testing::internal::GetTestTypeId(), nullptr, nullptr};
    register_test(source, name + "/fibers", hooks, [=] {
        return new explored_test{source, explored, o};
    });
    return register_test(source, name + "/real_threads", hooks,
                         [=] { return new repeated_test{repeated}; });
}

}  // namespace heddle::detail
