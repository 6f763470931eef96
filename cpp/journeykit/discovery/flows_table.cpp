#include <algorithm>
#include <functional>
#include <numeric>

#include "journeykit/discovery/detail_columns.hpp"
#include "journeykit/discovery/flows.hpp"

namespace journeykit::discovery {

base::Table flow_table(const Flows& flows, bool medians) {
  const auto names = std::make_shared<base::Dictionary>(base::Dictionary{flows.names});
  base::Category source{{}, names}, target{{}, names};
  base::Integers count;
  base::Reals share, mean, median;
  for (const Flow& edge : flows.edges) {
    source.codes.push_back(edge.source);
    target.codes.push_back(edge.target);
    count.values.push_back(edge.count);
    share.values.push_back(share_of(edge.count, flows.events[edge.source]));
    mean.values.push_back(edge.mean_seconds);
    median.values.push_back(edge.median_seconds);
  }
  base::Table out;
  out.add("source", std::move(source));
  out.add("target", std::move(target));
  out.add("count", std::move(count));
  out.add("share", std::move(share));
  out.add("mean_seconds", std::move(mean));
  if (medians) out.add("median_seconds", std::move(median));
  return out;
}

base::Table flow_touchpoints(const Flows& flows) {
  std::vector<std::uint32_t> order(flows.names.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, std::greater<>{}, [&](std::uint32_t t) { return flows.events[t]; });
  base::Category touchpoint{{}, std::make_shared<base::Dictionary>(base::Dictionary{flows.names})};
  base::Integers events, starts, ends;
  for (const std::uint32_t t : order) {
    touchpoint.codes.push_back(t);
    events.values.push_back(flows.events[t]);
    starts.values.push_back(flows.starts[t]);
    ends.values.push_back(flows.ends[t]);
  }
  base::Table out;
  out.add("touchpoint", std::move(touchpoint));
  out.add("events", std::move(events));
  out.add("starts", std::move(starts));
  out.add("ends", std::move(ends));
  return out;
}

}  // namespace journeykit::discovery
