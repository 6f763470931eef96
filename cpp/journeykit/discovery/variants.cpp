#include "journeykit/discovery/variants.hpp"

#include <algorithm>
#include <numeric>

#include "journeykit/base/random.hpp"
#include "journeykit/discovery/detail_columns.hpp"

namespace journeykit::discovery {
namespace {

std::span<const std::uint32_t> sequence(const events::EventLog& log, std::span<const std::uint32_t> touchpoints,
                                        std::size_t c) {
  const auto offsets = log.case_offsets();
  return touchpoints.subspan(offsets[c], offsets[c + 1] - offsets[c]);
}

// Open addressing over the variants found so far; `same` decides where hashes agree.
class VariantIndex {
 public:
  VariantIndex() : slots_(64, kNone) {}

  template <class Same>
  std::uint32_t number(std::uint64_t hash, const Same& same) {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
      const std::uint32_t here = slots_[at];
      if (here == kNone) {
        slots_[at] = static_cast<std::uint32_t>(hashes_.size());
        hashes_.push_back(hash);
        if (hashes_.size() * 2 > slots_.size()) grow();
        return static_cast<std::uint32_t>(hashes_.size() - 1);
      }
      if (hashes_[here] == hash && same(here)) return here;
    }
  }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  void grow() {
    slots_.assign(slots_.size() * 2, kNone);
    const std::size_t mask = slots_.size() - 1;
    for (std::uint32_t k = 0; k < hashes_.size(); ++k) {
      std::size_t at = hashes_[k] & mask;
      while (slots_[at] != kNone) at = (at + 1) & mask;
      slots_[at] = k;
    }
  }

  std::vector<std::uint32_t> slots_;
  std::vector<std::uint64_t> hashes_;
};

}  // namespace

std::vector<Variant> variants(const events::EventLog& log, const Segments& segments,
                              const base::Cancellation& cancellation) {
  constexpr std::size_t cases_between_checks = 1024;
  const auto touchpoints = log.touchpoints();
  std::vector<Variant> out;
  std::vector<std::uint32_t> variant_of_case(log.case_count());
  VariantIndex index;
  for (std::uint32_t s = 0; s < segments.count; ++s) {
    for (const std::uint32_t c : segments.cases_of(s)) {  // ascending ids: the first case of a variant is its example
      if (c % cases_between_checks == 0) cancellation.check();
      const auto own = sequence(log, touchpoints, c);
      std::uint64_t hash = base::mix(s);
      for (const std::uint32_t code : own) hash = base::mix(hash ^ code);
      const std::uint32_t v = index.number(hash, [&](std::uint32_t known) {
        return out[known].segment == s && std::ranges::equal(own, sequence(log, touchpoints, out[known].example_case));
      });
      if (v == out.size()) out.push_back({s, c, 0, {}});
      ++out[v].cases;
      variant_of_case[c] = v;
    }
  }

  std::vector<std::size_t> offsets(out.size() + 1, 0);
  for (std::size_t v = 0; v < out.size(); ++v) offsets[v + 1] = offsets[v] + static_cast<std::size_t>(out[v].cases);
  const std::vector<std::int64_t> durations = case_durations_ns(log);
  std::vector<std::int64_t> by_variant(durations.size());
  std::vector<std::size_t> next(offsets.begin(), offsets.end() - 1);
  for (std::size_t c = 0; c < durations.size(); ++c) by_variant[next[variant_of_case[c]]++] = durations[c];
  for (std::size_t v = 0; v < out.size(); ++v) {
    if (v % cases_between_checks == 0) cancellation.check();
    out[v].duration = *summarize(std::span(by_variant).subspan(offsets[v], offsets[v + 1] - offsets[v]));
  }
  std::sort(out.begin(), out.end(), [&](const Variant& a, const Variant& b) {
    if (a.segment != b.segment) return a.segment < b.segment;
    if (a.cases != b.cases) return a.cases > b.cases;
    return std::ranges::lexicographical_compare(
        sequence(log, touchpoints, a.example_case),  // codes stand in name order
        sequence(log, touchpoints, b.example_case));
  });
  return out;
}

base::Table variant_table(const events::EventLog& log, const Segments& segments, const std::vector<Variant>& variants) {
  const auto touchpoints = log.touchpoints();
  const auto& names = log.touchpoint_names();
  std::vector<std::uint32_t> segment;
  auto texts = std::make_shared<base::Dictionary>();
  base::Category text, example{{}, log.category(events::Role::Case).dictionary};
  base::Integers steps, cases;
  base::Reals share, median;
  for (const Variant& variant : variants) {
    std::string path;
    const auto own = sequence(log, touchpoints, variant.example_case);
    for (const std::uint32_t code : own) {
      if (!path.empty()) path += " → ";
      path += names[code];
    }
    segment.push_back(variant.segment);
    text.codes.push_back(static_cast<std::uint32_t>(texts->values.size()));
    texts->values.push_back(std::move(path));
    steps.values.push_back(static_cast<std::int64_t>(own.size()));
    cases.values.push_back(variant.cases);
    share.values.push_back(
        share_of(variant.cases, static_cast<std::int64_t>(segments.cases_of(variant.segment).size())));
    median.values.push_back(variant.duration.median_seconds);
    example.codes.push_back(variant.example_case);
  }
  text.dictionary = std::move(texts);
  base::Table out;
  out.add("variant", std::move(text));
  out.add("steps", std::move(steps));
  out.add("cases", std::move(cases));
  out.add("share", std::move(share));
  out.add("median_seconds", std::move(median));
  out.add("example_case", std::move(example));
  return with_keys(segments, segment, std::move(out));
}

base::Table variant_steps(const events::EventLog& log, const std::vector<Variant>& variants) {
  base::Category out = touchpoint_column(log);
  for (const Variant& variant : variants) {
    const auto own = sequence(log, log.touchpoints(), variant.example_case);
    out.codes.insert(out.codes.end(), own.begin(), own.end());
  }
  base::Table table;
  table.add("touchpoint", std::move(out));
  return table;
}

base::Table case_duration_table(const events::EventLog& log, const Segments& segments) {
  const std::vector<std::int64_t> durations = case_durations_ns(log);
  const events::Customers customers = events::customers(log);
  const auto offsets = log.case_offsets();
  std::vector<std::uint32_t> segment(segments.count);
  std::iota(segment.begin(), segment.end(), 0U);
  std::vector<std::uint32_t> counted_in(customers.count, 0xFFFFFFFF);
  base::Integers case_count, customer_count, event_count;
  TimeColumns times;
  for (std::uint32_t s = 0; s < segments.count; ++s) {
    std::vector<std::int64_t> own;
    std::int64_t who = 0, events = 0;
    for (const std::uint32_t c : segments.cases_of(s)) {
      own.push_back(durations[c]);
      events += static_cast<std::int64_t>(offsets[c + 1] - offsets[c]);
      std::uint32_t& last = counted_in[customers.of_case[c]];
      who += last != s ? 1 : 0;
      last = s;
    }
    case_count.values.push_back(static_cast<std::int64_t>(own.size()));
    customer_count.values.push_back(who);
    event_count.values.push_back(events);
    times.append(summarize(own));
  }
  base::Table out;
  out.add("cases", std::move(case_count));
  out.add("customers", std::move(customer_count));
  out.add("events", std::move(event_count));
  std::move(times).add_to(out, "");
  return with_keys(segments, segment, std::move(out));
}

}  // namespace journeykit::discovery
