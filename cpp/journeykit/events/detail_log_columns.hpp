// How the columns of a log are read by their role: what each must hold, and in which one form.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "journeykit/base/cancel.hpp"
#include "journeykit/base/table.hpp"
#include "journeykit/events/log.hpp"

namespace journeykit::events {

// Rows of a column that one thread looks at before it asks for the next.
inline constexpr std::size_t kRowsAtOnce = std::size_t{1} << 17U;

std::string role_label(Role role, const std::string& column);
// Identifiers as text. Throws InvalidInput for decimals and times.
base::Values as_category(Role role, const std::string& column, const base::Values& values);
// Throws InvalidInput when the column holds no times.
std::span<const std::int64_t> time_values(Role role, const std::string& column, const base::Values& values);
// The order column as whole numbers in the same order, exactly: sequence numbers and times have more digits than a
// double. Missing last.
std::vector<std::int64_t> order_values(const std::string& column, const base::Values& values);
// A metric column as decimals; answers outside the scale become missing and are counted.
base::Reals metric_column(const Metric& metric, const base::Values& values, std::int64_t& out_of_scale);
// Throws InvalidInput for a name twice or an empty scale.
void check_metrics(const std::vector<Metric>& metrics);
std::int64_t count_missing(const base::Values& values);
// Only the values that occur, in byte order: codes then depend on the content alone, not on its history. Nothing when
// they stand so already.
std::optional<base::Category> canonical(const base::Category& category, const base::Cancellation& cancellation);

}  // namespace journeykit::events
