// docs_check: what README.md and docs/ show is what the examples say.
//
//   docs_check ROOT [EXECUTABLE...]
//
// A fence of C++ stands below a line `<!-- example: region -->` and equals the lines between
// `// [region]` and `// [/region]` in some docs/examples/*.cpp. A fence below one of these lines
// equals what a command prints, which begins with the name of an EXECUTABLE; a shell runs it in the
// folder of that executable:
//
//   <!-- report: command -->   its report, from `error[` or `warning[` to the replay line
//   <!-- summary: command -->  its lines that begin with `[ heddle`
//   <!-- output: command -->   all of it
//
// Below `<!-- generated: command -->` all lines up to `<!-- /generated -->` are its output.
//
// Without executables only C++ is compared. With HEDDLE_APPROVE=1 in the environment the fences are
// rewritten instead. Exit code: 0 all equal, 1 differences (each named by file and line), 2 a wrong
// argument.
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;
using text_lines = std::vector<std::string>;

text_lines split(std::istream& in) {
    text_lines lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

text_lines read(const fs::path& file) {
    std::ifstream in(file);
    return split(in);
}

std::string_view trimmed(std::string_view line) {
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == line.npos) return {};
    return line.substr(first, line.find_last_not_of(" \t") - first + 1);
}

std::vector<fs::path> files_below(const fs::path& folder, std::string_view extension) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.path().extension() == extension) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

class docs_check {
public:
    docs_check(fs::path root, bool approve) : root_(std::move(root)), approve_(approve) {}

    void add_executable(const fs::path& executable) {
        executables_[executable.filename().string()] = executable;
    }

    int run() {
        for (const fs::path& file : files_below(root_ / "docs/examples", ".cpp"))
            read_regions(file);
        std::vector<fs::path> documents = files_below(root_ / "docs", ".md");
        documents.push_back(root_ / "README.md");
        for (const fs::path& document : documents) check(document);
        std::cout << fences_ << " fences compared, " << errors_
                  << (errors_ == 1 ? " error\n" : " errors\n");
        return errors_ == 0 ? 0 : 1;
    }

private:
    struct mark {
        std::string kind, name;
    };

    void error(const fs::path& file, std::size_t line, const std::string& what) {
        std::cout << fs::relative(file, root_).string() << ':' << line + 1 << ": " << what << '\n';
        ++errors_;
    }

    // ---- the examples
    // -----------------------------------------------------------------------------------------

    void read_regions(const fs::path& file) {
        const text_lines lines = read(file);
        std::map<std::string, std::size_t> open;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            const std::string_view line = trimmed(lines[i]);
            if (!line.starts_with("// [") || !line.ends_with("]")) continue;
            std::string name(line.substr(4, line.size() - 5));
            if (!name.starts_with("/")) {
                if (regions_.contains(name))
                    error(file, i, "the region `" + name + "` exists already");
                open[name] = i;
                continue;
            }
            name.erase(0, 1);
            const auto begin = open.find(name);
            if (begin == open.end()) {
                error(file, i, "the region `" + name + "` ends without a beginning");
                continue;
            }
            regions_[name] = region(lines, begin->second + 1, i);
            open.erase(begin);
        }
        for (const auto& [name, line] : open)
            error(file, line, "the region `" + name + "` has no end");
    }

    // Without the marks of other regions and without the indentation that all lines share.
    static text_lines region(const text_lines& lines, std::size_t begin, std::size_t end) {
        text_lines result;
        std::size_t indentation = std::string::npos;
        for (std::size_t i = begin; i < end; ++i) {
            const std::string_view line = trimmed(lines[i]);
            if (line.starts_with("// [") && line.ends_with("]")) continue;
            result.push_back(line.empty() ? "" : lines[i]);
            if (!line.empty()) indentation = std::min(indentation, lines[i].find_first_not_of(' '));
        }
        for (std::string& line : result)
            if (!line.empty()) line.erase(0, indentation);
        return result;
    }

    // ---- the documents
    // ----------------------------------------------------------------------------------------

    static std::optional<mark> mark_of(std::string_view line) {
        line = trimmed(line);
        if (!line.starts_with("<!-- ") || !line.ends_with(" -->")) return std::nullopt;
        line = line.substr(5, line.size() - 9);
        const std::size_t colon = line.find(": ");
        if (colon == line.npos) return std::nullopt;
        return mark{std::string(line.substr(0, colon)), std::string(line.substr(colon + 2))};
    }

    void check(const fs::path& document) {
        const text_lines lines = read(document);
        text_lines rewritten;
        std::optional<mark> above;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            const std::string_view line = trimmed(lines[i]);
            rewritten.push_back(lines[i]);
            const bool is_fence = line.starts_with("```");
            if (!is_fence) {
                if (above && !line.empty())
                    error(document, i, "no fence follows the mark `" + above->name + "`");
                above = mark_of(line);
                if (!above || above->kind != "generated") continue;
            }
            const std::string_view last_line = is_fence ? "```" : "<!-- /generated -->";
            std::size_t end = i + 1;
            while (end < lines.size() && !trimmed(lines[end]).starts_with(last_line)) ++end;
            const text_lines shown(lines.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                   lines.begin() + static_cast<std::ptrdiff_t>(end));
            const text_lines* expected = nullptr;
            if (above) {
                expected = expected_text(document, i, *above);
            } else if (line.starts_with("```cpp") || line.starts_with("```c++")) {
                error(document, i, "this C++ has no mark `<!-- example: region -->` above it");
            }
            if (expected != nullptr) compare(document, i, shown, *expected);
            const text_lines& kept = expected != nullptr && approve_ ? *expected : shown;
            rewritten.insert(rewritten.end(), kept.begin(), kept.end());
            if (end < lines.size()) rewritten.push_back(lines[end]);
            above.reset();
            i = end;
        }
        if (!approve_ || rewritten == lines) return;
        std::ofstream out(document);
        for (const std::string& line : rewritten) out << line << '\n';
    }

    const text_lines* expected_text(const fs::path& document, std::size_t line, const mark& m) {
        if (m.kind == "example") {
            const auto at = regions_.find(m.name);
            if (at != regions_.end()) return &at->second;
            error(document, line, "no file of docs/examples has a region `" + m.name + "`");
            return nullptr;
        }
        if (executables_.empty()) return nullptr;
        const std::string executable = m.name.substr(0, m.name.find(' '));
        const auto at = executables_.find(executable);
        if (at == executables_.end()) {
            error(document, line, "there is no example called `" + executable + "`");
            return nullptr;
        }
        text_lines& text = outputs_[m.kind + ":" + m.name];
        if (text.empty()) text = output(at->second.parent_path(), m);
        if (!text.empty()) return &text;
        error(document, line, "`" + m.name + "` prints nothing of the kind `" + m.kind + "`");
        return nullptr;
    }

    void compare(const fs::path& document, std::size_t fence, const text_lines& shown,
                 const text_lines& expected) {
        ++fences_;
        if (approve_ || shown == expected) return;
        std::size_t k = 0;
        while (k < shown.size() && k < expected.size() && shown[k] == expected[k]) ++k;
        error(
            document, fence + 1 + k,
            "differs from the example\n  shown:    " + (k < shown.size() ? shown[k] : "(the end)") +
                "\n  expected: " + (k < expected.size() ? expected[k] : "(the end)"));
    }

    // ---- what a command prints
    // --------------------------------------------------------------------------------

    text_lines output(const fs::path& folder, const mark& m) const {
        const std::string command = "cd '" + folder.string() + "' && { ./" + m.name + "; } 2>&1";
        const std::string& kind = m.kind;
        std::string text;
        if (std::FILE* const pipe = popen(command.c_str(), "r")) {
            char buffer[4096];
            for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) != 0;)
                text.append(buffer, n);
            pclose(pipe);
        }
        const std::string prefix = root_.string() + "/";
        for (std::size_t at = 0; (at = text.find(prefix, at)) != text.npos;)
            text.erase(at, prefix.size());
        text_lines result;
        bool inside = kind == "output" || kind == "generated";
        for (std::size_t begin = 0; begin < text.size();) {
            const std::size_t end = std::min(text.find('\n', begin), text.size());
            std::string line = text.substr(begin, end - begin);
            line.erase(line.find_last_not_of(' ') + 1);
            begin = end + 1;
            if (kind == "summary") {
                if (line.starts_with("[ heddle")) result.push_back(line);
                continue;
            }
            if (kind == "report" && (line.starts_with("error[") || line.starts_with("warning[")))
                inside = true;
            if (inside) result.push_back(line);
            if (kind == "report" && trimmed(line).starts_with("= replay:")) break;
        }
        while (!result.empty() && result.back().empty()) result.pop_back();
        return result;
    }

    fs::path root_;
    bool approve_;
    std::map<std::string, text_lines> regions_, outputs_;
    std::map<std::string, fs::path> executables_;
    std::size_t fences_ = 0, errors_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2 || !fs::exists(fs::path(argv[1]) / "README.md")) {
        std::cerr
            << "usage: docs_check ROOT [EXECUTABLE...], where ROOT holds README.md and docs/\n";
        return 2;
    }
    const char* const approve = std::getenv("HEDDLE_APPROVE");
    docs_check check(fs::canonical(argv[1]),
                     approve != nullptr && std::string_view(approve) == "1");
    for (int k = 2; k < argc; ++k) check.add_executable(fs::absolute(argv[k]));
    return check.run();
}
