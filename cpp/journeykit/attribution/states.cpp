#include <algorithm>
#include <bit>
#include <boost/unordered/unordered_flat_map.hpp>

#include "journeykit/attribution/detail_states.hpp"
#include "journeykit/base/error.hpp"

namespace journeykit::attribution {
namespace {

// Numbers of things by a key: a table where the keys are few, else a map. 0 is no number.
class Numbers {
 public:
  explicit Numbers(std::uint64_t keys) : table_(keys <= kMostInTable ? static_cast<std::size_t>(keys) : 0) {}

  std::uint32_t& at(std::uint64_t key) { return table_.empty() ? map_[key] : table_[static_cast<std::size_t>(key)]; }

 private:
  static constexpr std::uint64_t kMostInTable = std::uint64_t{1} << 22U;
  std::vector<std::uint32_t> table_;
  boost::unordered_flat_map<std::uint64_t, std::uint32_t> map_;
};

// The same for the moves out of a state by a channel, whose states become known one after the other.
class Moves {
 public:
  explicit Moves(std::size_t channels) : channels_(channels), dense_(channels <= kMostDense) {}

  std::uint32_t& at(std::uint32_t state, std::uint32_t channel) {
    const std::uint64_t key = std::uint64_t{state} * channels_ + channel;
    if (!dense_) return others_.at(key);
    if (key >= table_.size()) table_.resize(std::max<std::size_t>(2 * table_.size(), (state + 1) * channels_));
    return table_[key];
  }

 private:
  static constexpr std::size_t kMostDense = 32;
  std::size_t channels_;
  bool dense_;
  std::vector<std::uint32_t> table_;
  Numbers others_{~std::uint64_t{0}};
};

// States with the moves out of each by channel.
struct Found {
  std::vector<std::uint32_t> first, target, move;  // shape (n + 1,); per place: state, and the move that stands there
};

Found by_source(std::size_t states, const std::vector<std::uint32_t>& source, const std::vector<std::uint32_t>& channel,
                const std::vector<std::uint32_t>& target) {
  Found out;
  out.first.resize(states + 1);
  for (const std::uint32_t s : source) ++out.first[s + 1];
  for (std::size_t s = 0; s < states; ++s) out.first[s + 1] += out.first[s];
  out.move.resize(source.size());
  std::vector<std::uint32_t> next(out.first.begin(), out.first.end() - 1);
  for (std::uint32_t m = 0; m < source.size(); ++m) out.move[next[source[m]]++] = m;
  for (std::size_t s = 0; s < states; ++s) {
    std::sort(out.move.begin() + out.first[s], out.move.begin() + out.first[s + 1],
              [&](std::uint32_t a, std::uint32_t b) { return channel[a] < channel[b]; });
  }
  out.target.reserve(source.size());
  for (const std::uint32_t m : out.move) out.target.push_back(target[m]);
  return out;
}

struct Numbering {
  std::vector<std::uint32_t> state_at;  // the state that gets each number
  std::size_t loops_begin = 0, loops_end = 0;
};

// Strong components (Tarjan 1972) from state 0, without recursion.
Numbering number_states(const Found& found, const base::Cancellation& cancellation) {
  const std::size_t n = found.first.size() - 1;
  struct Visit {
    std::uint32_t state, next;  // the next move to follow
  };
  constexpr std::uint32_t unseen = kNoChannel;
  std::vector<std::uint32_t> seen(n, unseen), low(n), component(n, unseen), left;  // `left`: in the order of leaving
  std::vector<std::uint32_t> open;
  std::vector<std::uint32_t> sizes;
  std::vector<Visit> way{{0, found.first[0]}};
  std::uint32_t count = 0;
  seen[0] = low[0] = count++;
  open.push_back(0);
  while (!way.empty()) {
    const std::uint32_t s = way.back().state;
    if (way.back().next < found.first[s + 1]) {
      const std::uint32_t t = found.target[way.back().next++];
      if (seen[t] == unseen) {
        if (count % 65'536 == 0) cancellation.check();
        seen[t] = low[t] = count++;
        open.push_back(t);
        way.push_back({t, found.first[t]});
      } else if (component[t] == unseen) {
        low[s] = std::min(low[s], seen[t]);
      }
      continue;
    }
    way.pop_back();
    left.push_back(s);
    if (!way.empty()) low[way.back().state] = std::min(low[way.back().state], low[s]);
    if (low[s] != seen[s]) continue;
    const auto number = static_cast<std::uint32_t>(sizes.size());
    sizes.push_back(0);
    std::uint32_t member = unseen;
    do {
      member = open.back();
      open.pop_back();
      component[member] = number;
      ++sizes.back();
    } while (member != s);
  }
  std::vector<std::size_t> next;
  std::size_t total = 0;
  for (const std::uint32_t size : sizes) {
    next.push_back(total);
    total += size;
  }
  Numbering out;
  out.state_at.resize(n);
  out.loops_begin = n;
  for (const std::uint32_t s : left) {
    const std::size_t number = next[component[s]]++;
    out.state_at[number] = s;
    if (sizes[component[s]] == 1) continue;
    out.loops_begin = std::min(out.loops_begin, number);
    out.loops_end = std::max(out.loops_end, number + 1);
  }
  out.loops_begin = std::min(out.loops_begin, out.loops_end);
  return out;
}

}  // namespace

States find_states(const Paths& paths, unsigned order, const base::Cancellation& cancellation) {
  const auto bits = static_cast<unsigned>(std::bit_width(paths.channels.size()));
  if (bits * order > 64) {
    throw base::Unsupported("order " + std::to_string(order) + " with " + std::to_string(paths.channels.size()) +
                            " channels is beyond this version; take a lower order or group rare channels");
  }
  const std::uint64_t kept = bits * order == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (bits * order)) - 1;
  const std::uint64_t one = (std::uint64_t{1} << bits) - 1;
  std::vector<std::uint64_t> keys{0};                     // the channels of a state, oldest first, each plus 1
  std::vector<std::uint32_t> source, channel_of, target;  // of each move
  Numbers state_of(kept == ~std::uint64_t{0} ? kept : kept + 1);
  Moves moves(paths.channels.size());
  States out;
  out.step_move.resize(paths.steps.size());
  out.end_state.reserve(paths.size());
  for (std::size_t p = 0; p < paths.size(); ++p) {
    if (p % 8192 == 0) cancellation.check();
    std::uint32_t state = 0;
    std::uint64_t key = 0;  // goes its way without waiting for what is looked up
    for (std::uint64_t k = paths.offsets[p]; k < paths.offsets[p + 1]; ++k) {
      const std::uint32_t channel = paths.steps[k];
      key = (key << bits | (channel + 1)) & kept;
      std::uint32_t& following = state_of.at(key);  // the start, which is 0, follows nothing
      if (following == 0) {
        following = static_cast<std::uint32_t>(keys.size());
        keys.push_back(key);
      }
      const std::uint32_t to = following;
      std::uint32_t& move = moves.at(state, channel);
      if (move == 0) {
        source.push_back(state);
        channel_of.push_back(channel);
        target.push_back(to);
        move = static_cast<std::uint32_t>(source.size());
      }
      out.step_move[k] = move - 1;
      state = to;
    }
    out.end_state.push_back(state);
  }
  cancellation.check();
  const std::size_t n = keys.size();
  const Found found = by_source(n, source, channel_of, target);
  const Numbering numbering = number_states(found, cancellation);
  out.loops_begin = numbering.loops_begin;
  out.loops_end = numbering.loops_end;
  std::vector<std::uint32_t> number(n), move_number(source.size());
  for (std::uint32_t k = 0; k < n; ++k) number[numbering.state_at[k]] = k;
  out.first_move.reserve(n + 1);
  out.first_move.push_back(0);
  out.target.reserve(source.size());
  for (const std::uint32_t s : numbering.state_at) {
    out.last.push_back(static_cast<std::uint32_t>(keys[s] & one) - 1);
    out.before_last.push_back(order == 1 ? kNoChannel : static_cast<std::uint32_t>(keys[s] >> bits & one) - 1);
    for (std::uint32_t k = found.first[s]; k < found.first[s + 1]; ++k) {
      move_number[found.move[k]] = static_cast<std::uint32_t>(out.target.size());
      out.target.push_back(number[found.target[k]]);
    }
    out.first_move.push_back(static_cast<std::uint32_t>(out.target.size()));
  }
  for (std::uint32_t& move : out.step_move) move = move_number[move];
  for (std::uint32_t& state : out.end_state) state = number[state];
  return out;
}

}  // namespace journeykit::attribution
