#include "run_program.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace heddle::e2e {
namespace {

constexpr unsigned longest_run = 60;  // seconds

// A file without a name, for the output of a child.
class output_file {
public:
    output_file() : file_{std::tmpfile()} {
        if (file_ == nullptr) throw std::runtime_error{"no temporary file"};
    }
    ~output_file() { std::fclose(file_); }
    output_file(const output_file&) = delete;
    output_file& operator=(const output_file&) = delete;

    int descriptor() const { return fileno(file_); }
    std::string text() const {
        std::rewind(file_);
        std::string all;
        char part[4096];
        for (std::size_t n = 0; (n = std::fread(part, 1, sizeof part, file_)) > 0;)
            all.append(part, n);
        return all;
    }

private:
    std::FILE* file_;
};

std::vector<std::string> environment_of_child(const environment& variables) {
    std::vector<std::string> all;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const bool replaced = text.starts_with("HEDDLE_") || text.starts_with("GTEST_") ||
                              text.starts_with("ASAN_OPTIONS=");
        if (!replaced) all.emplace_back(text);
    }
    // A failing execution is dropped in the middle of its frames: what they own is never freed.
    all.emplace_back("ASAN_OPTIONS=detect_leaks=0");
    for (const auto& [name, value] : variables) all.push_back(name + "=" + value);
    return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (std::string& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
}

}  // namespace

void PrintTo(const program_run& run, std::ostream* out) {
    *out << "exit code " << run.exit_code << ", signal " << run.signal << "\n--- stdout\n"
         << run.out << "--- stderr\n"
         << run.err;
}

std::string path_of(std::string_view program) {
    return std::string{HEDDLE_E2E_PROGRAM_DIR} + "/" + std::string{program};
}

program_run run(std::vector<std::string> words, const environment& variables) {
    const output_file out, err;
    std::vector<std::string> texts = environment_of_child(variables);
    const std::vector<char*> arguments = pointers(words);
    const std::vector<char*> entries = pointers(texts);
    const pid_t child = fork();
    if (child < 0) throw std::runtime_error{"fork failed"};
    if (child == 0) {
        dup2(out.descriptor(), STDOUT_FILENO);
        dup2(err.descriptor(), STDERR_FILENO);
        // Ignored where the tests run in the background, or under Python.
        for (const int number : {SIGINT, SIGQUIT, SIGPIPE}) signal(number, SIG_DFL);
        alarm(longest_run);
        execve(arguments[0], arguments.data(), entries.data());
        _exit(127);
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child) throw std::runtime_error{"waitpid failed"};
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1,
            WIFSIGNALED(status) ? WTERMSIG(status) : 0, out.text(), err.text()};
}

program_run run_in_shell(const std::string& line, const environment& variables) {
    return run({"/bin/sh", "-c", line}, variables);
}

std::string replay_line(const std::string& out) {
    constexpr std::string_view mark = "replay: ";
    const std::size_t at = out.rfind(mark);
    if (at == out.npos) return {};
    const std::size_t begin = at + mark.size();
    return out.substr(begin, out.find('\n', begin) - begin);
}

std::string replay_value(const std::string& line) {
    constexpr std::string_view mark = "--heddle_replay=";
    const std::size_t at = line.find(mark);
    if (at == line.npos) return {};
    const std::size_t begin = at + mark.size();
    return line.substr(begin, line.find(' ', begin) - begin);
}

std::string headline(const std::string& out) {
    const std::size_t at = out.find("error[");
    return at == out.npos ? std::string{} : out.substr(at, out.find('\n', at) - at);
}

int count_of(std::string_view text, std::string_view part) {
    int count = 0;
    for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + part.size()))
        ++count;
    return count;
}

}  // namespace heddle::e2e
