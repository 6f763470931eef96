// Whole files in and out. A save is all or nothing: readers see the old bytes or the new ones, never a mixture, also
// after a crash or a power cut.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace journeykit::io {

inline constexpr std::size_t kLargestFile = std::size_t{512} << 20U;

// Throws NotFound when there is no such file, InvalidInput for a directory or more than `limit` bytes, Error when the
// system refuses. Pipes are read to their end.
std::string read_file(const std::string& path, std::size_t limit = kLargestFile);

// Writes a temporary file beside `path`, flushes it to the disk, renames it over `path` and flushes the directory. A
// symbolic link is followed and its target replaced; the mode of the old file is kept. After any error the old file
// is as it was and no temporary file is left. Throws NotFound for a missing directory, InvalidInput when `path` is a
// directory, pipe or device, Error when the system refuses.
void save_atomically(const std::string& path, std::string_view bytes);

}  // namespace journeykit::io
