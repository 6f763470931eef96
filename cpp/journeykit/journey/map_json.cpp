#include "journeykit/journey/map_json.hpp"

#include "journeykit/base/error.hpp"
#include "journeykit/base/random.hpp"
#include "journeykit/io/file.hpp"
#include "journeykit/journey/detail_values.hpp"

namespace journeykit::journey {
namespace {

constexpr std::string_view kFormat = "journeykit.journey_map";
constexpr std::int64_t kVersion = 1;

// Of the document without its checksum: of what is read, so that its layout may change.
std::string checksum_of(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::uint64_t bits = base::hash(0, text);
  std::string out(16, '0');
  for (std::size_t k = out.size(); k-- > 0; bits >>= 4U) out[k] = digits[bits & 0xFU];
  return out;
}

void check_checksum(const io::Cursor& at, const JourneyMap& map, const base::Cancellation& cancellation) {
  if (at.text() == checksum_of(to_json(map, cancellation))) return;
  at.refuse(
      "the map is not the one that was saved: the file was damaged, or edited or merged as text; fetch it again, "
      "or if you trust it as it is, remove the line of the checksum (saving writes a new one)");
}

template <class T>
void write_list(io::Object& out, const char* key, const std::vector<T>& elements,
                const base::Cancellation& cancellation) {
  if (elements.empty()) return;
  io::Array list;
  list.reserve(elements.size());
  for (const T& element : elements) {
    cancellation.check();
    list.push_back(value_of(element));
  }
  out.push_back({key, io::Value(std::move(list))});
}

template <class Name>
auto read_name(const io::Cursor& at, const Name& named) {
  try {
    return named(at.text());
  } catch (const base::InvalidInput& error) {
    at.refuse(error.what());
  }
}

template <class T>
void add_all(JourneyMap& map, const io::Cursor& document, const char* key, std::size_t most,
             const base::Cancellation& cancellation) {
  const std::optional<io::Cursor> list = document.find(key);
  if (!list) return;
  const std::size_t size = list->size();
  if (size > most) {
    list->refuse("has " + std::to_string(size) + " elements, more than the limit of " + std::to_string(most) +
                 "; raise the limit or split the map");
  }
  for (std::size_t k = 0; k < size; ++k) {
    cancellation.check();
    const io::Cursor at = list->at(k);
    T element;
    read(at, element);
    try {
      map.add(std::move(element));
    } catch (const base::Error& error) {
      at.refuse(error.what());
    }
  }
}

void check_version(const io::Cursor& document) {
  const io::Cursor format = document.at("format");
  if (format.text() != kFormat) {
    format.refuse("expected 'journeykit.journey_map', got " + base::quote_safe(format.text()) +
                  "; is this another file?");
  }
  const io::Cursor version = document.at("version");
  if (version.integer() > kVersion) {
    throw base::Unsupported("/version: the map has format version " + std::to_string(version.integer()) +
                            ", this journeykit reads up to " + std::to_string(kVersion) + "; install a newer one");
  }
  if (version.integer() < 1) version.refuse("expected 1, got " + std::to_string(version.integer()));
}

}  // namespace

void read(const io::Cursor& at, Evidence& out) { out = read_name(at, evidence_named); }
void read(const io::Cursor& at, Visibility& out) { out = read_name(at, visibility_named); }

std::string to_json(const JourneyMap& map, const base::Cancellation& cancellation) {
  io::Object out;
  out.push_back({"format", io::Value(kFormat)});
  out.push_back({"version", io::Value(kVersion)});
  io::Value about = value_of(map.about());
  for (io::Member& member : *about.object()) out.push_back(std::move(member));
  write_list(out, "stages", map.stages(), cancellation);
  write_list(out, "scenes", map.scenes(), cancellation);
  write_list(out, "touchpoints", map.touchpoints(), cancellation);
  write_list(out, "transitions", map.transitions(), cancellation);
  write_list(out, "failure_points", map.failure_points(), cancellation);
  return io::write_json(io::Value(std::move(out)), cancellation);
}

JourneyMap from_json(std::string_view text, const MapLimits& limits, const base::Cancellation& cancellation) {
  const io::Value root = io::parse_json(text, limits.json, cancellation);
  const io::Cursor document(root);
  check_version(document);
  std::vector<std::string> keys = field_names<About>();
  for (const char* key :
       {"format", "version", "checksum", "stages", "scenes", "touchpoints", "transitions", "failure_points"}) {
    keys.emplace_back(key);
  }
  document.only(keys);
  About about;
  for_each_field<About>([&](const auto& field) {
    if (const std::optional<io::Cursor> value = document.find(field.name)) read(*value, about.*field.member);
  });
  JourneyMap map;
  try {
    map.set_about(std::move(about));
  } catch (const base::InvalidInput& error) {
    document.refuse(error.what());
  }
  add_all<Stage>(map, document, "stages", limits.touchpoints, cancellation);
  add_all<Scene>(map, document, "scenes", limits.touchpoints, cancellation);
  add_all<Touchpoint>(map, document, "touchpoints", limits.touchpoints, cancellation);
  add_all<Transition>(map, document, "transitions", limits.transitions, cancellation);
  add_all<FailurePoint>(map, document, "failure_points", limits.touchpoints + limits.transitions, cancellation);
  if (const auto checksum = document.find("checksum")) check_checksum(*checksum, map, cancellation);
  return map;
}

void save(const JourneyMap& map, const std::string& path, const base::Cancellation& cancellation) {
  std::string text = to_json(map, cancellation);
  const std::string line = ",\n  \"checksum\": \"" + checksum_of(text) + '"';
  constexpr std::string_view version = "\"version\": 1";
  text.insert(text.find(version) + version.size(), line);
  io::save_atomically(path, text);
}

JourneyMap load(const std::string& path, const MapLimits& limits, const base::Cancellation& cancellation) {
  return from_json(io::read_file(path, limits.json.bytes), limits, cancellation);
}

}  // namespace journeykit::journey
