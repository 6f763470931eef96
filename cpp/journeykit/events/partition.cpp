#include "journeykit/events/partition.hpp"

#include <numeric>

#include "journeykit/base/error.hpp"
#include "journeykit/base/random.hpp"

namespace journeykit::events {
namespace {

// Apart from the seeds that samples are drawn by.
constexpr std::uint64_t kSeed = 0x6A6B5F7061727473ULL;

struct PartOfRow {
  std::uint64_t parts;
  std::vector<std::uint32_t> out;

  std::uint32_t of(std::uint64_t hash) const { return static_cast<std::uint32_t>(hash % parts); }
  void numbers(const std::vector<std::int64_t>& values) {
    for (const std::int64_t value : values) {
      out.push_back(value == base::kMissingInteger ? 0 : of(base::mix(static_cast<std::uint64_t>(value) ^ kSeed)));
    }
  }
  void operator()(const base::Category& ids) {
    std::vector<std::uint32_t> part;
    part.reserve(ids.dictionary->values.size());
    for (const std::string& id : ids.dictionary->values) part.push_back(of(base::hash(kSeed, id)));
    for (const std::uint32_t code : ids.codes) out.push_back(code == base::kMissingCode ? 0 : part[code]);
  }
  void operator()(const base::Integers& ids) { numbers(ids.values); }
  void operator()(const base::Booleans& ids) {
    for (const std::uint8_t id : ids.values) out.push_back(of(id));
  }
  template <class Other>
  void operator()(const Other&) {
    throw base::InvalidInput(
        "the case column holds decimal numbers or times; expected text or whole numbers: read the column as text");
  }
};

}  // namespace

Partition partition_rows(const base::Values& ids, std::uint64_t parts) {
  constexpr std::uint64_t most_parts = 65'536;
  if (parts < 1 || parts > most_parts) throw base::InvalidInput("parts is out of range; expected 1 to 65,536");
  PartOfRow part{parts, {}};
  part.out.reserve(base::length(ids));
  std::visit(part, ids);
  Partition out;
  out.offsets.assign(parts + 1, 0);
  for (const std::uint32_t p : part.out) ++out.offsets[p + 1];
  std::partial_sum(out.offsets.begin(), out.offsets.end(), out.offsets.begin());
  std::vector<std::uint64_t> next(out.offsets.begin(), out.offsets.end() - 1);
  out.rows.resize(part.out.size());
  for (std::size_t row = 0; row < part.out.size(); ++row) {
    out.rows[next[part.out[row]]++] = static_cast<std::int64_t>(row);
  }
  return out;
}

std::optional<std::string> CaseSet::add(const EventLog& log) {
  for (std::size_t c = 0; c < log.case_count(); ++c) {
    if (!insert(base::hash(kSeed, log.case_id(c)))) return log.case_id(c);
  }
  return std::nullopt;
}

bool CaseSet::insert(std::uint64_t hash) {
  if (hash == 0) hash = 1;
  if (count_ * 2 >= slots_.size()) grow();
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  while (slots_[at] != 0) {
    if (slots_[at] == hash) return false;
    at = (at + 1) & mask;
  }
  slots_[at] = hash;
  ++count_;
  return true;
}

void CaseSet::grow() {
  constexpr std::size_t first_size = 1024;
  std::vector<std::uint64_t> old(slots_.empty() ? first_size : slots_.size() * 2, 0);
  old.swap(slots_);
  const std::size_t mask = slots_.size() - 1;
  for (const std::uint64_t hash : old) {
    if (hash == 0) continue;
    std::size_t at = hash & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = hash;
  }
}

}  // namespace journeykit::events
