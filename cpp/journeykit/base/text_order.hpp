// The order of many texts by their bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "journeykit/base/cancel.hpp"

namespace journeykit::base {

// Positions of `texts` in byte order of the texts, shape (n,); equal texts in the order of their positions.
// Eight bytes are compared at a time, after what all texts have in common.
std::vector<std::uint32_t> byte_order(std::span<const std::string> texts, const Cancellation& cancellation = {});

// Positions below n in the order of their keys: key(position, 0), then key(position, 1) …, as many as
// keys(position) says; what ends first comes first. Equal ones in the order of their positions.
std::vector<std::uint32_t> order_by_keys(std::size_t n,
                                         const std::function<std::uint64_t(std::uint32_t, std::size_t)>& key,
                                         const std::function<std::size_t(std::uint32_t)>& keys,
                                         const Cancellation& cancellation = {});

}  // namespace journeykit::base
