// A result as bytes, to be handed from one process to another of the same program.
#pragma once

#include <heddle/scheduler/result.hpp>

#include <string>
#include <string_view>

namespace heddle::detail {

std::string image_of(const result& r);

// Returns false, and leaves `r` half filled, if the bytes end too early.
bool read_image(std::string_view image, result& r);

}  // namespace heddle::detail
