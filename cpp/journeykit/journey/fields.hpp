// The fields of each element, once: JSON, diff, merge and Python all read this list, so none of them can forget one.
#pragma once

#include <string_view>
#include <tuple>

#include "journeykit/journey/map.hpp"

namespace journeykit::journey {

template <class Owner, class T>
struct Field {
  constexpr Field(std::string_view field_name, T Owner::*field_member, bool is_required = false)
      : name(field_name), member(field_member), required(is_required) {}
  std::string_view name;
  T Owner::*member;
  bool required;
};

template <class T>
struct Fields;  // `name` and `list`

template <>
struct Fields<TimeSummary> {
  static constexpr auto list = std::make_tuple(
      Field{"n", &TimeSummary::n, true}, Field{"mean_seconds", &TimeSummary::mean_seconds, true},
      Field{"median_seconds", &TimeSummary::median_seconds, true},
      Field{"p90_seconds", &TimeSummary::p90_seconds, true}, Field{"min_seconds", &TimeSummary::min_seconds, true},
      Field{"max_seconds", &TimeSummary::max_seconds, true});
};

template <>
struct Fields<MetricSummary> {
  static constexpr auto list = std::make_tuple(
      Field{"name", &MetricSummary::name, true}, Field{"value", &MetricSummary::value, true},
      Field{"n", &MetricSummary::n}, Field{"customers", &MetricSummary::customers}, Field{"low", &MetricSummary::low},
      Field{"high", &MetricSummary::high}, Field{"method", &MetricSummary::method});
};

template <>
struct Fields<TouchpointStatistics> {
  static constexpr auto list = std::make_tuple(
      Field{"events", &TouchpointStatistics::events, true}, Field{"cases", &TouchpointStatistics::cases, true},
      Field{"customers", &TouchpointStatistics::customers}, Field{"starts", &TouchpointStatistics::starts},
      Field{"ends", &TouchpointStatistics::ends}, Field{"duration", &TouchpointStatistics::duration});
};

template <>
struct Fields<About> {
  static constexpr std::string_view name = "map";
  static constexpr auto list = std::make_tuple(Field{"name", &About::name}, Field{"description", &About::description},
                                               Field{"currency", &About::currency}, Field{"cases", &About::cases},
                                               Field{"events", &About::events});
};

template <>
struct Fields<Stage> {
  static constexpr std::string_view name = "stage";
  static constexpr auto list =
      std::make_tuple(Field{"id", &Stage::id, true}, Field{"name", &Stage::name}, Field{"phase", &Stage::phase},
                      Field{"description", &Stage::description}, Field{"evidence", &Stage::evidence});
};

template <>
struct Fields<Scene> {
  static constexpr std::string_view name = "scene";
  static constexpr auto list =
      std::make_tuple(Field{"id", &Scene::id, true}, Field{"name", &Scene::name}, Field{"stage", &Scene::stage, true},
                      Field{"description", &Scene::description}, Field{"evidence", &Scene::evidence});
};

template <>
struct Fields<Touchpoint> {
  static constexpr std::string_view name = "touchpoint";
  static constexpr auto list = std::make_tuple(
      Field{"id", &Touchpoint::id, true}, Field{"name", &Touchpoint::name}, Field{"stage", &Touchpoint::stage},
      Field{"scene", &Touchpoint::scene}, Field{"description", &Touchpoint::description},
      Field{"channels", &Touchpoint::channels}, Field{"departments", &Touchpoint::departments},
      Field{"visibility", &Touchpoint::visibility}, Field{"need", &Touchpoint::need},
      Field{"emotion", &Touchpoint::emotion}, Field{"metrics", &Touchpoint::metrics},
      Field{"statistics", &Touchpoint::statistics}, Field{"owner", &Touchpoint::owner},
      Field{"tags", &Touchpoint::tags}, Field{"evidence", &Touchpoint::evidence});
};

template <>
struct Fields<Transition> {
  static constexpr std::string_view name = "transition";
  static constexpr auto list =
      std::make_tuple(Field{"source", &Transition::source, true}, Field{"target", &Transition::target, true},
                      Field{"count", &Transition::count}, Field{"cases", &Transition::cases},
                      Field{"probability", &Transition::probability}, Field{"times", &Transition::times},
                      Field{"evidence", &Transition::evidence});
};

template <>
struct Fields<FailurePoint> {
  static constexpr std::string_view name = "failure point";
  static constexpr auto list = std::make_tuple(
      Field{"id", &FailurePoint::id, true}, Field{"name", &FailurePoint::name},
      Field{"touchpoint", &FailurePoint::touchpoint}, Field{"source", &FailurePoint::source},
      Field{"target", &FailurePoint::target}, Field{"cause", &FailurePoint::cause},
      Field{"description", &FailurePoint::description}, Field{"contact_reasons", &FailurePoint::contact_reasons},
      Field{"frequency_share", &FailurePoint::frequency_share}, Field{"loss_amount", &FailurePoint::loss_amount},
      Field{"detection_share", &FailurePoint::detection_share}, Field{"evidence", &FailurePoint::evidence});
};

template <class T, class Visit>
constexpr void for_each_field(Visit&& visit) {
  std::apply([&](const auto&... field) { (visit(field), ...); }, Fields<T>::list);
}

template <class T>
std::vector<std::string> field_names() {
  std::vector<std::string> names;
  for_each_field<T>([&](const auto& field) { names.emplace_back(field.name); });
  return names;
}

// Names of enumerators, the same in JSON and Python. Reading throws InvalidInput with the choices.
std::string_view to_string(Evidence evidence);
std::string_view to_string(Visibility visibility);
Evidence evidence_named(std::string_view name);
Visibility visibility_named(std::string_view name);

}  // namespace journeykit::journey
