// The file format of a map: "journeykit.journey_map", version 1; its JSON Schema is journey_map.schema.json of the
// Python package. Lossless; fields in a fixed order, those with their default left out, one element a block, so that
// git shows what changed. A saved file also has a checksum of its content; where one is there, reading checks it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "journeykit/io/json.hpp"
#include "journeykit/journey/map.hpp"

namespace journeykit::journey {

struct MapLimits {
  io::JsonLimits json{};
  std::size_t touchpoints = 1'000'000;
  std::size_t transitions = 10'000'000;
};

std::string to_json(const JourneyMap& map, const base::Cancellation& cancellation = {});

// Throws InvalidInput with the JSON pointer of what is wrong, Unsupported for a version newer than this one.
JourneyMap from_json(std::string_view text, const MapLimits& limits = {}, const base::Cancellation& cancellation = {});

// Through io::save_atomically and io::read_file: their errors too.
void save(const JourneyMap& map, const std::string& path, const base::Cancellation& cancellation = {});
JourneyMap load(const std::string& path, const MapLimits& limits = {}, const base::Cancellation& cancellation = {});

}  // namespace journeykit::journey
