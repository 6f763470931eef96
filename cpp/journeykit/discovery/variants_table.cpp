#include <numeric>
#include <utility>

#include "journeykit/base/parallel.hpp"
#include "journeykit/discovery/detail_columns.hpp"
#include "journeykit/discovery/detail_graph_columns.hpp"
#include "journeykit/discovery/detail_sequence.hpp"
#include "journeykit/discovery/variants.hpp"

namespace journeykit::discovery {

base::Table variant_table(const events::EventLog& log, const Segments& segments, const std::vector<Variant>& variants) {
  std::vector<std::uint32_t> segment;
  base::Category example{{}, log.category(events::Role::Case).dictionary};
  VariantColumns columns;
  for (const Variant& variant : variants) {
    segment.push_back(variant.segment);
    columns.append(variant.steps, variant.cases, static_cast<std::int64_t>(segments.cases_of(variant.segment).size()),
                   variant.median_seconds);
    example.codes.push_back(variant.example_case);
  }
  return with_keys(segments, segment, std::move(columns).table(std::move(example)));
}

base::Table variant_steps(const events::EventLog& log, const std::vector<Variant>& variants,
                          const base::Cancellation& cancellation) {
  constexpr std::size_t variants_at_once = 4096;
  const Sequences sequences(log);
  base::Category out = touchpoint_column(log);
  std::vector<std::size_t> offsets{0};
  offsets.reserve(variants.size() + 1);
  for (const Variant& variant : variants) offsets.push_back(offsets.back() + variant.steps);
  out.codes.resize(offsets.back());
  base::parallel_for(variants.size(), variants_at_once, 0, cancellation, [&](std::size_t begin, std::size_t end) {
    for (std::size_t v = begin; v < end; ++v) {
      std::ranges::copy(sequences[variants[v].example_case],
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
