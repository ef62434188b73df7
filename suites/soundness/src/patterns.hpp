// How each kind of statement is written: one table, from which programs are printed and parsed.
//
// A pattern is C++ text with places for the parts of a statement:
//
//   $o object    $p other       $h held         $s slot           $S the slot after it
//   $v value     $k constant    $e expected     $c comparison     $1 success    $2 failure
//   $d duration  $t tries       $b body         $f otherwise      $T the thread that is started
#pragma once

#include <span>
#include <string_view>

#include "program.hpp"

namespace heddle::soundness {

struct pattern {
    kind what;
    std::string_view text;
};

std::span<const pattern> patterns();

// The pattern that shows all of the statement: some kinds have one with and one without a result,
// or a number of tries, or an else.
const pattern& pattern_of(const statement& s);

}  // namespace heddle::soundness
