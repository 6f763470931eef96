// Any bytes as a map file: an error, or a map that saves and loads to itself, can be judged and asked.
#include "journeykit/journey/map_json.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "journeykit/io/json.hpp"
#include "journeykit/journey/diff.hpp"
#include "journeykit/journey/query.hpp"
#include "journeykit/journey/validate.hpp"
#include "support.hpp"

namespace {

using namespace journeykit;
using fuzz::require;

void check_json(std::string_view text) {
  io::Value value;
  if (fuzz::refused([&] { value = io::parse_json(text); })) return;
  const std::string written = io::write_json(value);
  const io::Value again = io::parse_json(written);
  require(again == value, "JSON that was written reads back equal");
  require(io::write_json(again) == written, "JSON is written the same twice");
}

// The value at `pointer`, or its parent where the last step is a field that has its default.
bool resolves(const io::Value& document, std::string_view pointer) {
  const io::Value* here = &document;
  if (pointer == "/") return true;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const std::string_view step = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(step.size());
    if (const io::Array* array = here->array()) {
      std::size_t index = 0;
      for (const char digit : step) index = index * 10 + static_cast<std::size_t>(digit - '0');
      if (index >= array->size()) return false;
      here = &(*array)[index];
      continue;
    }
    const io::Object* object = here->object();
    if (object == nullptr) return false;
    const auto member = std::find_if(object->begin(), object->end(), [&](const auto& m) { return m.key == step; });
    if (member == object->end()) return pointer.empty();
    here = &member->value;
  }
  return true;
}

void check_findings(const journey::JourneyMap& map, const std::string& saved) {
  const io::Value document = io::parse_json(saved);
  auto last = journey::Severity::Error;
  for (const journey::Finding& finding : journey::validate(map)) {
    require(finding.severity >= last, "findings stand by severity");
    last = finding.severity;
    require(!finding.rule.empty() && !finding.message.empty(), "a finding says what it found");
    require(base::valid_utf8(finding.message), "a finding is UTF-8");
    require(resolves(document, finding.path), "the path of a finding stands in the saved map");
  }
}

bool holds(const std::vector<std::string>& list, const std::string& id) {
  return std::find(list.begin(), list.end(), id) != list.end();
}

void check_queries(const journey::JourneyMap& map) {
  constexpr std::size_t most = 6;
  std::vector<std::string> ids;
  for (const journey::Touchpoint& touchpoint : map.touchpoints()) ids.push_back(touchpoint.id);
  require(journey::touchpoints_where(map, {}) == ids, "without a condition all touchpoints hold");
  const std::vector<std::string> few(ids.begin(),
                                     ids.begin() + static_cast<std::ptrdiff_t>(std::min(most, ids.size())));
  std::vector<std::vector<std::string>> reached;
  for (const std::string& id : few) reached.push_back(journey::reachable_from(map, {id}));
  for (std::size_t t = 0; t < few.size(); ++t) {
    const std::vector<std::string> sources = journey::leading_to(map, {few[t]});
    for (std::size_t s = 0; s < few.size(); ++s) {
      require(holds(reached[s], few[t]) == holds(sources, few[s]), "leading to is reachable from, turned round");
    }
    for (const std::string& next : map.successors(few[t])) {
      require(map.has_transition(few[t], next), "a successor has its transition");
      require(holds(reached[t], next), "a successor is reachable");
      require(holds(map.predecessors(next), few[t]), "predecessors are successors turned round");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_json(text);
  journey::JourneyMap map;
  if (fuzz::refused([&] { map = journey::from_json(text); })) return 0;
  const std::string saved = journey::to_json(map);
  const journey::JourneyMap again = journey::from_json(saved);
  require(again == map, "a saved map loads equal");
  require(journey::to_json(again) == saved, "a loaded map saves the same");
  require(journey::diff(map, again).empty(), "equal maps have no difference");
  check_findings(map, saved);
  check_queries(map);
  return 0;
}
