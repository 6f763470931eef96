#include "journeykit/journey/diff.hpp"

#include <algorithm>

#include "journeykit/journey/detail_keys.hpp"
#include "journeykit/journey/detail_values.hpp"

namespace journeykit::journey {
namespace {

template <class T>
Change change(ChangeKind kind, const T& element, std::string_view field, io::Value before, io::Value after) {
  const Key key = key_of(element);
  return {kind,
          std::string(Fields<T>::name),
          key.first,
          key.second,
          std::string(field),
          std::move(before),
          std::move(after)};
}

template <class T>
void diff_fields(const T& before, const T& after, std::vector<Change>& out) {
  for_each_field<T>([&](const auto& field) {
    if (before.*field.member == after.*field.member) return;
    out.push_back(
        change(ChangeKind::Changed, after, field.name, value_of(before.*field.member), value_of(after.*field.member)));
  });
}

// Marks a longest increasing subsequence of `values`, which are all different (Fredman 1975).
std::vector<bool> longest_increasing(const std::vector<std::size_t>& values) {
  constexpr auto none = static_cast<std::size_t>(-1);
  std::vector<std::size_t> tails, previous(values.size(), none);  // tails[k]: end of the best run of length k + 1
  for (std::size_t k = 0; k < values.size(); ++k) {
    const auto at = std::lower_bound(tails.begin(), tails.end(), values[k],
                                     [&](std::size_t tail, std::size_t value) { return values[tail] < value; });
    if (at != tails.begin()) previous[k] = *(at - 1);
    if (at == tails.end()) {
      tails.push_back(k);
    } else {
      *at = k;
    }
  }
  std::vector<bool> marks(values.size());
  for (std::size_t k = tails.empty() ? none : tails.back(); k != none; k = previous[k]) marks[k] = true;
  return marks;
}

template <class T>
void diff_lists(const std::vector<T>& before, const std::vector<T>& after, bool ordered,
                const base::Cancellation& cancellation, std::vector<Change>& out) {
  std::map<Key, std::size_t> old_places;
  for (std::size_t k = 0; k < before.size(); ++k) {
    cancellation.check();
    old_places.emplace(key_of(before[k]), k);
  }
  std::vector<bool> kept(before.size());
  for (const T& element : after) {
    cancellation.check();
    const auto old = old_places.find(key_of(element));
    if (old != old_places.end()) kept[old->second] = true;
  }
  for (std::size_t k = 0; k < before.size(); ++k) {
    cancellation.check();
    if (!kept[k]) out.push_back(change(ChangeKind::Removed, before[k], "", value_of(before[k]), {}));
  }
  std::vector<std::size_t> old_order, places;
  for (std::size_t k = 0; k < after.size(); ++k) {
    cancellation.check();
    const auto old = old_places.find(key_of(after[k]));
    if (old == old_places.end()) {
      out.push_back(change(ChangeKind::Added, after[k], "", {}, value_of(after[k])));
      continue;
    }
    diff_fields(before[old->second], after[k], out);
    old_order.push_back(old->second);
    places.push_back(k);
  }
  if (!ordered) return;
  const std::vector<bool> stays = longest_increasing(old_order);
  for (std::size_t k = 0; k < places.size(); ++k) {
    if (stays[k]) continue;
    out.push_back(change(ChangeKind::Moved, after[places[k]], "position",
                         io::Value(static_cast<std::int64_t>(old_order[k])),
                         io::Value(static_cast<std::int64_t>(places[k]))));
  }
}

}  // namespace

std::string_view to_string(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::Added:
      return "added";
    case ChangeKind::Removed:
      return "removed";
    case ChangeKind::Changed:
      return "changed";
    case ChangeKind::Moved:
      return "moved";
  }
  return "";
}

std::vector<Change> diff(const JourneyMap& before, const JourneyMap& after, const base::Cancellation& cancellation) {
  std::vector<Change> out;
  diff_fields(before.about(), after.about(), out);
  diff_lists(before.stages(), after.stages(), true, cancellation, out);
  diff_lists(before.scenes(), after.scenes(), true, cancellation, out);
  diff_lists(before.touchpoints(), after.touchpoints(), true, cancellation, out);
  diff_lists(before.transitions(), after.transitions(), false, cancellation,
             out);  // their order follows from the touchpoints
  diff_lists(before.failure_points(), after.failure_points(), true, cancellation, out);
  return out;
}

}  // namespace journeykit::journey
