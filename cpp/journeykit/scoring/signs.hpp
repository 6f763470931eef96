// What one visit of a touchpoint says about its quality, as badness from 0 to 1 in named components. Shared by the
// score and the failure points, so that both speak of the same thing.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "journeykit/events/log.hpp"
#include "journeykit/journey/map.hpp"
#include "journeykit/scoring/score.hpp"

namespace journeykit::scoring {

struct Component {
  Group group = Group::Completion;
  std::string name;
};

inline constexpr std::uint8_t kNotSeen = 2;
inline constexpr std::uint32_t kNowhere = std::numeric_limits<std::uint32_t>::max();

struct Answers {  // of one experience metric; the log owns the values
  std::span<const double> values;
  double low = 0, high = 1;
  bool high_is_good = true;
};

struct Signs {
  std::vector<Component> components;                // experience metrics, signs of friction, completion
  std::vector<Answers> answers;                     // of the experience metrics
  std::vector<std::vector<std::uint8_t>> friction;  // per sign: shape (n_events,), 0, 1 or kNotSeen
  std::vector<events::CaseStatus> status;           // per case
  std::vector<std::uint32_t>
      lost_at;  // per case: touchpoint code where a closed case was lost, kNowhere where none or unknown
  bool has_completion = false;          // the log names what completes a case
  bool has_places = false;              // … and where cases are lost
  std::vector<std::uint32_t> stage_of;  // per touchpoint code: position of its stage in the map
  std::int64_t slow_ns = 0;

  std::size_t seen_per_event() const { return answers.size() + friction.size(); }
  // Badness of event k in component c < seen_per_event(): 0 … 1, NaN where the event says nothing of it.
  double badness(std::size_t c, std::size_t k) const {
    if (c >= answers.size()) {
      const std::uint8_t flag = friction[c - answers.size()][k];
      return flag == kNotSeen ? std::numeric_limits<double>::quiet_NaN() : flag;
    }
    const Answers& a = answers[c];
    return a.high_is_good ? (a.high - a.values[k]) / (a.high - a.low) : (a.values[k] - a.low) / (a.high - a.low);
  }
};

// Throws NotFound when a touchpoint of the log is not in the map.
Signs read_signs(const journey::JourneyMap& map, const events::EventLog& log, const ScoreOptions& options);

bool closed(events::CaseStatus status);

}  // namespace journeykit::scoring
