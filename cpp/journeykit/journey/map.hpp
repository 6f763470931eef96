// The journey map: journey → stages → scenes → touchpoints, joined by transitions, with failure points on either.
// A planned map (drawn) and an observed map (discovered) are this one type. Every element says how it is known
// (evidence). Every edit keeps the invariants or throws and leaves the map as it was: ids are unique and not empty,
// every reference stands, numbers are finite and in range.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace journeykit::journey {

enum class Evidence : std::uint8_t { Assumed, PartlyObserved, Observed };
enum class Visibility : std::uint8_t { FrontStage, BackStage };

struct TimeSummary {  // seconds; n values
  std::int64_t n = 0;
  double mean_seconds = 0, median_seconds = 0, p90_seconds = 0, min_seconds = 0, max_seconds = 0;
  bool operator==(const TimeSummary&) const = default;
};

struct Stage {
  std::string id{}, name{};
  std::string phase{};  // awareness, consideration, decision, post-purchase, … or empty
  std::string description{};
  Evidence evidence = Evidence::Assumed;
  bool operator==(const Stage&) const = default;
};

struct Scene {
  std::string id{}, name{}, stage{}, description{};
  Evidence evidence = Evidence::Assumed;
  bool operator==(const Scene&) const = default;
};

struct MetricSummary {  // one measured or planned number: NPS, CSAT, …
  std::string name{};
  double value = 0;
  std::int64_t n = 0, customers = 0;
  std::optional<double> low{}, high{};  // the interval
  std::string method{};
  bool operator==(const MetricSummary&) const = default;
};

struct TouchpointStatistics {
  std::int64_t events = 0, cases = 0, customers = 0, starts = 0, ends = 0;
  std::optional<TimeSummary> duration{};  // of events with an end time
  bool operator==(const TouchpointStatistics&) const = default;
};

struct Touchpoint {
  std::string id{}, name{}, stage{}, scene{}, description{};  // stage and scene: ids; scene may be empty
  std::vector<std::string> channels{}, departments{};         // sorted, unique
  Visibility visibility = Visibility::FrontStage;
  std::string need{};               // what the customer wants here
  std::optional<double> emotion{};  // −1 (worst) … 1 (best)
  std::vector<MetricSummary> metrics{};
  std::optional<TouchpointStatistics> statistics{};
  std::string owner{};
  std::vector<std::string> tags{};  // sorted, unique
  Evidence evidence = Evidence::Assumed;
  bool operator==(const Touchpoint&) const = default;
};

struct Transition {
  std::string source{}, target{};  // touchpoint ids; at most one transition per ordered pair, loops allowed
  std::optional<std::int64_t> count{}, cases{};
  std::optional<double>
      probability{};  // of the events at `source`, the share that `target` follows; the rest ends there
  std::optional<TimeSummary> times{};  // end of source (or its time) to start of target
  Evidence evidence = Evidence::Assumed;
  bool operator==(const Transition&) const = default;
};

struct FailurePoint {
  std::string id{}, name{};
  std::string touchpoint{};        // either a touchpoint …
  std::string source{}, target{};  // … or a transition
  std::string cause{}, description{};
  std::vector<std::string> contact_reasons{};
  std::optional<double> frequency_share{};  // of the cases that reach it, 0 … 1
  std::optional<double> loss_amount{};      // money per occurrence, in the map's currency
  std::optional<double> detection_share{};  // of occurrences that somebody notices, 0 … 1
  Evidence evidence = Evidence::Assumed;
  bool operator==(const FailurePoint&) const = default;
};

struct About {  // the map itself
  std::string name{}, description{}, currency{};
  std::optional<std::int64_t> cases{}, events{};
  bool operator==(const About&) const = default;
};

class JourneyMap {
 public:
  explicit JourneyMap(About about = {});
  JourneyMap(const JourneyMap&);
  JourneyMap(JourneyMap&&) noexcept;
  JourneyMap& operator=(const JourneyMap&);
  JourneyMap& operator=(JourneyMap&&) noexcept;
  ~JourneyMap();

  const About& about() const;
  void set_about(About about);

  // Order of stages is the order of the journey; scenes, touchpoints and failure points keep insertion order;
  // transitions are listed by (source, target) position.
  const std::vector<Stage>& stages() const;
  const std::vector<Scene>& scenes() const;
  const std::vector<FailurePoint>& failure_points() const;
  std::vector<Touchpoint> touchpoints() const;
  std::vector<Transition> transitions() const;
  std::size_t touchpoint_count() const;
  std::size_t transition_count() const;

  // Look-ups throw NotFound with the nearest id.
  const Stage& stage(std::string_view id) const;
  const Scene& scene(std::string_view id) const;
  const Touchpoint& touchpoint(std::string_view id) const;
  const Transition& transition(std::string_view source, std::string_view target) const;
  const FailurePoint& failure_point(std::string_view id) const;
  bool has_touchpoint(std::string_view id) const;
  bool has_transition(std::string_view source, std::string_view target) const;
  std::vector<std::string> successors(std::string_view id) const;    // touchpoint order
  std::vector<std::string> predecessors(std::string_view id) const;  // touchpoint order

  // add: a new id (InvalidInput otherwise). put: add or replace by id, in place. An empty name becomes the id.
  void add(Stage stage);
  void add(Scene scene);
  void add(Touchpoint touchpoint);
  void add(Transition transition);
  void add(FailurePoint failure_point);
  void put(Stage stage);
  void put(Scene scene);
  void put(Touchpoint touchpoint);
  void put(Transition transition);
  void put(FailurePoint failure_point);
  // remove: refuses while something refers to the element, unless `cascade`.
  void remove_stage(std::string_view id, bool cascade = false);
  void remove_scene(std::string_view id, bool cascade = false);
  void remove_touchpoint(std::string_view id, bool cascade = false);
  void remove_transition(std::string_view source, std::string_view target, bool cascade = false);
  void remove_failure_point(std::string_view id);
  void rename_touchpoint(std::string_view id, std::string new_id);  // references follow
  void order_stages(const std::vector<std::string>& ids);           // a permutation of all stage ids

  bool operator==(const JourneyMap& other) const;

 private:
  struct Graph;  // a Boost.Graph adjacency_list and its indices
  std::unique_ptr<Graph> graph_;
};

// The form in which messages name a transition: "Page → Call".
std::string transition_id(std::string_view source, std::string_view target);

}  // namespace journeykit::journey
