#include <ostream>
#include <string>
#include <variant>

#include <heddle/scheduler/strategy.hpp>

namespace heddle {
namespace {

struct printer {
    std::string operator()(const strategies::automatic&) const { return "automatic"; }
    std::string operator()(const strategies::exhaustive&) const { return "exhaustive"; }
    std::string operator()(const strategies::depth_first&) const { return "depth_first"; }
    std::string operator()(const strategies::random&) const { return "random"; }
    std::string operator()(const strategies::pct& s) const {
        return s.depth == 0 ? "pct" : "pct(depth " + std::to_string(s.depth) + ")";
    }
};

}  // namespace

std::string to_string(const strategy& s) { return std::visit(printer{}, s); }

namespace strategies {

std::ostream& operator<<(std::ostream& out, const automatic& s) { return out << printer{}(s); }
std::ostream& operator<<(std::ostream& out, const exhaustive& s) { return out << printer{}(s); }
std::ostream& operator<<(std::ostream& out, const depth_first& s) { return out << printer{}(s); }
std::ostream& operator<<(std::ostream& out, const random& s) { return out << printer{}(s); }
std::ostream& operator<<(std::ostream& out, const pct& s) { return out << printer{}(s); }

}  // namespace strategies

}  // namespace heddle
