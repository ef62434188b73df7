#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <vector>

#include <heddle/trace/source.hpp>

#include "source_scan.hpp"

namespace heddle::trace {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t largest_file = 32U << 20;

struct cached_sources {
    std::mutex mutex;
    std::string root;
    std::map<std::string, std::vector<std::string>, std::less<>> files;
};

cached_sources& sources() {
    static cached_sources instance;
    return instance;
}

fs::path root_of(const cached_sources& all) {
    std::error_code failed;
    return all.root.empty() ? fs::current_path(failed) : fs::path(all.root);
}

std::string widen_tabs(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\t') {
            out.append(4 - out.size() % 4, ' ');
        } else if (c != '\r') {
            out += c;
        }
    }
    return out;
}

std::vector<std::string> read_lines(const cached_sources& all, const std::string& file) {
    std::vector<std::string> lines;
    std::error_code failed;
    fs::path path(file);
    if (!fs::is_regular_file(path, failed)) path = root_of(all) / path;
    const std::uintmax_t bytes = fs::file_size(path, failed);
    if (failed || bytes > largest_file || !fs::is_regular_file(path, failed)) return lines;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) lines.push_back(widen_tabs(line));
    return lines;
}

}  // namespace

std::string display_path(std::string_view file) {
    cached_sources& all = sources();
    const std::lock_guard guard{all.mutex};
    const fs::path given = fs::path(file).lexically_normal();
    if (given.is_relative()) return given.generic_string();
    const fs::path relative = given.lexically_relative(root_of(all).lexically_normal());
    if (relative.empty() || *relative.begin() == "..") return std::string(file);
    return relative.generic_string();
}

void set_display_root(std::string root) {
    cached_sources& all = sources();
    const std::lock_guard guard{all.mutex};
    all.root = std::move(root);
    all.files.clear();
}

std::string show_place(const place& where) {
    if (!where.known()) return "an unknown place";
    return display_path(where.file) + ':' + std::to_string(where.line);
}

std::optional<std::string> source_line(std::string_view file, unsigned line) {
    if (file.empty() || line == 0) return std::nullopt;
    cached_sources& all = sources();
    const std::lock_guard guard{all.mutex};
    auto found = all.files.find(file);
    if (found == all.files.end()) {
        const std::string name(file);
        found = all.files.emplace(name, read_lines(all, name)).first;
    }
    if (line > found->second.size()) return std::nullopt;
    return found->second[line - 1];
}

place begin_of_call(const place& where) {
    constexpr unsigned longest = 200;  // lines
    const auto last = source_line(where.file, where.line);
    if (!last || !trimmed(*last).starts_with('}')) return where;
    int open = closed_brackets(*last);
    for (unsigned line = where.line; open > 0 && line > 1 && where.line - line < longest;) {
        const auto above = source_line(where.file, --line);
        if (!above) break;
        open += closed_brackets(*above);
        if (open <= 0) return {where.file, line, where.function};
    }
    return where;
}

}  // namespace heddle::trace
