// Shared by the sources of this room's measures; not installed as a contract.
#pragma once

#include <string>

#include "journeykit/metrics/measure.hpp"
#include "journeykit/metrics/survival.hpp"

namespace journeykit::metrics {

struct Work {
  const events::EventLog& log;
  const std::string& name;
  const MeasureOptions& options;
  const base::Cancellation& cancellation;
};

Measurement measure_score(const Work& work, const Score& what);
Measurement measure_contacts(const Work& work, const Fcr& what);
Measurement measure_contacts(const Work& work, const RepeatContacts& what);
Measurement measure_contacts(const Work& work, const ContactRate& what);
Measurement measure_waits(const Work& work, const ServiceLevel& what);
Measurement measure_waits(const Work& work, const Abandonment& what);
Measurement measure_waits(const Work& work, const ResponseTime& what);
Measurement measure_cases(const Work& work, const ResolutionTime& what);
Measurement measure_cases(const Work& work, const CaseShare& what);
Measurement measure_cases(const Work& work, const Transfers& what);

// Groups of the events at the chosen touchpoints.
Groups chosen_groups(const Work& work, WindowOf window);
// One estimate per group.
template <class T, class Estimator>
void fill(Measurement& out, PerGroup<T>& things, const Work& work, Estimator&& estimator) {
  things.sort();
  for (std::uint32_t g = 0; g < out.groups.count; ++g) {
    work.cancellation.check();
    out.rows.push_back({g, work.name, estimator(things.of(g))});
  }
}
Estimate estimate_time(std::span<const Spell> spells, const TimeNumber& number, double confidence);

// What the measures of answers share, whether from a log in memory or from the state of its parts.
void check_number(const events::Metric& metric, ScoreNumber number, std::int64_t top);
// What an answer adds to the share: 1 on the good side, and for NPS −1 on the bad side; the answer itself for a mean.
double coded_answer(const events::Metric& metric, ScoreNumber number, std::int64_t top, double answer);
std::string unit_of(const events::Metric& metric, ScoreNumber number);
// True when nearly every case with several answers gives the same one each time.
bool mostly_equal(std::int64_t several, std::int64_t equal);
struct AnswerQuality {
  std::int64_t answered = 0, cases = 0;  // cases with an answer in the group, cases of the group
  bool repeated = false;                 // rows repeat the answer of their case
  std::int64_t off_scale = 0;            // answers of the whole log
};
void warn_of_answers(Estimate& estimate, const AnswerQuality& quality);
void warn_of_open(Estimate& estimate, std::int64_t open);  // cases left out of a share of closed ones
void warn_of_few(Estimate& estimate, std::int64_t minimum_n);
std::string needs_completed(const std::string& name);
// "1 wait", "2 waits".
std::string counted(std::int64_t count, const std::string& noun);
// "12 % of the cases" for a warning.
std::string percent_of(std::int64_t part, std::int64_t whole, const std::string& of_what);

}  // namespace journeykit::metrics
