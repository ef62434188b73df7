#include "isolation.hpp"

#include <heddle/trace/render.hpp>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>

#include "result_image.hpp"

namespace heddle::detail {
namespace {

// What a child left behind: the first byte of its answer.
enum class answer : char { result = 'r', invalid_argument = 'i', logic_error = 'l', other = 'o' };

// Memory without a name that both processes see: a file, so that it may grow.
class shared_file {
public:
    shared_file() : file_(memfd_create("heddle", MFD_CLOEXEC)) {
        if (file_ < 0) throw std::runtime_error("heddle: no memory for an isolated search");
    }
    ~shared_file() { close(file_); }
    shared_file(const shared_file&) = delete;
    shared_file& operator=(const shared_file&) = delete;

    bool put(std::string_view text) const {
        while (!text.empty()) {
            const ssize_t n = write(file_, text.data(), text.size());
            if (n <= 0) return false;
            text.remove_prefix(static_cast<std::size_t>(n));
        }
        return true;
    }
    std::string text() const {
        std::string all;
        char part[4096];
        off_t at = 0;
        for (ssize_t n; (n = pread(file_, part, sizeof part, at)) > 0; at += n)
            all.append(part, static_cast<std::size_t>(n));
        return all;
    }

private:
    int file_;
};

class shared_progress {
public:
    shared_progress()
        : memory_(mmap(nullptr, sizeof(scheduler::search_progress), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
        if (memory_ == MAP_FAILED)
            throw std::runtime_error("heddle: no memory for an isolated search");
        new (memory_) scheduler::search_progress;
    }
    ~shared_progress() { munmap(memory_, sizeof(scheduler::search_progress)); }
    shared_progress(const shared_progress&) = delete;
    shared_progress& operator=(const shared_progress&) = delete;

    scheduler::search_progress& operator*() const {
        return *static_cast<scheduler::search_progress*>(memory_);
    }

private:
    void* memory_;
};

[[noreturn]] void be_child(const shared_file& file, const scheduler::search_hooks& hooks,
                           const std::function<result(const scheduler::search_hooks&)>& run) {
    scheduler::survive_deaths();
    std::string text;
    const auto put = [&](answer a, std::string_view rest) {
        text = static_cast<char>(a);
        text += rest;
    };
    try {
        put(answer::result, image_of(run(hooks)));
    } catch (const std::invalid_argument& e) {
        put(answer::invalid_argument, e.what());
    } catch (const std::logic_error& e) {
        put(answer::logic_error, e.what());
    } catch (const std::exception& e) {
        put(answer::other, e.what());
    }
    std::fflush(nullptr);
    _exit(file.put(text) ? 0 : 1);
}

result read_answer(std::string_view text) {
    const std::string rest(text.substr(1));
    switch (static_cast<answer>(text[0])) {
        case answer::result: break;
        case answer::invalid_argument: throw std::invalid_argument(rest);
        case answer::logic_error: throw std::logic_error(rest);
        case answer::other: throw std::runtime_error(rest);
    }
    result r;
    if (!read_image(rest, r))
        throw std::runtime_error("heddle: an isolated search returned half a result");
    return r;
}

// The child died without an answer.
result died(int status, const scheduler::search_progress& progress, const options& o,
            const scheduler::search_hooks& hooks) {
    const std::uint64_t number =
        progress.death == trace::death::unknown ? progress.number : progress.death_number;
    result r;
    r.verdict = verdict::crash;
    r.executions = number;
    r.summary = "failed: the process of the executions died";
    failure& f = r.failure.emplace();
    f.verdict = verdict::crash;
    f.execution = number;
    f.replay = o.replay.empty() ? std::to_string(o.seed) + ":" + std::to_string(number) : o.replay;
    f.seed = o.seed;
    f.trace.why = trace::stop::crash;
    f.trace.how_it_died = progress.death;
    trace::diagnostic& d = f.diagnostic;
    d.slug = slug_of(verdict::crash);
    d.headline = "the process of the executions ";
    if (progress.death != trace::death::unknown) {
        d.headline += trace::phrase_of(progress.death);
        if (progress.death != trace::death::sanitized)
            d.notes.emplace_back("it was too damaged to run the execution again and explain it");
    } else if (WIFSIGNALED(status)) {
        f.trace.how_it_died = trace::death::killed;
        d.headline += std::string("was killed by SIG") + sigabbrev_np(WTERMSIG(status));
    } else {
        f.trace.how_it_died = trace::death::exited;
        d.headline += "ended with exit code " + std::to_string(WEXITSTATUS(status));
    }
    d.found = "execution " + std::to_string(number);
    d.replay = hooks.replay_start + f.replay + hooks.replay_end;
    f.message = trace::render(f.trace, d);
    r.failures.push_back(f);
    return r;
}

}  // namespace

result run_isolated(const options& o, scheduler::search_hooks hooks,
                    const std::function<result(const scheduler::search_hooks&)>& run) {
    const shared_file file;
    const shared_progress progress;
    hooks.progress = &*progress;
    std::fflush(nullptr);  // else both processes would print what waits in the buffers
    const pid_t child = fork();
    if (child < 0) throw std::runtime_error("heddle: no process for an isolated search");
    if (child == 0) be_child(file, hooks, run);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    const std::string text = file.text();
    const bool answered = WIFEXITED(status) && WEXITSTATUS(status) == 0 && !text.empty();
    return answered ? read_answer(text) : died(status, *progress, o, hooks);
}

}  // namespace heddle::detail
