// What each customer adds to the numbers of the map: numbered features that add up over customers, and the numbers as
// ratios of two of them. The same features feed the exact variance over customers and the bootstrap of their groups.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "journeykit/discovery/detail_edge_index.hpp"
#include "journeykit/discovery/detail_timed_graph.hpp"
#include "journeykit/events/log.hpp"

namespace journeykit::scoring {

inline constexpr std::array<double, 2> kQuantiles = {0.5, 0.9};

enum JourneyFeature : std::size_t {
  kCustomer,
  kCases,
  kEvents,
  kOpen,
  kClosed,
  kCompleted,
  kFailed,
  kAbandoned,
  kRepeating,  // cases that pass some touchpoint more than once
  kCaseTime,   // of closed cases, less their mean
  kCaseBelow,
  kCaseBelow90,
  kJourneyFeatures
};
enum TouchpointFeature : std::size_t {
  kVisits,
  kVisitingCases,
  kRepeatingCases,
  kVisitors,
  kStarts,
  kEnds,
  kClosedEnds,
  kDurations,
  kDuration,
  kDurationBelow,
  kDurationBelow90,
  kTouchpointFeatures
};
enum EdgeFeature : std::size_t { kMoves, kMovingCases, kWait, kWaitBelow, kWaitBelow90, kEdgeFeatures };

class MapFeatures {
 public:
  MapFeatures(const events::EventLog& log, const discovery::TimedGraph& timed,
              const std::optional<journey::TimeSummary>& case_times, std::vector<std::int64_t> case_durations,
              std::vector<events::CaseStatus> status);

  std::size_t count() const { return kJourneyFeatures + touchpoints_ * kTouchpointFeatures + edges_ * kEdgeFeatures; }
  std::size_t of_touchpoint(std::size_t t, TouchpointFeature f) const {
    return kJourneyFeatures + t * kTouchpointFeatures + f;
  }
  std::size_t of_edge(std::size_t e, EdgeFeature f) const {
    return kJourneyFeatures + touchpoints_ * kTouchpointFeatures + e * kEdgeFeatures + f;
  }

  // Marks of what one reader has met; every thread has its own.
  struct Marks {
    explicit Marks(const MapFeatures& features);
    discovery::EdgeIndex edges;
    std::vector<std::uint32_t> edge_case;
    std::vector<std::uint32_t> last_case, last_customer;  // by touchpoint
    std::vector<std::int64_t> visits;                     // of this case, by touchpoint
    std::vector<std::uint32_t> met;                       // touchpoints of this case
  };
  // Adds what the cases of one customer say. add(feature, value); own(feature, square) for every single observation.
  template <class Add, class Own>
  void read(std::span<const std::uint32_t> cases, std::uint32_t customer, Marks& marks, Add&& add, Own&& own) const;

 private:
  struct Centre {
    double mean = 0;
    std::array<double, 2> quantile{};  // ns
  };
  static Centre centre_of(const journey::TimeSummary& times);
  template <class Add, class Own>
  static void add_time(const Centre& centre, std::int64_t ns, std::size_t first, Add&& add, Own&& own);

  std::size_t events_, touchpoints_, edges_;
  std::span<const std::uint64_t> offsets_;
  std::span<const std::uint32_t> codes_;
  std::span<const std::int64_t> times_, end_times_;
  std::vector<std::uint64_t> pairs_;  // of edges
  std::vector<Centre> edge_centre_, touchpoint_centre_;
  Centre case_centre_;
  std::vector<std::int64_t> case_durations_;
  std::vector<events::CaseStatus> status_;
};

inline MapFeatures::Marks::Marks(const MapFeatures& features)
    : edges(features.touchpoints_, features.events_),
      edge_case(features.edges_, base::kMissingCode),
      last_case(features.touchpoints_, base::kMissingCode),
      last_customer(features.touchpoints_, base::kMissingCode),
      visits(features.touchpoints_, 0) {
  for (const std::uint64_t pair : features.pairs_)
    edges.number(static_cast<std::uint32_t>(pair >> 32U), static_cast<std::uint32_t>(pair));
}

// Sum less mean, at or below each quantile: three features from `first` on, in seconds.
template <class Add, class Own>
void MapFeatures::add_time(const Centre& centre, std::int64_t ns, std::size_t first, Add&& add, Own&& own) {
  const double off = static_cast<double>(ns) / 1e9 - centre.mean;
  add(first, off);
  own(first, off * off);
  for (std::size_t q = 0; q < kQuantiles.size(); ++q) {
    if (static_cast<double>(ns) <= centre.quantile[q]) add(first + 1 + q, 1.0);
  }
}

template <class Add, class Own>
void MapFeatures::read(std::span<const std::uint32_t> cases, std::uint32_t customer, Marks& marks, Add&& add,
                       Own&& own) const {
  add(kCustomer, 1.0);
  for (const std::uint32_t c : cases) {
    const std::size_t begin = offsets_[c], end = offsets_[c + 1];
    add(kCases, 1.0);
    add(kEvents, static_cast<double>(end - begin));
    own(kEvents, static_cast<double>(end - begin) * static_cast<double>(end - begin));
    const bool open = status_[c] == events::CaseStatus::Open;
    add(open ? kOpen : kClosed, 1.0);
    if (!open) {
      add(kCompleted + static_cast<std::size_t>(status_[c]), 1.0);
      add_time(case_centre_, case_durations_[c], kCaseTime, add, own);
    }
    for (std::size_t e = begin; e < end; ++e) {
      const std::uint32_t here = codes_[e];
      if (marks.last_case[here] != c) {
        marks.last_case[here] = c;
        marks.met.push_back(here);
        add(of_touchpoint(here, kVisitingCases), 1.0);
        if (marks.last_customer[here] != customer) {
          marks.last_customer[here] = customer;
          add(of_touchpoint(here, kVisitors), 1.0);
        }
      }
      ++marks.visits[here];
      if (!end_times_.empty() && end_times_[e] != base::kMissingInteger) {
        add(of_touchpoint(here, kDurations), 1.0);
        add_time(touchpoint_centre_[here], discovery::elapsed_ns(times_[e], end_times_[e]),
                 of_touchpoint(here, kDuration), add, own);
      }
      if (e + 1 == end) break;
      const std::uint32_t edge = marks.edges.number(here, codes_[e + 1]);
      add(of_edge(edge, kMoves), 1.0);
      if (marks.edge_case[edge] != c) {
        marks.edge_case[edge] = c;
        add(of_edge(edge, kMovingCases), 1.0);
      }
      add_time(edge_centre_[edge], discovery::elapsed_ns(discovery::end_of_event(times_, end_times_, e), times_[e + 1]),
               of_edge(edge, kWait), add, own);
    }
    if (marks.met.size() < end - begin) add(kRepeating, 1.0);
    for (const std::uint32_t t : marks.met) {
      const auto visits = static_cast<double>(marks.visits[t]);
      if (marks.visits[t] > 1) add(of_touchpoint(t, kRepeatingCases), 1.0);
      add(of_touchpoint(t, kVisits), visits);
      own(of_touchpoint(t, kVisits), visits * visits);
      marks.visits[t] = 0;
    }
    marks.met.clear();
    add(of_touchpoint(codes_[begin], kStarts), 1.0);
    add(of_touchpoint(codes_[end - 1], kEnds), 1.0);
    if (!open) add(of_touchpoint(codes_[end - 1], kClosedEnds), 1.0);
  }
}

}  // namespace journeykit::scoring
