#include "journeykit/discovery/variants.hpp"

#include <algorithm>
#include <numeric>
#include <span>
#include <string_view>

#include "journeykit/base/parallel.hpp"
#include "journeykit/base/random.hpp"
#include "journeykit/base/text_order.hpp"
#include "journeykit/discovery/detail_columns.hpp"

namespace journeykit::discovery {
namespace {

constexpr std::string_view kArrow = " → ";
constexpr std::size_t kVariantsAtOnce = 4096;

std::span<const std::uint32_t> sequence(const events::EventLog& log, std::span<const std::uint32_t> touchpoints,
                                        std::size_t c) {
  const auto offsets = log.case_offsets();
  return touchpoints.subspan(offsets[c], offsets[c + 1] - offsets[c]);
}

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

// A case of a group, by the hash of its segment and sequence.
struct Hashed {
  std::uint64_t hash = 0;
  std::uint32_t case_number = 0, segment = 0;
};

// The cases in groups: equal sequences fall into one group, and stand in it in the order of the cases.
struct Groups {
  std::vector<Hashed> cases;
  std::vector<std::size_t> offsets;
};

Groups group_by_hash(const events::EventLog& log, const Segments& segments, const base::Cancellation& cancellation) {
  constexpr std::size_t cases_at_once = 8192;
  constexpr std::size_t cases_of_a_group = 16'384;
  const auto touchpoints = log.touchpoints();
  const std::size_t n = segments.cases.size();
  std::vector<Hashed> hashed(n);
  for (std::uint32_t s = 0; s < segments.count; ++s) {
    for (std::size_t k = segments.offsets[s]; k < segments.offsets[s + 1]; ++k) hashed[k] = {0, segments.cases[k], s};
  }
  base::parallel_for(n, cases_at_once, 0, cancellation, [&](std::size_t begin, std::size_t end) {
    for (std::size_t k = begin; k < end; ++k) {
      std::uint64_t hash = base::mix(hashed[k].segment);
      for (const std::uint32_t code : sequence(log, touchpoints, hashed[k].case_number)) hash = base::mix(hash ^ code);
      hashed[k].hash = hash;
    }
  });
  unsigned bits = 0;
  while ((n >> bits) > cases_of_a_group) ++bits;
  const auto group_of = [bits](std::uint64_t hash) {
    return bits == 0 ? 0 : static_cast<std::size_t>(hash >> (64 - bits));
  };
  Groups out;
  out.offsets.assign((std::size_t{1} << bits) + 1, 0);
  for (const Hashed& one : hashed) ++out.offsets[group_of(one.hash) + 1];
  std::partial_sum(out.offsets.begin(), out.offsets.end(), out.offsets.begin());
  std::vector<std::size_t> next(out.offsets.begin(), out.offsets.end() - 1);
  out.cases.resize(n);
  for (const Hashed& one : hashed) out.cases[next[group_of(one.hash)]++] = one;
  return out;
}

// The variants of one group of cases.
std::vector<Variant> variants_of(const events::EventLog& log, std::span<const Hashed> cases,
                                 std::span<const std::int64_t> durations) {
  const auto touchpoints = log.touchpoints();
  std::vector<Variant> out;
  std::vector<std::uint32_t> variant_of(cases.size());
  VariantIndex index(cases.size());
  for (std::size_t k = 0; k < cases.size(); ++k) {  // in the order of the cases: the first of a variant is its example
    const Hashed& one = cases[k];
    const std::uint32_t v = index.number(one.hash, [&](std::uint32_t known) {
      return out[known].segment == one.segment &&
             std::ranges::equal(sequence(log, touchpoints, one.case_number),
                                sequence(log, touchpoints, out[known].example_case));
    });
    if (v == out.size()) out.push_back({one.segment, one.case_number, 0, {}});
    ++out[v].cases;
    variant_of[k] = v;
  }
  std::vector<std::size_t> next(out.size(), 0);
  std::size_t sum = 0;
  for (std::size_t v = 0; v < out.size(); ++v) {
    next[v] = sum;
    sum += static_cast<std::size_t>(out[v].cases);
  }
  std::vector<std::int64_t> own(cases.size());
  for (std::size_t k = 0; k < cases.size(); ++k) own[next[variant_of[k]]++] = durations[cases[k].case_number];
  for (std::size_t v = 0; v < out.size(); ++v) {
    const auto n = static_cast<std::size_t>(out[v].cases);
    out[v].duration = *summarize(std::span(own).subspan(next[v] - n, n));
  }
  return out;
}

// Positions of the variants in the order of their touchpoint names, one name after the other. Codes stand in name
// order, so sequences of codes compare as texts of fixed-width letters do.
std::vector<std::uint32_t> name_order(const events::EventLog& log, std::span<const Variant> variants) {
  const auto touchpoints = log.touchpoints();
  // Letters of so many bits, none of them zero: the end of a sequence comes first.
  const std::size_t names = log.touchpoint_names().size();
  const unsigned bits = names < 0xFF ? 8 : names < 0xFFFF ? 16 : 32;
  const std::size_t letters = 64 / bits;
  return base::order_by_keys(
      variants.size(),
      [&](std::uint32_t position, std::size_t depth) {
        const auto own = sequence(log, touchpoints, variants[position].example_case);
        std::uint64_t key = 0;
        for (std::size_t k = depth * letters; k < (depth + 1) * letters; ++k) {
          key = key << bits | (k < own.size() ? std::uint64_t{own[k]} + 1 : 0);
        }
        return key;
      },
      [&](std::uint32_t position) {
        const std::size_t length = sequence(log, touchpoints, variants[position].example_case).size();
        return (length + letters - 1) / letters;
      });
}

}  // namespace

std::vector<Variant> variants(const events::EventLog& log, const Segments& segments,
                              const base::Cancellation& cancellation) {
  const Groups groups = group_by_hash(log, segments, cancellation);
  const std::vector<std::int64_t> durations = case_durations_ns(log);
  std::vector<std::vector<Variant>> found(groups.offsets.size() - 1);
  base::parallel_for(found.size(), 1, 0, cancellation, [&](std::size_t g, std::size_t) {
    const std::size_t begin = groups.offsets[g];
    found[g] = variants_of(log, std::span(groups.cases).subspan(begin, groups.offsets[g + 1] - begin), durations);
  });
  std::vector<Variant> all;
  for (const auto& group : found) all.insert(all.end(), group.begin(), group.end());
  const std::vector<std::uint32_t> by_name = name_order(log, all);
  cancellation.check();
  const auto by_cases = base::order_by_keys(
      all.size(),
      [&](std::uint32_t k, std::size_t) {  // cases are fewer than 2^32
        const Variant& variant = all[by_name[k]];
        return std::uint64_t{variant.segment} << 32U | (0xFFFFFFFF - static_cast<std::uint64_t>(variant.cases));
      },
      [](std::uint32_t) { return std::size_t{1}; });
  std::vector<Variant> out(all.size());
  base::parallel_for(out.size(), kVariantsAtOnce, 0, cancellation, [&](std::size_t begin, std::size_t end) {
    for (std::size_t k = begin; k < end; ++k) out[k] = all[by_name[by_cases[k]]];
  });
  return out;
}

base::Table variant_table(const events::EventLog& log, const Segments& segments, const std::vector<Variant>& variants,
                          const base::Cancellation& cancellation) {
  const auto touchpoints = log.touchpoints();
  const auto& names = log.touchpoint_names();
  std::vector<std::uint32_t> segment;
  auto texts = std::make_shared<base::Dictionary>();
  base::Category text, example{{}, log.category(events::Role::Case).dictionary};
  base::Integers steps, cases;
  base::Reals share, median;
  texts->values.resize(variants.size());
  base::parallel_for(variants.size(), kVariantsAtOnce, 0, cancellation, [&](std::size_t begin, std::size_t end) {
    for (std::size_t v = begin; v < end; ++v) {
      const auto own = sequence(log, touchpoints, variants[v].example_case);
      std::size_t length = 0;
      for (const std::uint32_t code : own) length += names[code].size() + kArrow.size();
      std::string& path = texts->values[v];
      path.reserve(length);
      for (const std::uint32_t code : own) {
        if (!path.empty()) path += kArrow;
        path += names[code];
      }
    }
  });
  for (std::size_t v = 0; v < variants.size(); ++v) {
    const Variant& variant = variants[v];
    segment.push_back(variant.segment);
    text.codes.push_back(static_cast<std::uint32_t>(v));
    steps.values.push_back(static_cast<std::int64_t>(sequence(log, touchpoints, variant.example_case).size()));
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

base::Table variant_steps(const events::EventLog& log, const std::vector<Variant>& variants,
                          const base::Cancellation& cancellation) {
  base::Category out = touchpoint_column(log);
  std::vector<std::size_t> offsets{0};
  offsets.reserve(variants.size() + 1);
  for (const Variant& variant : variants) {
    offsets.push_back(offsets.back() + sequence(log, log.touchpoints(), variant.example_case).size());
  }
  out.codes.resize(offsets.back());
  base::parallel_for(variants.size(), kVariantsAtOnce, 0, cancellation, [&](std::size_t begin, std::size_t end) {
    for (std::size_t v = begin; v < end; ++v) {
      std::ranges::copy(sequence(log, log.touchpoints(), variants[v].example_case),
                        out.codes.begin() + static_cast<std::ptrdiff_t>(offsets[v]));
    }
  });
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
