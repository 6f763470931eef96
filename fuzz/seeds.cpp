// Writes small inputs to start from into <folder>/<target>: saved maps, near misses of one, and streams of choices.
#include <random>

#include "journey/journey_maps.hpp"
#include "journeykit/io/file.hpp"
#include "journeykit/journey/map_json.hpp"

namespace {

using namespace journeykit;

std::string map_with(const std::string& members) {
  return R"({"format":"journeykit.journey_map","version":1)" + (members.empty() ? "" : "," + members) + "}";
}

std::string choices(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string out;
  // Small values stand for themselves, the few large ones for what is missing or extreme.
  while (out.size() < size) out += static_cast<char>(random() % 8 == 0 ? random() % 256 : random() % 24);
  return out;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  const std::string folder = arguments[1];
  const auto save = [&](const std::string& target, const std::string& name, const std::string& bytes) {
    io::save_atomically(folder + "/" + target + "/seed_" + name, bytes);
  };
  for (std::uint64_t k = 0; k < 8; ++k) {
    save("map_json", "drawn_" + std::to_string(k), journey::to_json(journey::RandomMaps(k).map(4 + 2 * k)));
    save("map_merge", std::to_string(k), choices(64 << (k % 4), k));
    save("event_rows", std::to_string(k), choices(16 << (k % 5), 100 + k));
  }
  save("map_json", "support", journey::to_json(journey::support()));
  save("map_json", "empty", map_with(""));
  save("map_json", "loop", map_with(R"("touchpoints":[{"id":"a"}],"transitions":[{"source":"a","target":"a"}])"));
  save("map_json", "twice", map_with(R"("stages":[{"id":"a"},{"id":"a"}])"));
  save("map_json", "no_end", map_with(R"("touchpoints":[{"id":"é"},{"id":"e\u0301"},{"id":"É"}])"));
  save("map_json", "not_there", map_with(R"("transitions":[{"source":"a","target":"b"}])"));
  save("map_json", "numbers", map_with(R"("cases":3.0,"events":-1)"));
  save("map_json", "extremes",
       map_with(R"("touchpoints":[{"id":"a","emotion":-0.0,"metrics":[{"name":"m","value":1e308,"low":5e-324}]}])"));
  save("map_json", "newer", R"({"format":"journeykit.journey_map","version":2})");
  save("map_json", "deep", std::string(70, '[') + std::string(70, ']'));
  return 0;
}
