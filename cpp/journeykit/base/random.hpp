// Seeded streams that depend on names, not on row order or threads: the draw for a thing is a hash of (seed, name).
#pragma once

#include <cstdint>
#include <string_view>

namespace journeykit::base {

// SplitMix64 finaliser (Steele, Lea & Flood 2014).
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31U);
}

// FNV-1a over the bytes, then mixed with the seed: the same on every machine.
constexpr std::uint64_t hash(std::uint64_t seed, std::string_view name) {
  std::uint64_t h = 0xCBF29CE484222325ULL;
  for (const char c : name) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return mix(h ^ mix(seed));
}

// The top 53 bits as a double in [0, 1).
constexpr double unit_interval(std::uint64_t bits) { return static_cast<double>(bits >> 11U) * 0x1.0p-53; }

}  // namespace journeykit::base
