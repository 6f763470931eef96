#include <algorithm>
#include <array>
#include <cstring>

#include "common.hpp"
#include "journeykit/base/error.hpp"
#include "journeykit/metrics/bootstrap.hpp"
#include "journeykit/metrics/interval.hpp"
#include "journeykit/metrics/measure.hpp"
#include "journeykit/metrics/survey.hpp"

namespace journeykit::bindings {
namespace {

using namespace journeykit::metrics;

template <class Enum>
using Names = std::vector<std::pair<std::string, Enum>>;

template <class Enum>
Enum named(const std::string& name, const char* option, const Names<Enum>& known) {
  std::string all;
  for (const auto& [text, value] : known) {
    if (text == name) return value;
    all += (all.empty() ? "'" : ", '") + text + "'";
  }
  throw base::InvalidInput(std::string(option) + " is " + base::quote_safe(name) + "; expected one of " + all);
}

template <class Enum>
std::string name_of(Enum value, const Names<Enum>& known) {
  return std::ranges::find(known, value, &std::pair<std::string, Enum>::second)->first;
}

Names<ScoreNumber> score_numbers() {
  return {{"nps", ScoreNumber::Nps},
          {"top_share", ScoreNumber::TopShare},
          {"easy_share", ScoreNumber::EasyShare},
          {"mean", ScoreNumber::Mean},
          {"distribution", ScoreNumber::Distribution}};
}

Names<CaseOutcome> case_outcomes() {
  return {{"completion", CaseOutcome::Completion},
          {"drop_off", CaseOutcome::DropOff},
          {"silent_exit", CaseOutcome::SilentExit}};
}

py::tuple pair(const Interval& interval) { return py::make_tuple(interval.low, interval.high); }

py::tuple score(const NpsScore& s) { return py::make_tuple(s.value, s.standard_error, pair(s.interval)); }

py::tuple test(const DifferenceTest& t) { return py::make_tuple(t.difference, t.standard_error, t.z, t.p); }

void register_intervals(py::module_& m) {
  m.def(
      "wilson", [](double k, double n, double confidence) { return pair(wilson(k, n, confidence)); },
      py::arg("successes"), py::arg("n"), py::arg("confidence"));
  m.def(
      "newcombe",
      [](double k1, double n1, double k2, double n2, double confidence) {
        return pair(newcombe(k1, n1, k2, n2, confidence));
      },
      py::arg("successes1"), py::arg("n1"), py::arg("successes2"), py::arg("n2"), py::arg("confidence"));
  m.def(
      "nps",
      [](double promoters, double passives, double detractors, bool adjusted, double confidence) {
        const NpsCounts counts{promoters, passives, detractors};
        return score(adjusted ? nps_adjusted_wald(counts, confidence) : nps_wald(counts, confidence));
      },
      py::arg("promoters"), py::arg("passives"), py::arg("detractors"), py::arg("adjusted"), py::arg("confidence"));
  m.def(
      "nps_waves",
      [](const std::array<double, 3>& first, const std::array<double, 3>& second) {
        return test(nps_waves({first[0], first[1], first[2]}, {second[0], second[1], second[2]}));
      },
      py::arg("first"), py::arg("second"));
  m.def("nps_sample_size", &nps_sample_size, py::arg("half_width"), py::arg("promoter_share"),
        py::arg("detractor_share"), py::arg("confidence"));
  m.def(
      "share_difference",
      [](double k1, double n1, double k2, double n2) { return test(share_difference(k1, n1, k2, n2)); },
      py::arg("successes1"), py::arg("n1"), py::arg("successes2"), py::arg("n2"));
  m.def(
      "share_against", [](double k, double n, double share) { return test(share_against(k, n, share)); },
      py::arg("successes"), py::arg("n"), py::arg("share"));
  m.def(
      "check_standard",
      [](std::int64_t k, std::int64_t n, double target, double alpha, double confidence) {
        const StandardCheck c = check_standard(k, n, target, alpha, confidence);
        return py::make_tuple(c.share, pair(c.interval), c.p_met, c.p_missed, std::string(to_string(c.verdict)));
      },
      py::arg("successes"), py::arg("n"), py::arg("target"), py::arg("alpha"), py::arg("confidence"));
  m.def("standard_sample_size", &standard_sample_size, py::arg("target"), py::arg("true_share"), py::arg("alpha"),
        py::arg("power"), py::call_guard<py::gil_scoped_release>());
  m.def("benjamini_hochberg", &benjamini_hochberg, py::arg("p"));
}

template <class T>
void count_buffer(const py::buffer_info& rows, const AnswerScale& scale, std::size_t first_row,
                  std::vector<std::int64_t>& counts) {
  const std::span<const T> answers(static_cast<const T*>(rows.ptr), static_cast<std::size_t>(rows.size));
  const py::gil_scoped_release release;
  count_answers(answers, scale, first_row, counts);
}

// Adds the answers of one contiguous buffer; its format has been checked by the facade.
void count_rows(const py::buffer& buffer, const AnswerScale& scale, std::size_t first_row,
                std::vector<std::int64_t>& counts) {
  const py::buffer_info rows = buffer.request();
  const auto is = [&](const char* formats) { return rows.format.size() == 1 && std::strchr(formats, rows.format[0]); };
  const auto integer = [&](auto one_signed, auto one_unsigned) {
    if (is("bhilq")) return count_buffer<decltype(one_signed)>(rows, scale, first_row, counts);
    if (is("BHILQ")) return count_buffer<decltype(one_unsigned)>(rows, scale, first_row, counts);
    throw base::Unsupported("a buffer of format " + base::quote_safe(rows.format));
  };
  if (is("f")) return count_buffer<float>(rows, scale, first_row, counts);
  if (is("d")) return count_buffer<double>(rows, scale, first_row, counts);
  switch (rows.itemsize) {
    case 1:
      return integer(std::int8_t{}, std::uint8_t{});
    case 2:
      return integer(std::int16_t{}, std::uint16_t{});
    case 4:
      return integer(std::int32_t{}, std::uint32_t{});
    default:
      return integer(std::int64_t{}, std::uint64_t{});
  }
}

AnswerScale answer_scale(const std::string& number, int low, int high, int top) {
  const auto which = named<AnswerNumber>(
      number, "metric", {{"nps", AnswerNumber::Nps}, {"csat", AnswerNumber::TopShare}, {"mean", AnswerNumber::Mean}});
  return {which, low, high, top};
}

py::tuple bootstrap_result(const Bootstrap& b) {
  return py::make_tuple(b.value, pair(b.interval), b.standard_error, b.n, b.units, b.method, b.warning);
}

void register_bootstrap(py::module_& m) {
  m.def(
      "bootstrap_answers",
      [](const std::vector<py::buffer>& answers, const std::string& metric, int low, int high, int top,
         std::int64_t replicates, double confidence, std::uint64_t seed, unsigned threads) {
        const AnswerScale scale = answer_scale(metric, low, high, top);
        std::vector<std::int64_t> counts;
        std::size_t rows = 0;
        for (const py::buffer& part : answers) {
          count_rows(part, scale, rows, counts);
          rows += static_cast<std::size_t>(part.request().size);
        }
        return bootstrap_result(interruptible([&](const base::Cancellation& cancellation) {
          return bootstrap_answers(counts, scale, {replicates, confidence, seed, threads}, cancellation);
        }));
      },
      py::arg("answers"), py::arg("metric"), py::arg("low"), py::arg("high"), py::arg("top"), py::arg("replicates"),
      py::arg("confidence"), py::arg("seed"), py::arg("threads"));
  m.def(
      "bootstrap_customers",
      [](const py::buffer& answers, const py::buffer& customers, const std::string& metric, int low, int high, int top,
         std::int64_t replicates, double confidence, std::uint64_t seed, unsigned threads) {
        const AnswerScale scale = answer_scale(metric, low, high, top);
        const py::buffer_info values = answers.request();
        const py::buffer_info codes = customers.request();
        if (values.format != "d" || codes.format != "i") throw base::Unsupported("buffers of other formats");
        return bootstrap_result(interruptible([&](const base::Cancellation& cancellation) {
          return bootstrap_customers(
              {static_cast<const double*>(values.ptr), static_cast<std::size_t>(values.size)},
              {static_cast<const std::int32_t*>(codes.ptr), static_cast<std::size_t>(codes.size)}, scale,
              {replicates, confidence, seed, threads}, cancellation);
        }));
      },
      py::arg("answers"), py::arg("customers"), py::arg("metric"), py::arg("low"), py::arg("high"), py::arg("top"),
      py::arg("replicates"), py::arg("confidence"), py::arg("seed"), py::arg("threads"));
}

void register_specs(py::module_& m) {
  py::class_<WaitRule>(m, "WaitRule")
      .def(py::init([](std::optional<std::string> column, std::vector<std::string> start,
                       std::vector<std::string> answer, std::vector<std::string> abandon) {
             return WaitRule{std::move(column), std::move(start), std::move(answer), std::move(abandon)};
           }),
           py::arg("column"), py::arg("start"), py::arg("answer"), py::arg("abandon"));
  py::class_<ContactRule>(m, "ContactRule")
      .def(py::init([](std::vector<std::string> touchpoints, std::optional<std::string> issue, std::int64_t join_ns) {
             return ContactRule{std::move(touchpoints), std::move(issue), join_ns};
           }),
           py::arg("touchpoints"), py::arg("issue"), py::arg("join_ns"));
  py::class_<TimeNumber>(m, "TimeNumber")
      .def(py::init([](bool mean, double quantile) {
             return TimeNumber{mean, quantile};
           }),
           py::arg("mean"), py::arg("quantile"));
  py::class_<Score>(m, "ScoreMeasure")
      .def(py::init([](std::string metric, const std::string& number, std::int64_t top, bool once_per_case) {
             const auto which = named(number, "statistic", score_numbers());
             return Score{std::move(metric), which, top, once_per_case};
           }),
           py::arg("metric"), py::arg("number"), py::arg("top"), py::arg("once_per_case"))
      .def_readonly("metric", &Score::metric)
      .def_property_readonly("number", [](const Score& what) { return name_of(what.number, score_numbers()); })
      .def_readonly("top", &Score::top)
      .def_readonly("once_per_case", &Score::once_per_case);
  py::class_<Fcr>(m, "FcrMeasure")
      .def(py::init(
               [](ContactRule contact, std::int64_t window_ns, const std::string& edge, std::vector<std::string> left) {
                 const auto which = named<RightEdge>(
                     edge, "edge", {{"kaplan-meier", RightEdge::KaplanMeier}, {"mature", RightEdge::MatureOnly}});
                 return Fcr{std::move(contact), window_ns, which, std::move(left)};
               }),
           py::arg("contact"), py::arg("window_ns"), py::arg("edge"), py::arg("left"));
  py::class_<RepeatContacts>(m, "RepeatContactsMeasure")
      .def(py::init([](ContactRule contact, std::int64_t window_ns) {
             return RepeatContacts{std::move(contact), window_ns};
           }),
           py::arg("contact"), py::arg("window_ns"));
  py::class_<ContactRate>(m, "ContactRateMeasure")
      .def(py::init([](ContactRule contact, const std::string& per, std::int64_t period_ns) {
             const auto which = named<ContactsPer>(
                 per, "per",
                 {{"case", ContactsPer::Case}, {"customer", ContactsPer::Customer}, {"period", ContactsPer::Period}});
             return ContactRate{std::move(contact), which, period_ns};
           }),
           py::arg("contact"), py::arg("per"), py::arg("period_ns"));
  py::class_<ServiceLevel>(m, "ServiceLevelMeasure")
      .def(py::init([](WaitRule wait, std::int64_t within_ns, const std::string& denominator,
                       std::int64_t short_abandon_ns) {
             const auto which = named<ServiceDenominator>(
                 denominator, "denominator",
                 {{"offered", ServiceDenominator::Offered},
                  {"answered", ServiceDenominator::Answered},
                  {"offered_less_short_abandons", ServiceDenominator::OfferedLessShortAbandons},
                  {"abandoned_in_time_count", ServiceDenominator::AbandonedInTimeCount}});
             return ServiceLevel{std::move(wait), within_ns, which, short_abandon_ns};
           }),
           py::arg("wait"), py::arg("within_ns"), py::arg("denominator"), py::arg("short_abandon_ns"));
  py::class_<Abandonment>(m, "AbandonmentMeasure")
      .def(py::init([](WaitRule wait) { return Abandonment{std::move(wait)}; }), py::arg("wait"));
  py::class_<ResponseTime>(m, "ResponseTimeMeasure")
      .def(py::init([](WaitRule wait, TimeNumber number) {
             return ResponseTime{std::move(wait), number};
           }),
           py::arg("wait"), py::arg("number"));
  py::class_<ResolutionTime>(m, "ResolutionTimeMeasure")
      .def(py::init([](TimeNumber number) { return ResolutionTime{number}; }), py::arg("number"));
  py::class_<CaseShare>(m, "CaseShareMeasure")
      .def(py::init([](const std::string& outcome) { return CaseShare{named(outcome, "outcome", case_outcomes())}; }),
           py::arg("outcome"))
      .def_property_readonly("outcome", [](const CaseShare& what) { return name_of(what.outcome, case_outcomes()); });
  py::class_<Transfers>(m, "TransfersMeasure")
      .def(py::init([](std::string column, bool share) {
             return Transfers{std::move(column), share};
           }),
           py::arg("column"), py::arg("share"))
      .def_readonly("column", &Transfers::column)
      .def_readonly("share", &Transfers::share);
}

base::Table run(const events::EventLog& log, const Measure& what, const std::string& name,
                const std::vector<std::pair<std::string, std::string>>& keys, std::vector<std::string> stages,
                std::vector<std::int64_t> window_starts_ns, std::vector<std::string> touchpoints, double confidence,
                std::int64_t minimum_n) {
  MeasureOptions options;
  for (const auto& [kind, column] : keys) {
    options.by.keys.push_back(
        {named<KeyKind>(kind, "key",
                        {{"column", KeyKind::Column}, {"stage", KeyKind::Stage}, {"case status", KeyKind::CaseStatus}}),
         column});
  }
  options.by.stages = std::move(stages);
  options.by.window_starts_ns = std::move(window_starts_ns);
  options.touchpoints = std::move(touchpoints);
  options.confidence = confidence;
  options.minimum_n = minimum_n;
  return interruptible([&](const base::Cancellation& cancellation) {
    return measurement_table(measure(log, what, name, options, cancellation), options);
  });
}

const base::Category& category(const base::Table& table, const char* name) {
  const auto* found = std::get_if<base::Category>(table.at(name).values.get());
  if (found == nullptr)
    throw base::InvalidInput(std::string("column ") + base::quote_safe(name) + " of the answers holds no text");
  return *found;
}

// `source` has the columns key, time, perhaps touchpoint, and "metric <column>" with decimals for each metric.
py::tuple attach(const events::EventLog& log, const py::object& source, const std::vector<events::Metric>& metrics,
                 const std::string& key, std::int64_t within_ns, std::vector<std::string> touchpoints) {
  const base::Table table = read_table(source, {});
  const Surveyed out = interruptible([&](const base::Cancellation& cancellation) {
    SurveyAnswers answers;
    answers.key = category(table, "key");
    if (table.find("touchpoint") != nullptr) answers.touchpoint = category(table, "touchpoint");
    answers.times_ns = std::get<base::Times>(*table.at("time").values).values;
    for (const events::Metric& metric : metrics) {
      answers.values.push_back(std::get<base::Reals>(*table.at("metric " + metric.column).values).values);
    }
    return attach_survey(log, answers, {key, within_ns, std::move(touchpoints)}, metrics, cancellation);
  });
  py::dict counts;
  counts["attached"] = out.counts.attached;
  counts["superseded"] = out.counts.superseded;
  counts["late"] = out.counts.late;
  counts["early"] = out.counts.early;
  counts["unmatched"] = out.counts.unmatched;
  counts["incomplete"] = out.counts.incomplete;
  counts["ambiguous"] = out.counts.ambiguous;
  return py::make_tuple(out.log, counts, response_table(out.responses), comparison_table(out.comparisons));
}

}  // namespace

void register_metrics(py::module_& m) {
  register_intervals(m);
  register_bootstrap(m);
  register_specs(m);
  m.def("measure", &run, py::arg("log"), py::arg("what"), py::arg("name"), py::arg("keys"), py::arg("stages"),
        py::arg("window_starts_ns"), py::arg("touchpoints"), py::arg("confidence"), py::arg("minimum_n"));
  m.def(
      "time_range",
      [](const events::EventLog& log) {
        if (log.event_count() == 0) throw base::InvalidInput("the log has no events and so no time range");
        const auto ends = std::ranges::minmax_element(log.times());
        return py::make_tuple(*ends.min, *ends.max);
      },
      py::arg("log"));
  m.def("attach_survey", &attach, py::arg("log"), py::arg("answers"), py::arg("metrics"), py::arg("key"),
        py::arg("within_ns"), py::arg("touchpoints"));
}

}  // namespace journeykit::bindings
