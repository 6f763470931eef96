// Shared by the rules of validate(): they report here.
#pragma once

#include "journeykit/journey/detail_moves.hpp"
#include "journeykit/journey/validate.hpp"

namespace journeykit::journey {

struct Rule {
  Severity severity;
  std::string_view id, way_out;
};

class Findings {
 public:
  Findings(const JourneyMap& map, const Moves& moves, const base::Cancellation& cancellation)
      : map_(map), moves_(moves), cancellation_(cancellation) {}

  void map(const Rule& rule, const std::string& message);
  void stage(const Rule& rule, std::size_t k, const std::string& message);
  void scene(const Rule& rule, std::size_t k, const std::string& message);
  void touchpoint(const Rule& rule, std::size_t k, const std::string& message);
  void transition(const Rule& rule, std::size_t k, const std::string& message);
  void failure_point(const Rule& rule, std::size_t k, const std::string& message);
  std::vector<Finding> sorted() &&;

 private:
  struct Reported {
    Finding finding;
    std::size_t kind, position;  // in the order of the saved map
  };
  void add(const Rule& rule, std::size_t kind, std::size_t position, const std::string& id, const std::string& message);

  const JourneyMap& map_;
  const Moves& moves_;
  const base::Cancellation& cancellation_;
  std::vector<Reported> list_;
};

void check_numbers(const JourneyMap& map, const Moves& moves, Findings& findings);  // validate_numbers.cpp

}  // namespace journeykit::journey
