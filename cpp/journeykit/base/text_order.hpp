// The order of many texts by their bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace journeykit::base {

// Positions of `texts` in byte order of the texts, shape (n,); equal texts in the order of their positions.
// Eight bytes are compared at a time, after what all texts have in common.
std::vector<std::uint32_t> byte_order(std::span<const std::string> texts);

}  // namespace journeykit::base
