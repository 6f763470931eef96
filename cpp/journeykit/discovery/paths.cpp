#include "journeykit/discovery/paths.hpp"

#include <algorithm>

#include "journeykit/base/error.hpp"
#include "journeykit/discovery/times.hpp"

namespace journeykit::discovery {
namespace {

std::uint32_t code_of(const events::EventLog& log, const std::string& name) {
  const auto& dictionary = *log.category(events::Role::Touchpoint).dictionary;
  if (const auto code = dictionary.find(name)) return *code;
  throw base::NotFound("filter_paths: " + base::not_found_message("touchpoint", name, "the log", dictionary.values));
}

// The names as codes, sorted and distinct.
std::vector<std::uint32_t> codes_of(const events::EventLog& log, const std::vector<std::string>& names) {
  std::vector<std::uint32_t> out;
  for (const std::string& name : names) out.push_back(code_of(log, name));
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

class Test {
 public:
  Test(const events::EventLog& log, const PathFilter& filter)
      : touchpoints_(log.touchpoints()),
        times_(log.times()),
        end_times_(log.end_times()),
        contains_(codes_of(log, filter.contains)),
        starts_(codes_of(log, filter.starts)),
        ends_(codes_of(log, filter.ends)),
        follows_(filter.follows),
        seen_(contains_.size()) {
    if (follows_) {
      source_ = code_of(log, follows_->source);
      target_ = code_of(log, follows_->target);
    }
  }

  bool holds(std::size_t begin, std::size_t end) {
    return (starts_.empty() || std::ranges::binary_search(starts_, touchpoints_[begin])) &&
           (ends_.empty() || std::ranges::binary_search(ends_, touchpoints_[end - 1])) &&
           (contains_.empty() || contains_all(begin, end)) && (!follows_ || followed(begin, end));
  }

 private:
  bool contains_all(std::size_t begin, std::size_t end) {
    std::ranges::fill(seen_, std::uint8_t{0});
    std::size_t left = seen_.size();
    for (std::size_t e = begin; e < end && left > 0; ++e) {
      const auto at = std::ranges::lower_bound(contains_, touchpoints_[e]);
      if (at == contains_.end() || *at != touchpoints_[e]) continue;
      std::uint8_t& seen = seen_[static_cast<std::size_t>(at - contains_.begin())];
      left -= seen == 0 ? 1U : 0U;
      seen = 1;
    }
    return left == 0;
  }

  // Of all sources before a target the one that ends last is the nearest, so it alone need be remembered.
  bool followed(std::size_t begin, std::size_t end) const {
    bool left_source = false;
    std::int64_t source_end = 0;
    for (std::size_t e = begin; e < end; ++e) {
      if (left_source && touchpoints_[e] == target_ &&
          (!follows_->within_ns || elapsed_ns(source_end, times_[e]) <= *follows_->within_ns)) {
        return true;
      }
      if (follows_->directly) left_source = false;
      if (touchpoints_[e] == source_) {
        const std::int64_t over = end_of_event(times_, end_times_, e);
        source_end = left_source ? std::max(source_end, over) : over;
        left_source = true;
      }
    }
    return false;
  }

  std::span<const std::uint32_t> touchpoints_;
  std::span<const std::int64_t> times_, end_times_;
  std::vector<std::uint32_t> contains_, starts_, ends_;
  std::optional<Follows> follows_;
  std::uint32_t source_ = 0, target_ = 0;
  std::vector<std::uint8_t> seen_;
};

}  // namespace

std::vector<std::uint8_t> cases_along(const events::EventLog& log, const PathFilter& filter,
                                      const base::Cancellation& cancellation) {
  constexpr std::size_t cases_between_checks = 1024;
  if (filter.contains.empty() && filter.starts.empty() && filter.ends.empty() && !filter.follows) {
    throw base::InvalidInput("filter_paths has no condition; give contains, starts, ends or follows");
  }
  Test test(log, filter);
  const auto offsets = log.case_offsets();
  std::vector<std::uint8_t> out(log.case_count());
  for (std::size_t c = 0; c < out.size(); ++c) {
    if (c % cases_between_checks == 0) cancellation.check();
    out[c] = test.holds(offsets[c], offsets[c + 1]) != filter.negate ? 1 : 0;
  }
  return out;
}

}  // namespace journeykit::discovery
