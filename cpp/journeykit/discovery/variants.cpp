#include "journeykit/discovery/variants.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <span>

#include "journeykit/base/parallel.hpp"
#include "journeykit/base/random.hpp"
#include "journeykit/discovery/detail_sequence.hpp"

namespace journeykit::discovery {
namespace {

constexpr std::size_t kCasesOfAGroup = 16'384;
constexpr std::size_t kCasesAtOnce = 65'536;

// Sequences of codes as texts of fixed-width letters, as many in a key as 64 bits hold. Codes stand in name order and
// no letter is zero, so keys one after the other stand in the order of the names, what ends first before the rest.
class Letters {
 public:
  explicit Letters(std::size_t names)
      : bits_(static_cast<unsigned>(std::bit_width(std::max<std::size_t>(names, 1)))), count_(64 / bits_) {}

  std::uint64_t first_key(std::span<const std::uint32_t> sequence) const { return key(sequence, 0); }
  bool hold_all(std::size_t length) const { return length <= count_; }
  std::uint64_t hash(std::span<const std::uint32_t> sequence) const {
    std::uint64_t out = 0;
    for (std::size_t from = 0; from < sequence.size(); from += count_) out = base::mix(out ^ key(sequence, from));
    return out;
  }

 private:
  std::uint64_t key(std::span<const std::uint32_t> sequence, std::size_t from) const {
    std::uint64_t out = 0;
    const std::size_t end = std::min(sequence.size(), from + count_);
    for (std::size_t k = from; k < end; ++k) out = out << bits_ | (std::uint64_t{sequence[k]} + 1);
    const auto left = static_cast<unsigned>(from + count_ - end) * bits_;
    return left >= 64 ? 0 : out << left;
  }

  unsigned bits_ = 1;
  std::size_t count_ = 64;
};

// Open addressing over the variants found so far; `same` decides where hashes agree.
class VariantIndex {
 public:
  explicit VariantIndex(std::size_t expected) {
    std::size_t slots = 64;
    while (slots < expected * 2) slots *= 2;
    slots_.assign(slots, kNone);
  }

  template <class Same>
  std::uint32_t number(std::uint64_t hash, const Same& same) {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
      const std::uint32_t here = slots_[at];
      if (here == kNone) {
        slots_[at] = static_cast<std::uint32_t>(hashes_.size());
        hashes_.push_back(hash);
        return static_cast<std::uint32_t>(hashes_.size() - 1);
      }
      if (hashes_[here] == hash && same(here)) return here;
    }
  }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  std::vector<std::uint32_t> slots_;
  std::vector<std::uint64_t> hashes_;
};

// Where a case stands in the order of the variants, as far as one key says.
struct Place {
  std::uint32_t segment = 0;
  std::uint64_t key = 0;
  auto operator<=>(const Place&) const = default;
};

struct Entry {
  Place place;
  std::uint64_t hash = 0;  // of the sequence
  std::uint32_t case_number = 0;
};

// The cases in groups that stand in the order of the variants; in a group, cases stand segment by segment and in the
// order of the log. Equal sequences fall into one group.
struct Groups {
  std::vector<Entry> cases;
  std::vector<std::size_t> offsets;
  std::size_t count() const { return offsets.size() - 1; }
};

Groups group(const Sequences& sequences, const Segments& segments, const Letters& letters,
             const base::Cancellation& cancellation) {
  const std::size_t n = segments.cases.size();
  const auto segment_of = [&](std::size_t k) {
    return static_cast<std::uint32_t>(std::ranges::upper_bound(segments.offsets, k) - segments.offsets.begin() - 1);
  };
  // Ends of the groups from a sample; fewer groups where many cases begin alike.
  constexpr std::size_t sampled = 16;
  const std::size_t wanted = n / kCasesOfAGroup + 1;
  std::vector<Place> ends;
  for (std::size_t k = 0; k < wanted * sampled && wanted > 1; ++k) {
    const std::size_t at = k * n / (wanted * sampled);
    ends.push_back({segment_of(at), letters.first_key(sequences[segments.cases[at]])});
  }
  std::ranges::sort(ends);
  for (std::size_t k = 0; k + 1 < wanted; ++k) ends[k] = ends[(k + 1) * sampled];
  ends.resize(wanted - 1);
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());

  const std::size_t groups = ends.size() + 1, chunks = (n + kCasesAtOnce - 1) / kCasesAtOnce;
  const auto each = [&](std::size_t chunk, const auto& visit) {
    cancellation.check();
    const std::size_t end = std::min(n, (chunk + 1) * kCasesAtOnce);
    for (std::size_t k = chunk * kCasesAtOnce, segment = chunks == 0 ? 0 : segment_of(k); k < end; ++k) {
      while (k >= segments.offsets[segment + 1]) ++segment;
      const std::uint32_t c = segments.cases[k];
      const auto sequence = sequences[c];
      const Place place{static_cast<std::uint32_t>(segment), letters.first_key(sequence)};
      visit(place, static_cast<std::size_t>(std::ranges::upper_bound(ends, place) - ends.begin()), c, sequence);
    }
  };
  std::vector<std::size_t> next(groups * chunks, 0);  // by group, then chunk
  base::parallel_for(chunks, 1, 0, cancellation, [&](std::size_t chunk, std::size_t) {
    std::vector<std::size_t> own(groups, 0);
    each(chunk, [&](const Place&, std::size_t g, std::uint32_t, std::span<const std::uint32_t>) { ++own[g]; });
    for (std::size_t g = 0; g < groups; ++g) next[g * chunks + chunk] = own[g];
  });
  std::exclusive_scan(next.begin(), next.end(), next.begin(), std::size_t{0});
  Groups out;
  for (std::size_t g = 0; g < groups; ++g) out.offsets.push_back(chunks == 0 ? 0 : next[g * chunks]);
  out.offsets.push_back(n);
  out.cases.resize(n);
  base::parallel_for(chunks, 1, 0, cancellation, [&](std::size_t chunk, std::size_t) {
    std::vector<std::size_t> own(groups);
    for (std::size_t g = 0; g < groups; ++g) own[g] = next[g * chunks + chunk];
    each(chunk, [&](const Place& place, std::size_t g, std::uint32_t c, std::span<const std::uint32_t> sequence) {
      out.cases[own[g]++] = {place, letters.hash(sequence), c};
    });
  });
  return out;
}

// The variants of one group of cases, in the order of segments and names.
std::vector<Variant> variants_of(const Sequences& sequences, const Letters& letters, std::span<const Entry> cases,
                                 std::span<const std::int64_t> durations, const base::Cancellation& cancellation) {
  constexpr std::size_t cases_between_checks = 4096;
  struct Found {
    Variant variant;
    Place place;
  };
  std::vector<Found> found;
  std::vector<std::uint32_t> variant_of(cases.size());
  VariantIndex index(cases.size());
  for (std::size_t k = 0; k < cases.size(); ++k) {  // in the order of the cases: the first of a variant is its example
    if (k % cases_between_checks == 0) cancellation.check();
    const Entry& one = cases[k];
    const auto own = sequences[one.case_number];
    const std::uint32_t v = index.number(one.hash, [&](std::uint32_t known) {
      return found[known].place == one.place && found[known].variant.steps == own.size() &&
             (letters.hold_all(own.size()) || std::ranges::equal(own, sequences[found[known].variant.example_case]));
    });
    if (v == found.size()) {
      const auto steps = static_cast<std::uint32_t>(own.size());  // events are fewer than 2^32
      found.push_back({{one.place.segment, one.case_number, steps, 0, 0}, one.place});
    }
    ++found[v].variant.cases;
    variant_of[k] = v;
  }
  std::vector<std::size_t> next(found.size(), 0);
  std::size_t sum = 0;
  for (std::size_t v = 0; v < found.size(); ++v) {
    next[v] = sum;
    sum += static_cast<std::size_t>(found[v].variant.cases);
  }
  std::vector<std::int64_t> own(cases.size());
  for (std::size_t k = 0; k < cases.size(); ++k) own[next[variant_of[k]]++] = durations[cases[k].case_number];
  for (std::size_t v = 0; v < found.size(); ++v) {
    const auto n = static_cast<std::size_t>(found[v].variant.cases);
    found[v].variant.median_seconds = median_seconds(std::span(own).subspan(next[v] - n, n));
  }
  cancellation.check();
  std::ranges::sort(found, [&](const Found& a, const Found& b) {
    if (a.place != b.place) return a.place < b.place;
    return std::ranges::lexicographical_compare(sequences[a.variant.example_case], sequences[b.variant.example_case]);
  });
  std::vector<Variant> out;
  out.reserve(found.size());
  for (const Found& one : found) out.push_back(one.variant);
  return out;
}

}  // namespace

std::vector<Variant> variants(const events::EventLog& log, const Segments& segments,
                              const base::Cancellation& cancellation) {
  const Sequences sequences(log);
  const Letters letters(log.touchpoint_names().size());
  Groups groups = group(sequences, segments, letters, cancellation);
  const std::vector<std::int64_t> durations = case_durations_ns(log);
  std::vector<std::vector<Variant>> found(groups.count());
  base::parallel_for(found.size(), 1, 0, cancellation, [&](std::size_t g, std::size_t) {
    const std::size_t begin = groups.offsets[g];
    found[g] = variants_of(sequences, letters, std::span(groups.cases).subspan(begin, groups.offsets[g + 1] - begin),
                           durations, cancellation);
  });
  groups.cases = {};
  std::vector<Variant> out;
  out.reserve(std::accumulate(found.begin(), found.end(), std::size_t{0},
                              [](std::size_t sum, const auto& one) { return sum + one.size(); }));
  for (auto& one : found) {
    out.insert(out.end(), one.begin(), one.end());
    one = {};
  }
  // By cases inside each segment. Most variants have one case only, and need not be compared.
  for (auto begin = out.begin(); begin != out.end();) {
    cancellation.check();
    const auto end = std::find_if(begin, out.end(), [&](const Variant& v) { return v.segment != begin->segment; });
    const auto single = std::stable_partition(begin, end, [](const Variant& v) { return v.cases > 1; });
    std::stable_sort(begin, single, [](const Variant& a, const Variant& b) { return a.cases > b.cases; });
    begin = end;
  }
  return out;
}

}  // namespace journeykit::discovery
