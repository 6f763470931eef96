#include <algorithm>
#include <list>

#include "journeykit/journey/detail_merge.hpp"
#include "journeykit/journey/detail_values.hpp"

namespace journeykit::journey {
namespace {

std::vector<Key> shared_order(const std::vector<Key>& keys, const std::set<Key>& shared) {
  std::vector<Key> out;
  std::copy_if(keys.begin(), keys.end(), std::back_inserter(out), [&](const Key& key) { return shared.contains(key); });
  return out;
}

std::vector<std::string> merge_sets(const std::vector<std::string>& base, const std::vector<std::string>& ours,
                                    const std::vector<std::string>& theirs) {
  std::set<std::string> all(ours.begin(), ours.end());
  all.insert(theirs.begin(), theirs.end());
  const auto in = [](const std::vector<std::string>& list, const std::string& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
  };
  std::erase_if(all, [&](const std::string& text) { return in(base, text) && !(in(ours, text) && in(theirs, text)); });
  return {all.begin(), all.end()};
}

// One element: takes each field from the side that changed it.
template <class T>
class Merger {
 public:
  Merger(const Three<T>& three, std::optional<Side> prefer, std::vector<Conflict>& conflicts)
      : three_(three), prefer_(prefer), conflicts_(conflicts), out_(*three.ours) {
    if (three.base != nullptr) {
      base_ = *three.base;
    } else {
      if constexpr (requires { base_.id; }) base_.id = base_.name = three.ours->id;
    }
  }

  // `same`, `value` and `take` see one field, or several that only make sense together.
  template <class Same, class Show, class Take>
  void unit(std::string_view name, const Same& same, const Show& show, const Take& take) {
    const T &ours = *three_.ours, &theirs = *three_.theirs;
    if (same(ours, theirs) || same(theirs, base_)) return;
    if (!same(ours, base_)) {
      conflict(name, three_.base != nullptr ? show(base_) : io::Value(), show(ours), show(theirs));
      if (prefer_ != Side::Theirs) return;
    }
    take(out_, theirs);
  }

  template <class F>
  void field(const F& field) {
    unit(
        field.name, [&](const T& a, const T& b) { return a.*field.member == b.*field.member; },
        [&](const T& element) { return value_of(element.*field.member); },
        [&](T& to, const T& from) { to.*field.member = from.*field.member; });
  }

  void set(std::vector<std::string> T::*member) {
    out_.*member = merge_sets(base_.*member, three_.ours->*member, three_.theirs->*member);
  }

  void conflict(std::string_view name, io::Value base, io::Value ours, io::Value theirs) {
    const Key key = key_of(*three_.ours);
    conflicts_.push_back({std::string(Fields<T>::name), key.first, key.second, std::string(name), std::move(base),
                          std::move(ours), std::move(theirs)});
  }

  const T& base() const { return base_; }
  T& out() { return out_; }

 private:
  Three<T> three_;
  std::optional<Side> prefer_;
  std::vector<Conflict>& conflicts_;
  T base_, out_;
};

template <class T>
T merge_plain(const Three<T>& three, std::optional<Side> prefer, std::vector<Conflict>& conflicts) {
  Merger<T> merger(three, prefer, conflicts);
  for_each_field<T>([&](const auto& field) { merger.field(field); });
  return std::move(merger.out());
}

const MetricSummary* metric_named(const std::vector<MetricSummary>& metrics, const std::string& name) {
  const auto at = std::find_if(metrics.begin(), metrics.end(), [&](const MetricSummary& m) { return m.name == name; });
  return at == metrics.end() ? nullptr : &*at;
}

std::vector<Key> metric_keys(const std::vector<MetricSummary>& metrics) {
  std::vector<Key> keys;
  for (const MetricSummary& metric : metrics) keys.emplace_back(metric.name, "");
  return keys;
}

bool same_metric(const MetricSummary* a, const MetricSummary* b) {
  return a == nullptr || b == nullptr ? a == b : *a == *b;
}

io::Value shown_metric(const MetricSummary* metric) { return metric == nullptr ? io::Value() : value_of(*metric); }

// By name; a metric that one side removed and the other changed stays unless the preference says otherwise.
void merge_metrics(const Three<Touchpoint>& three, std::optional<Side> prefer, Merger<Touchpoint>& merger) {
  const std::vector<MetricSummary>&base = merger.base().metrics, &ours = three.ours->metrics,
        &theirs = three.theirs->metrics;
  const std::vector<Key> base_keys = metric_keys(base), our_keys = metric_keys(ours), their_keys = metric_keys(theirs);
  std::map<Key, MetricSummary> merged;
  std::set<Key> names(our_keys.begin(), our_keys.end()), kept;
  names.insert(their_keys.begin(), their_keys.end());
  for (const Key& key : names) {
    const MetricSummary *b = metric_named(base, key.first), *o = metric_named(ours, key.first),
                        *t = metric_named(theirs, key.first);
    const MetricSummary* taken = o;
    if (!same_metric(o, t) && !same_metric(t, b)) {
      taken = t;
      if (!same_metric(o, b)) {
        merger.conflict("metrics/" + key.first, shown_metric(b), shown_metric(o), shown_metric(t));
        if (prefer) {
          taken = prefer == Side::Ours ? o : t;
        } else if (o != nullptr) {
          taken = o;
        }
      }
    }
    if (taken != nullptr) {
      merged.emplace(key, *taken);
      kept.insert(key);
    }
  }
  const MergedOrder order = merge_order({&base_keys, &our_keys, &their_keys}, kept, prefer);
  if (order.clash) merger.conflict("metrics", value_of(base), value_of(ours), value_of(theirs));
  merger.out().metrics.clear();
  for (const Key& key : order.keys) merger.out().metrics.push_back(merged.at(key));
}

}  // namespace

About merge_element(const Three<About>& three, std::optional<Side> prefer, std::vector<Conflict>& conflicts) {
  return merge_plain(three, prefer, conflicts);
}
Stage merge_element(const Three<Stage>& three, std::optional<Side> prefer, std::vector<Conflict>& conflicts) {
  return merge_plain(three, prefer, conflicts);
}
Scene merge_element(const Three<Scene>& three, std::optional<Side> prefer, std::vector<Conflict>& conflicts) {
  return merge_plain(three, prefer, conflicts);
}
Transition merge_element(const Three<Transition>& three, std::optional<Side> prefer, std::vector<Conflict>& conflicts) {
  return merge_plain(three, prefer, conflicts);
}

Touchpoint merge_element(const Three<Touchpoint>& three, std::optional<Side> prefer, std::vector<Conflict>& conflicts) {
  Merger<Touchpoint> merger(three, prefer, conflicts);
  const auto field = [&](const auto& one) {
    using Member = std::decay_t<decltype(one.member)>;
    if (one.name == "scene" || one.name == "metrics") return;
    if constexpr (std::is_same_v<Member, std::vector<std::string> Touchpoint::*>) {
      merger.set(one.member);
    } else if (one.name == "stage") {
      merger.unit(
          "stage", [](const Touchpoint& a, const Touchpoint& b) { return a.stage == b.stage && a.scene == b.scene; },
          [](const Touchpoint& t) { return io::Value(t.scene.empty() ? t.stage : "scene " + t.scene); },
          [](Touchpoint& to, const Touchpoint& from) {
            to.stage = from.stage;
            to.scene = from.scene;
          });
    } else {
      merger.field(one);
    }
  };
  for_each_field<Touchpoint>(field);
  merge_metrics(three, prefer, merger);
  return std::move(merger.out());
}

FailurePoint merge_element(const Three<FailurePoint>& three, std::optional<Side> prefer,
                           std::vector<Conflict>& conflicts) {
  Merger<FailurePoint> merger(three, prefer, conflicts);
  for_each_field<FailurePoint>([&](const auto& one) {
    if (one.name == "source" || one.name == "target") return;
    if (one.name != "touchpoint") {
      merger.field(one);
      return;
    }
    merger.unit(
        "touchpoint",
        [](const FailurePoint& a, const FailurePoint& b) {
          return a.touchpoint == b.touchpoint && a.source == b.source && a.target == b.target;
        },
        [](const FailurePoint& f) {
          return io::Value(f.touchpoint.empty() ? transition_id(f.source, f.target) : f.touchpoint);
        },
        [](FailurePoint& to, const FailurePoint& from) {
          to.touchpoint = from.touchpoint;
          to.source = from.source;
          to.target = from.target;
        });
  });
  return std::move(merger.out());
}

MergedOrder merge_order(const Three<std::vector<Key>>& three, const std::set<Key>& kept, std::optional<Side> prefer) {
  const std::set<Key> ours(three.ours->begin(), three.ours->end()), theirs(three.theirs->begin(), three.theirs->end());
  std::set<Key> shared;
  for (const Key& key : *three.base) {
    if (ours.contains(key) && theirs.contains(key)) shared.insert(key);
  }
  const std::vector<Key> base_order = shared_order(*three.base, shared), our_order = shared_order(*three.ours, shared),
                         their_order = shared_order(*three.theirs, shared);
  MergedOrder out;
  const bool we_reordered = our_order != base_order, they_reordered = their_order != base_order;
  out.clash = we_reordered && they_reordered && our_order != their_order;
  const bool by_us = out.clash ? prefer != Side::Theirs : we_reordered;
  const std::vector<Key>&backbone = by_us ? *three.ours : *three.theirs, &other = by_us ? *three.theirs : *three.ours;

  std::list<Key> order;
  std::map<Key, std::list<Key>::iterator> places;
  for (const Key& key : backbone) {
    if (kept.contains(key)) places.emplace(key, order.insert(order.end(), key));
  }
  auto behind = order.begin();  // where a new element goes: behind the last one seen
  for (const Key& key : other) {
    if (!kept.contains(key)) continue;
    auto place = places.find(key);
    if (place == places.end()) place = places.emplace(key, order.insert(behind, key)).first;
    behind = std::next(place->second);
  }
  out.keys.assign(order.begin(), order.end());
  return out;
}

}  // namespace journeykit::journey
