#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <heddle/litmus/application.hpp>
#include <heddle/litmus/command_line.hpp>
#include <heddle/litmus/outcome.hpp>
#include <heddle/litmus/parser.hpp>
#include <heddle/litmus/table.hpp>
#include <heddle/litmus/text.hpp>
#include <iterator>
#include <ostream>
#include <set>

namespace heddle::litmus {
namespace {

constexpr std::string_view own_name = "heddle-litmus: ";

std::string place(const std::string& file, position p) {
    return file + ':' + std::to_string(p.line) + ':' + std::to_string(p.column) + ": ";
}

struct parsed_row {
    table_row row;
    program code;
};

struct parsed_file {
    std::string name;
    std::array<bool, 3> has_model{};
    std::vector<parsed_row> rows;
};

struct tally {
    std::uint64_t compared = 0, different = 0, failed = 0;
    std::uint64_t over_limit = 0, without_figures = 0, without_program = 0;
};

class application {
public:
    application(const command_line& c, std::ostream& out, std::ostream& err, const runner& explore)
        : command_(c), out_(out), err_(err), explore_(explore) {}

    int run() {
        if (command_.program)
            read_argument();
        else
            for (const std::string& name : command_.files) read_file(name);
        check_names();
        if (bad_input_) return 2;
        write_row({"name", "model", "graphs", "deadlocks", "race", "outcomes", "hash", "executions",
                   "pruned", "seconds"});
        for (const parsed_file& file : files_)
            for (const parsed_row& row : file.rows)
                for (const memory_model model : models_of(file)) run_row(file, row, model);
        summarise();
        return tally_.different + tally_.failed > 0 ? 1 : 0;
    }

private:
    void report_input(const std::string& message) {
        err_ << own_name << message << '\n';
        bad_input_ = true;
    }

    void read_argument() {
        parsed_file file{"--program", {}, {}};
        table_row row;
        row.name = "program";
        row.program.text = *command_.program;
        add_row(file, row);
        files_.push_back(std::move(file));
    }

    void read_file(const std::string& name) {
        errno = 0;
        std::ifstream in(name, std::ios::binary);
        const bool directory = std::filesystem::is_directory(name);
        if (!in || directory)
            return report_input("cannot read " + in_quotes(name) + ": " +
                                std::strerror(directory    ? EISDIR
                                              : errno == 0 ? ENOENT
                                                           : errno));
        const std::string text((std::istreambuf_iterator<char>(in)),
                               std::istreambuf_iterator<char>());
        try {
            const table t = read_table(text);
            parsed_file file{name, t.has_model, {}};
            for (const table_row& row : t.rows) add_row(file, row);
            files_.push_back(std::move(file));
        } catch (const input_error& e) {
            report_input(place(name, e.where()) + e.what());
        }
    }

    void add_row(parsed_file& file, const table_row& row) {
        known_names_.push_back(row.name);
        const bool asked =
            command_.only.empty() ||
            std::find(command_.only.begin(), command_.only.end(), row.name) != command_.only.end();
        if (!asked) return;
        if (row.program.text.empty() && !command_.program) {
            ++tally_.without_program;
            return;
        }
        try {
            file.rows.push_back({row, parse_program(row)});
        } catch (const input_error& e) {
            report_input(place(file.name, e.where()) + e.what());
        }
    }

    void check_names() {
        const std::vector<std::string_view> known(known_names_.begin(), known_names_.end());
        for (const std::string& name : command_.only)
            if (!bad_input_ && std::find(known.begin(), known.end(), name) == known.end())
                report_input("expected the name of a row for --only, found " + in_quotes(name) +
                             suggestion(name, known));
    }

    std::vector<memory_model> models_of(const parsed_file& file) const {
        if (!command_.models.empty()) return command_.models;
        std::vector<memory_model> models;
        for (std::size_t m = 0; m < all_models.size(); ++m)
            if (file.has_model[m]) models.push_back(all_models[m]);
        if (models.empty()) models.push_back(memory_model::cpp20);
        return models;
    }

    run_options options_for(memory_model model) const {
        const std::uint64_t own_limit =
            command_.strategy == search_strategy::random ? default_random_executions : 0;
        return {model, command_.strategy, command_.execution_limit.value_or(own_limit),
                command_.seed};
    }

    void run_row(const parsed_file& file, const parsed_row& parsed, memory_model model) {
        const table_row& row = parsed.row;
        const expectation& expected = row.expected[static_cast<std::size_t>(model)];
        if (command_.limit && expected.graphs && *expected.graphs > *command_.limit) {
            ++tally_.over_limit;
            return;
        }
        if (command_.check && !expected.says_something()) {
            ++tally_.without_figures;
            return;
        }
        const run_options options = options_for(model);
        const std::string what =
            place(file.name, row.where) + row.name + ' ' + std::string(to_string(model)) + ": ";
        const auto begin = std::chrono::steady_clock::now();
        row_result found;
        try {
            found = explore_(parsed.code, options);
        } catch (const std::exception& e) {
            err_ << what << "could not be run: " << e.what() << '\n';
            ++tally_.failed;
            return;
        }
        const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
        print_result(row, model, found, spent.count());
        if (command_.check) return compare_row(row, found, options, what);
        if (!found.exhausted && !found.note.empty())
            err_ << what << "the search did not end: " << found.note << '\n';
    }

    void compare_row(const table_row& row, const row_result& found, const run_options& options,
                     const std::string& what) {
        const std::vector<std::string> differences = compare(row, found, options);
        for (const std::string& line : differences) err_ << what << line << '\n';
        ++tally_.compared;
        if (!differences.empty()) ++tally_.different;
    }

    void print_result(const table_row& row, memory_model model, const row_result& r,
                      double seconds) {
        char time[32];
        std::snprintf(time, sizeof time, "%.6f", seconds);
        write_row({row.name, std::string(to_string(model)), std::to_string(r.graphs),
                   std::to_string(r.deadlocks), r.race ? "yes" : "no", outcomes_cell(r),
                   format_hash(hash_outcomes(r.outcomes)), std::to_string(r.executions),
                   std::to_string(r.pruned), time});
    }

    std::string outcomes_cell(const row_result& r) const {
        if (!command_.list_outcomes) return std::to_string(r.outcomes.size());
        std::string list;
        for (const auto& [outcome, graphs] : r.outcomes)
            list += (list.empty() ? "" : " ; ") + outcome + '#' + std::to_string(graphs);
        return list;
    }

    // Flushed row by row: a search may take long, and its row is what is waited for.
    void write_row(const std::vector<std::string>& cells) {
        out_ << format_csv_row(cells) << std::flush;
    }

    void summarise() {
        std::string text;
        const auto add = [&text](std::uint64_t count, const std::string& what) {
            if (count > 0) text += (text.empty() ? "" : ", ") + std::to_string(count) + what;
        };
        if (command_.check)
            text = counted(tally_.compared, "run") + " compared, " +
                   std::to_string(tally_.compared - tally_.different) + " equal, " +
                   std::to_string(tally_.different) + " different";
        add(tally_.failed, " could not be run");
        if (command_.limit)
            add(tally_.over_limit, " skipped by --limit=" + std::to_string(*command_.limit));
        add(tally_.without_figures, " without figures to compare");
        add(tally_.without_program,
            tally_.without_program == 1 ? " row without a program" : " rows without a program");
        if (!text.empty()) err_ << own_name << text << '\n';
    }

    const command_line& command_;
    std::ostream& out_;
    std::ostream& err_;
    const runner& explore_;
    std::vector<parsed_file> files_;
    std::vector<std::string> known_names_;
    tally tally_;
    bool bad_input_ = false;
};

}  // namespace

int run_application(std::span<const std::string_view> arguments, std::ostream& out,
                    std::ostream& err, const runner& explore) {
    try {
        const command_line command = parse_command_line(arguments);
        if (command.help) {
            out << help_text();
            return 0;
        }
        return application(command, out, err, explore).run();
    } catch (const usage_error& e) {
        err << own_name << e.what() << '\n';
        return 2;
    }
}

}  // namespace heddle::litmus
