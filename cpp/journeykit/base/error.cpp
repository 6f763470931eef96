#include "journeykit/base/error.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <vector>

namespace journeykit::base {
namespace {

struct Decoded {
  std::uint32_t code_point = 0;
  std::size_t length = 0;  // 0: not well-formed here
};

Decoded decode(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const unsigned char lead = byte(at);
  if (lead < 0x80) return {lead, 1};
  std::size_t length = 0;
  std::uint32_t code = 0;
  std::uint32_t smallest = 0;
  if ((lead & 0xE0U) == 0xC0U) {
    length = 2, code = lead & 0x1FU, smallest = 0x80;
  } else if ((lead & 0xF0U) == 0xE0U) {
    length = 3, code = lead & 0x0FU, smallest = 0x800;
  } else if ((lead & 0xF8U) == 0xF0U) {
    length = 4, code = lead & 0x07U, smallest = 0x10000;
  } else {
    return {};
  }
  if (at + length > text.size()) return {};
  for (std::size_t k = 1; k < length; ++k) {
    if ((byte(at + k) & 0xC0U) != 0x80U) return {};
    code = (code << 6U) | (byte(at + k) & 0x3FU);
  }
  if (code < smallest || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
  return {code, length};
}

// Characters that move the cursor, hide text or turn its direction in a terminal or a page.
bool invisible(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x200B && code <= 0x200F) ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF || code == 0xFFFE ||
         code == 0xFFFF;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row.back();
}

}  // namespace

std::string quote_safe(std::string_view text, std::size_t limit) {
  std::string out = "'";
  std::size_t shown = 0;
  for (std::size_t at = 0; at < text.size(); ++shown) {
    if (shown == limit) {
      out += "…";
      break;
    }
    const Decoded decoded = decode(text, at);
    std::array<char, 16> escaped{};
    if (decoded.length == 0) {
      std::snprintf(escaped.data(), escaped.size(), "\\x%02x",
                    static_cast<unsigned>(static_cast<unsigned char>(text[at])));
      out += escaped.data();
      at += 1;
      continue;
    }
    if (invisible(decoded.code_point)) {
      std::snprintf(escaped.data(), escaped.size(), "\\u%04x", static_cast<unsigned>(decoded.code_point));
      out += escaped.data();
    } else {
      out.append(text.substr(at, decoded.length));
    }
    at += decoded.length;
  }
  out += "'";
  return out;
}

std::string nearest(std::string_view name, std::span<const std::string> candidates) {
  constexpr std::size_t longest_compared = 256;
  std::string best;
  std::size_t best_distance = std::numeric_limits<std::size_t>::max();
  const std::string_view wanted = name.substr(0, longest_compared);
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(wanted, std::string_view(candidate).substr(0, longest_compared));
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string not_found_message(std::string_view kind, std::string_view name, std::string_view place,
                              std::span<const std::string> candidates) {
  constexpr std::size_t most_searched = 10'000;  // the hint must not cost more than the call that failed
  std::string message = std::string(kind) + " " + quote_safe(name) + " is not in " + std::string(place) + " (" +
                        std::to_string(candidates.size()) + " " + std::string(kind) +
                        (candidates.size() == 1 ? "" : "s");
  const std::string hint = nearest(name, candidates.first(std::min(candidates.size(), most_searched)));
  if (!hint.empty()) message += "; nearest: " + quote_safe(hint);
  return message + ")";
}

bool valid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const Decoded decoded = decode(text, at);
    if (decoded.length == 0) return false;
    at += decoded.length;
  }
  return true;
}

}  // namespace journeykit::base
