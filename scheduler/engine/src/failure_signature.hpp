// What makes two failures the same: the verdict and what it is about.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "finding.hpp"

namespace heddle::scheduler {

class engine;

struct failure_signature {
    trace::stop why = trace::stop::completed;
    trace::misuse_kind misuse = trace::misuse_kind::not_misuse;
    std::string message;                 // or file:line, of an assertion with a place
    std::vector<std::uint64_t> parties;  // objects, and threads with what they wait for; sorted
    std::vector<std::uint64_t> objects;  // of these; sorted
    // Where the threads stand: both of a race; with `keep_going`, those that wait or fail. Sorted.
    std::vector<std::uint64_t> sides;
    std::uint64_t later_side = 0;  // data race: the one of the two that came later,
    std::string later_place;       // and its file:line, as far as known
    friend auto operator<=>(const failure_signature&, const failure_signature&) = default;
};

// Where a thread stands that has had so many events: the last of them, after which the thread has
// done nothing but plain accesses. Without a place, since nobody keeps those of earlier accesses.
std::uint64_t side_of(const engine& e, unsigned slot, unsigned position);

// Of what `e` found in its last run, or in the running one so far.
failure_signature signature_of(const engine& e, const finding& f);
failure_signature signature_of(const engine& e);

// Whether it is the failure that is wanted. The two accesses of a race may come in either order; a
// signature without sides stands for all that are alike otherwise.
bool is_same_failure(const failure_signature& found, const failure_signature& wanted);

// Whether the last run of `e` came to it.
bool has_found(const engine& e, const failure_signature& wanted);

// The places that a failure is about, as its explained re-run knows them; sorted.
std::vector<std::string> places_of(const trace::execution_trace& t);

}  // namespace heddle::scheduler
