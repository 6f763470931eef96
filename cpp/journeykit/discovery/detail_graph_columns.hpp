// Columns of edges, touchpoints and variants: the same whether a log in memory or a state was counted.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "journeykit/discovery/detail_columns.hpp"
#include "journeykit/discovery/directly_follows.hpp"

namespace journeykit::discovery {

using Names = std::shared_ptr<const base::Dictionary>;

class EdgeColumns {
 public:
  explicit EdgeColumns(const Names& names) : source_{{}, names}, target_{{}, names} {}

  void append(const Edge& edge, std::int64_t events_at_source) {
    source_.codes.push_back(edge.source);
    target_.codes.push_back(edge.target);
    count_.values.push_back(edge.count);
    cases_.values.push_back(edge.cases);
    share_.values.push_back(share_of(edge.count, events_at_source));
    times_.append(edge.times);
  }
  base::Table table() && {
    base::Table out;
    out.add("source", std::move(source_));
    out.add("target", std::move(target_));
    out.add("count", std::move(count_));
    out.add("cases", std::move(cases_));
    out.add("share", std::move(share_));
    std::move(times_).add_to(out, "");
    return out;
  }

 private:
  base::Category source_, target_;
  base::Integers count_, cases_;
  base::Reals share_;
  TimeColumns times_;
};

class TouchpointColumns {
 public:
  explicit TouchpointColumns(const Names& names) : touchpoint_{{}, names} {}

  void append(std::uint32_t touchpoint, const TouchpointCounts& counts) {
    touchpoint_.codes.push_back(touchpoint);
    events_.values.push_back(counts.events);
    cases_.values.push_back(counts.cases);
    customers_.values.push_back(counts.customers);
    starts_.values.push_back(counts.starts);
    ends_.values.push_back(counts.ends);
    open_ends_.values.push_back(counts.open_ends);
    durations_.append(counts.duration);
  }
  base::Table table(bool with_durations) && {
    base::Table out;
    out.add("touchpoint", std::move(touchpoint_));
    out.add("events", std::move(events_));
    out.add("cases", std::move(cases_));
    out.add("customers", std::move(customers_));
    out.add("starts", std::move(starts_));
    out.add("ends", std::move(ends_));
    out.add("open_ends", std::move(open_ends_));
    if (with_durations) std::move(durations_).add_to(out, "duration_");
    return out;
  }

 private:
  base::Category touchpoint_;
  base::Integers events_, cases_, customers_, starts_, ends_, open_ends_;
  TimeColumns durations_;
};

class VariantColumns {
 public:
  void append(std::size_t steps, std::int64_t cases, std::int64_t of_cases, double median_seconds) {
    steps_.values.push_back(static_cast<std::int64_t>(steps));
    cases_.values.push_back(cases);
    share_.values.push_back(share_of(cases, of_cases));
    median_.values.push_back(median_seconds);
  }
  base::Table table(base::Category example_case) && {
    base::Table out;
    out.add("steps", std::move(steps_));
    out.add("cases", std::move(cases_));
    out.add("share", std::move(share_));
    out.add("median_seconds", std::move(median_));
    out.add("example_case", std::move(example_case));
    return out;
  }

 private:
  base::Integers steps_, cases_;
  base::Reals share_, median_;
};

}  // namespace journeykit::discovery
