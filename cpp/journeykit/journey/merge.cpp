#include "journeykit/journey/merge.hpp"

#include "journeykit/base/error.hpp"
#include "journeykit/journey/detail_merge.hpp"
#include "journeykit/journey/detail_values.hpp"

namespace journeykit::journey {
namespace {

template <class T>
struct Element {  // one element on three sides, and what becomes of it
  Three<T> three{nullptr, nullptr, nullptr};
  std::optional<T> merged{};
  bool kept = false;
  bool disputed = false;  // one side removed it, the other changed it or refers to it
};

template <class T>
struct Elements {
  std::vector<T> base, ours, theirs;
  std::map<Key, Element<T>> by_key{};

  Elements(std::vector<T> b, std::vector<T> o, std::vector<T> t, const base::Cancellation& cancellation)
      : base(std::move(b)), ours(std::move(o)), theirs(std::move(t)) {
    const auto index = [&](const std::vector<T>& elements, const T* Three<T>::*side) {
      for (const T& element : elements) {
        cancellation.check();
        by_key[key_of(element)].three.*side = &element;
      }
    };
    index(base, &Three<T>::base);
    index(ours, &Three<T>::ours);
    index(theirs, &Three<T>::theirs);
  }
  Elements(const Elements&) = delete;  // by_key points into the lists
  Elements& operator=(const Elements&) = delete;

  bool keeps(const std::string& id, const std::string& target = {}) const {
    const auto at = by_key.find({id, target});
    return at != by_key.end() && at->second.kept;
  }
};

// A touchpoint in a scene has the scene's stage; so it does not count as changed when its scene moves.
std::vector<Touchpoint> without_implied_stage(const JourneyMap& map) {
  std::vector<Touchpoint> out = map.touchpoints();
  for (Touchpoint& touchpoint : out) {
    if (!touchpoint.scene.empty()) touchpoint.stage.clear();
  }
  return out;
}

class Merge {
 public:
  Merge(const JourneyMap& base, const JourneyMap& ours, const JourneyMap& theirs, std::optional<Side> prefer,
        const base::Cancellation& cancellation)
      : prefer_(prefer),
        cancellation_(cancellation),
        about_(merge_element(Three<About>{&base.about(), &ours.about(), &theirs.about()}, prefer, conflicts_)),
        stages_(base.stages(), ours.stages(), theirs.stages(), cancellation),
        scenes_(base.scenes(), ours.scenes(), theirs.scenes(), cancellation),
        touchpoints_(without_implied_stage(base), without_implied_stage(ours), without_implied_stage(theirs),
                     cancellation),
        transitions_(base.transitions(), ours.transitions(), theirs.transitions(), cancellation),
        failure_points_(base.failure_points(), ours.failure_points(), theirs.failure_points(), cancellation) {}

  MergeResult run() {
    decide(stages_);
    decide(scenes_);
    decide(touchpoints_);
    decide(transitions_);
    decide(failure_points_);
    // From those that refer to those referred to: what is brought back needs its own references in turn.
    need_all(failure_points_);
    need_all(transitions_);
    need_all(touchpoints_);
    need_all(scenes_);
    list_disputes(stages_);
    list_disputes(scenes_);
    list_disputes(touchpoints_);
    list_disputes(transitions_);
    list_disputes(failure_points_);
    if (prefer_) follow_preference();
    JourneyMap map = build();
    return {std::move(map), std::move(conflicts_)};
  }

 private:
  template <class T>
  void decide(Elements<T>& elements) {
    for (auto& [key, element] : elements.by_key) {
      cancellation_.check();
      const auto [base, ours, theirs] = element.three;
      if (ours != nullptr && theirs != nullptr) {
        element.merged = merge_element(element.three, prefer_, conflicts_);
        element.kept = true;
      } else if (const T* left = ours != nullptr ? ours : theirs) {
        element.merged = *left;
        element.disputed = base != nullptr && *left != *base;
        element.kept = base == nullptr || element.disputed;
      }
    }
  }

  // What a side refers to must stay, also when the merge took the reference of the other side: so the conflicts are the
  // same from both sides and for any preference.
  template <class T>
  void need_all(const Elements<T>& elements) {
    for (const auto& [key, element] : elements.by_key) {
      cancellation_.check();
      if (!element.kept) continue;
      const Three<T>& three = element.three;
      if (may_be_taken(three.ours, three.theirs, three.base)) need_references(*three.ours);
      if (may_be_taken(three.theirs, three.ours, three.base)) need_references(*three.theirs);
    }
  }

  // Whether the merge takes the references of `one`, or would with another preference.
  template <class T>
  static bool may_be_taken(const T* one, const T* other, const T* base) {
    return one != nullptr &&
           (other == nullptr || base == nullptr || !same_references(*one, *base) || same_references(*one, *other));
  }

  static bool same_references(const Scene& a, const Scene& b) { return a.stage == b.stage; }
  static bool same_references(const Touchpoint& a, const Touchpoint& b) {
    return a.stage == b.stage && a.scene == b.scene;
  }
  static bool same_references(const Transition& /*a*/, const Transition& /*b*/) { return true; }
  static bool same_references(const FailurePoint& a, const FailurePoint& b) {
    return a.touchpoint == b.touchpoint && a.source == b.source && a.target == b.target;
  }

  void need_references(const Scene& scene) { need(stages_, scene.stage); }
  void need_references(const Touchpoint& touchpoint) {
    if (!touchpoint.stage.empty()) need(stages_, touchpoint.stage);
    if (!touchpoint.scene.empty()) need(scenes_, touchpoint.scene);
  }
  void need_references(const Transition& transition) {
    need(touchpoints_, transition.source);
    need(touchpoints_, transition.target);
  }
  void need_references(const FailurePoint& failure_point) {
    if (failure_point.touchpoint.empty()) {
      need(transitions_, failure_point.source, failure_point.target);
    } else {
      need(touchpoints_, failure_point.touchpoint);
    }
  }

  template <class T>
  static void need(Elements<T>& elements, const std::string& id, const std::string& target = {}) {
    Element<T>& element = elements.by_key.at({id, target});
    if (element.kept) return;
    element.kept = element.disputed = true;
  }

  template <class T>
  void list_disputes(const Elements<T>& elements) {
    const auto shown = [](const T* element) { return element == nullptr ? io::Value() : value_of(*element); };
    for (const auto& [key, element] : elements.by_key) {
      cancellation_.check();
      if (!element.disputed) continue;
      const auto [base, ours, theirs] = element.three;
      conflicts_.push_back(
          {std::string(Fields<T>::name), key.first, key.second, "", shown(base), shown(ours), shown(theirs)});
    }
  }

  template <class T>
  const T* preferred(const Element<T>& element) const {
    return prefer_ == Side::Ours ? element.three.ours : element.three.theirs;
  }

  template <class T>
  void drop_by_preference(Elements<T>& elements) {
    for (auto& [key, element] : elements.by_key) {
      if (element.disputed && preferred(element) == nullptr) element.kept = false;
    }
  }

  // Takes out what the preferred side removed, then, from those referred to on, what cannot stand without it.
  void follow_preference() {
    drop_by_preference(stages_);
    drop_by_preference(scenes_);
    drop_by_preference(touchpoints_);
    drop_by_preference(transitions_);
    drop_by_preference(failure_points_);
    for (auto& [key, scene] : scenes_.by_key) {
      if (!scene.kept) continue;
      const Scene* own = preferred(scene);
      if (!stages_.keeps(scene.merged->stage) && own != nullptr) scene.merged->stage = own->stage;
      scene.kept = stages_.keeps(scene.merged->stage);
    }
    for (auto& [key, touchpoint] : touchpoints_.by_key) {
      if (touchpoint.kept) stand_again(touchpoint);
    }
    for (auto& [key, transition] : transitions_.by_key) {
      transition.kept = transition.kept && touchpoints_.keeps(key.first) && touchpoints_.keeps(key.second);
    }
    for (auto& [key, failure_point] : failure_points_.by_key) {
      if (!failure_point.kept) continue;
      FailurePoint& merged = *failure_point.merged;
      const FailurePoint* own = preferred(failure_point);
      if (!stands(merged) && own != nullptr) {
        merged.touchpoint = own->touchpoint;
        merged.source = own->source;
        merged.target = own->target;
      }
      failure_point.kept = stands(merged);
    }
  }

  bool stands(const Touchpoint& t) const {
    return (t.stage.empty() || stages_.keeps(t.stage)) && (t.scene.empty() || scenes_.keeps(t.scene));
  }
  bool stands(const FailurePoint& f) const {
    return f.touchpoint.empty() ? transitions_.keeps(f.source, f.target) : touchpoints_.keeps(f.touchpoint);
  }

  // Where the preferred side has it, else in the stage of the scene that went, else nowhere.
  void stand_again(Element<Touchpoint>& touchpoint) const {
    Touchpoint& merged = *touchpoint.merged;
    if (stands(merged)) return;
    const Touchpoint* own = preferred(touchpoint);
    const std::string stage = merged.scene.empty() ? "" : scenes_.by_key.at({merged.scene, ""}).merged->stage;
    merged.stage = own != nullptr ? own->stage : stage;
    merged.scene = own != nullptr ? own->scene : "";
    if (!scenes_.keeps(merged.scene)) merged.scene.clear();
    if (!stages_.keeps(merged.stage)) merged.stage.clear();
  }

  template <class T>
  void add_in_order(JourneyMap& map, const Elements<T>& elements, std::string_view order_field) {
    std::set<Key> kept;
    for (const auto& [key, element] : elements.by_key) {
      cancellation_.check();
      if (element.kept) kept.insert(key);
    }
    const std::vector<Key> base = keys_of(elements.base), ours = keys_of(elements.ours),
                           theirs = keys_of(elements.theirs);
    const MergedOrder order = merge_order({&base, &ours, &theirs}, kept, prefer_);
    if (order.clash) {
      conflicts_.push_back({"map", "", "", std::string(order_field), shown(base), shown(ours), shown(theirs)});
    }
    for (const Key& key : order.keys) {
      cancellation_.check();
      map.add(*elements.by_key.at(key).merged);
    }
  }

  static io::Value shown(const std::vector<Key>& keys) {
    io::Array out;
    for (const Key& key : keys) out.emplace_back(key.first);
    return io::Value(std::move(out));
  }

  JourneyMap build() {
    JourneyMap map(about_);
    add_in_order(map, stages_, "order of stages");
    add_in_order(map, scenes_, "order of scenes");
    add_in_order(map, touchpoints_, "order of touchpoints");
    for (const auto& [key, transition] : transitions_.by_key) {
      cancellation_.check();
      if (transition.kept) map.add(*transition.merged);
    }
    add_in_order(map, failure_points_, "order of failure points");
    return map;
  }

  std::optional<Side> prefer_;
  const base::Cancellation& cancellation_;
  std::vector<Conflict> conflicts_;
  About about_;
  Elements<Stage> stages_;
  Elements<Scene> scenes_;
  Elements<Touchpoint> touchpoints_;
  Elements<Transition> transitions_;
  Elements<FailurePoint> failure_points_;
};

}  // namespace

Side side_named(std::string_view name) {
  if (name == "ours") return Side::Ours;
  if (name == "theirs") return Side::Theirs;
  throw base::InvalidInput("prefer is " + base::quote_safe(name) + "; expected 'ours', 'theirs' or none");
}

MergeResult merge(const JourneyMap& base, const JourneyMap& ours, const JourneyMap& theirs, std::optional<Side> prefer,
                  const base::Cancellation& cancellation) {
  return Merge(base, ours, theirs, prefer, cancellation).run();
}

}  // namespace journeykit::journey
