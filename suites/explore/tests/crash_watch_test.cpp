// The handlers that watch for crashes stay in place between searches: nobody may notice.
#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>
#include <thread>
#include <unistd.h>

#include <heddle/heddle.hpp>

namespace heddle {
namespace {

using testing::ExitedWithCode;
using testing::HasSubstr;
using testing::KilledBySignal;
using testing::Not;

void clean() {
    fibers::atomic<int> x{0};
    fibers::thread writer([&] { x.store(1); });
    writer.join();
}

void crash() {
    fibers::atomic<int> x{0};
    fibers::thread writer([&] {
        x.store(1);
        std::abort();
    });
    writer.join();
}

void leave_with_3(int) { _exit(3); }

TEST(CrashWatch, LeavesACrashAfterTheSearchAlone) {
    explore(clean);
    EXPECT_EXIT(std::abort(), KilledBySignal(SIGABRT), Not(HasSubstr("error[crash]")));
}

TEST(CrashWatch, HandsOnToTheHandlerBeforeIt) {
    EXPECT_EXIT(
        {
            std::signal(SIGABRT, leave_with_3);
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
            explore(clean);
            std::abort();
        },
        ExitedWithCode(3), Not(HasSubstr("error[crash]")));
}

TEST(CrashWatch, StepsBackForAHandlerAfterIt) {
    EXPECT_EXIT(
        {
            explore(clean);
            std::signal(SIGABRT, leave_with_3);
            std::abort();
        },
        ExitedWithCode(3), Not(HasSubstr("error[crash]")));
}

// The handler of a program's own, installed between two searches, does not hide a crash of the
// second.
TEST(CrashWatch, IsBackForTheNextSearch) {
    EXPECT_EXIT(
        {
            explore(clean);
            std::signal(SIGABRT, leave_with_3);
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
            explore(crash);
        },
        ExitedWithCode(3), "error.crash.: `thread-1` calls abort");
}

TEST(CrashWatch, WatchesInAForkOfAProcessThatSearched) {
    explore(clean);
    EXPECT_EXIT(explore(crash), KilledBySignal(SIGABRT), "error.crash.: `thread-1` calls abort");
}

TEST(CrashWatch, WatchesSearchesOfEveryThread) {
    explore(clean);
    EXPECT_EXIT(std::thread([] { explore(crash); }).join(), KilledBySignal(SIGABRT),
                "error.crash.: `thread-1` calls abort");
}

}  // namespace
}  // namespace heddle
