// Feeds files, or the files of folders, to a fuzz target: how every build re-runs the corpus, with any compiler.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "journeykit/io/file.hpp"
#include "support.hpp"

int main(int count, char** arguments) {
  namespace fs = std::filesystem;
  std::vector<fs::path> files;
  for (int k = 1; k < count; ++k) {
    if (!fs::is_directory(arguments[k])) {
      files.emplace_back(arguments[k]);
      continue;
    }
    for (const auto& entry : fs::directory_iterator(arguments[k])) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    const std::string bytes = journeykit::io::read_file(file.string());
    std::fprintf(stderr, "%s\n", file.filename().string().c_str());  // the last one named is the one that failed
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  }
  std::printf("%zu files, no finding\n", files.size());
  return files.empty() ? 1 : 0;
}
