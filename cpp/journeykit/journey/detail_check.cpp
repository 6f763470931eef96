#include "journeykit/journey/detail_check.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

#include "journeykit/base/error.hpp"
#include "journeykit/journey/fields.hpp"

namespace journeykit::journey {
namespace {

using base::InvalidInput;
using base::quote_safe;

struct Range {
  std::string_view field;
  double low, high;
};
constexpr std::array<Range, 5> kRanges = {{{"emotion", -1, 1},
                                           {"probability", 0, 1},
                                           {"frequency_share", 0, 1},
                                           {"detection_share", 0, 1},
                                           {"loss_amount", 0, INFINITY}}};

std::string shown(double value) {
  std::array<char, 32> buffer{};
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), written.ptr};
}

class Checker {
 public:
  explicit Checker(std::string label) : label_(std::move(label)) {}

  template <class T>
  void all(const T& element) const {
    for_each_field<T>([&](const auto& field) { one(field.name, element.*field.member); });
  }

  void id(std::string_view field, const std::string& text) const {
    if (text.empty()) refuse(field, "is empty; give it an id");
  }

 private:
  [[noreturn]] void refuse(std::string_view field, const std::string& why) const {
    throw InvalidInput(label_ + ": " + std::string(field) + " " + why);
  }

  void one(std::string_view field, const std::string& text) const {
    if (!base::valid_utf8(text)) refuse(field, quote_safe(text) + " is not valid UTF-8");
    if (text.size() > kLongestText) {
      refuse(field, "has " + std::to_string(text.size()) + " bytes; at most " + std::to_string(kLongestText) +
                        " are allowed, shorten it");
    }
  }
  void one(std::string_view field, const std::vector<std::string>& texts) const {
    for (const std::string& text : texts) {
      if (text.empty()) refuse(field, "hold an empty text; remove it");
      one(field, text);
    }
  }
  void one(std::string_view field, double value) const {
    if (!std::isfinite(value)) refuse(field, "is " + shown(value) + "; expected a finite number, or none at all");
    const auto range = std::find_if(kRanges.begin(), kRanges.end(), [&](const Range& r) { return r.field == field; });
    if (range == kRanges.end() || (value >= range->low && value <= range->high)) return;
    refuse(field, "is " + shown(value) + "; expected " +
                      (range->high == INFINITY ? shown(range->low) + " or more"
                                               : "a number from " + shown(range->low) + " to " + shown(range->high)));
  }
  void one(std::string_view field, std::int64_t value) const {
    if (value < 0) refuse(field, "is " + std::to_string(value) + "; expected 0 or more");
  }
  void one(std::string_view /*field*/, Evidence /*value*/) const {}
  void one(std::string_view /*field*/, Visibility /*value*/) const {}
  void one(std::string_view field, const TimeSummary& times) const {
    const Checker inner(label_ + ": " + std::string(field));
    inner.all(times);
    if (times.n < 1) inner.refuse("n", "is 0; leave the times out when there are none");
    if (times.min_seconds > times.max_seconds) {
      inner.refuse("min_seconds", "is " + shown(times.min_seconds) + ", above max_seconds " + shown(times.max_seconds));
    }
  }
  void one(std::string_view field, const TouchpointStatistics& statistics) const {
    Checker(label_ + ": " + std::string(field)).all(statistics);
  }
  void one(std::string_view field, const std::vector<MetricSummary>& metrics) const {
    std::set<std::string_view> names;
    for (const MetricSummary& metric : metrics) {
      const Checker inner(label_ + ": metric " + quote_safe(metric.name));
      inner.id("name", metric.name);
      inner.all(metric);
      if (metric.low.has_value() != metric.high.has_value()) {
        inner.refuse("low, high", "are one interval; give both or neither");
      }
      if (metric.low && *metric.low > *metric.high) {
        inner.refuse("low", "is " + shown(*metric.low) + ", above high " + shown(*metric.high));
      }
      if (!names.insert(metric.name).second) refuse(field, "hold " + quote_safe(metric.name) + " twice; keep one");
    }
  }
  template <class T>
  void one(std::string_view field, const std::optional<T>& value) const {
    if (value) one(field, *value);
  }

  std::string label_;
};

void sort_unique(std::vector<std::string>& texts) {
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
}

template <class T>
void tidy_named(T& element) {
  const Checker checker(std::string(Fields<T>::name) + " " + quote_safe(element.id));
  checker.id("id", element.id);
  checker.all(element);
  if (element.name.empty()) element.name = element.id;
}

}  // namespace

void tidy(About& about) { Checker("map " + quote_safe(about.name)).all(about); }

void tidy(Stage& stage) { tidy_named(stage); }

void tidy(Scene& scene) {
  tidy_named(scene);
  Checker("scene " + quote_safe(scene.id)).id("stage", scene.stage);
}

void tidy(Touchpoint& touchpoint) {
  tidy_named(touchpoint);
  sort_unique(touchpoint.channels);
  sort_unique(touchpoint.departments);
  sort_unique(touchpoint.tags);
}

void tidy(Transition& transition) {
  const Checker checker("transition " + quote_safe(transition_id(transition.source, transition.target)));
  checker.id("source", transition.source);
  checker.id("target", transition.target);
  checker.all(transition);
}

void tidy(FailurePoint& failure_point) {
  tidy_named(failure_point);
  const bool on_touchpoint = !failure_point.touchpoint.empty();
  const bool on_transition = !failure_point.source.empty() && !failure_point.target.empty();
  const bool half = failure_point.source.empty() != failure_point.target.empty();
  if (on_touchpoint == on_transition || half) {
    throw InvalidInput("failure point " + quote_safe(failure_point.id) +
                       ": stands on one touchpoint or on one transition; give touchpoint, or source and target");
  }
}

}  // namespace journeykit::journey
