#include <journeykit/base/error.hpp>
#include <journeykit/base/table.hpp>

int main() {
  journeykit::base::Table table;
  table.add("touchpoint", journeykit::base::categorize({"pay", "browse", "pay"}));
  try {
    table.at("touchpiont");
  } catch (const journeykit::base::NotFound&) {
    return table.rows == 3 ? 0 : 1;
  }
  return 1;
}
