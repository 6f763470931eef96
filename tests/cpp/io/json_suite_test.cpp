// The files of nst/JSONTestSuite, where they are at hand: y_ is JSON, n_ is not, i_ is left to the reader.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "journeykit/base/error.hpp"
#include "journeykit/io/file.hpp"
#include "journeykit/io/json.hpp"

namespace journeykit::io {
namespace {

namespace fs = std::filesystem;

fs::path suite() {
  const char* shared = std::getenv("JOURNEYKIT_SHARED");
  const fs::path folder = shared != nullptr
                              ? fs::path(shared)
                              : fs::path(JOURNEYKIT_TEST_DATA).parent_path().parent_path().parent_path() / "shared";
  return folder / "data" / "jsontestsuite";
}

bool accepted(const std::string& text) {
  try {
    const Value value = parse_json(text);
    EXPECT_EQ(parse_json(write_json(value)), value);
    return true;
  } catch (const base::InvalidInput& error) {
    EXPECT_EQ(std::string(error.what()).substr(0, 4), "JSON");
    return false;
  }
}

std::map<std::string, bool> verdicts(const std::string& part) {
  std::map<std::string, bool> out;
  for (const fs::directory_entry& entry : fs::directory_iterator(suite() / part)) {
    out.emplace(entry.path().filename().string(), accepted(read_file(entry.path().string())));
  }
  return out;
}

TEST(JsonTestSuite, all_parsing_files_are_handled_and_no_n_file_is_accepted) {
  if (!fs::is_directory(suite())) GTEST_SKIP() << "JSONTestSuite is not here: set JOURNEYKIT_SHARED";
  std::map<char, int> files, passed;
  std::set<std::string> refused, left_open;
  for (const auto& [name, verdict] : verdicts("test_parsing")) {
    ++files[name[0]];
    passed[name[0]] += verdict ? 1 : 0;
    EXPECT_FALSE(name[0] == 'n' && verdict) << name;
    if (name[0] == 'y' && !verdict) refused.insert(name);
    if (name[0] == 'i' && verdict) left_open.insert(name);
  }
  EXPECT_EQ(files, (std::map<char, int>{{'i', 35}, {'n', 188}, {'y', 95}}));
  // RFC 8259 lets keys stand twice; this reader does not, since one value would be lost in silence.
  EXPECT_EQ(refused, (std::set<std::string>{"y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"}));
  // A byte order mark is skipped; a number too small for a double is 0.
  EXPECT_EQ(left_open, (std::set<std::string>{"i_number_double_huge_neg_exp.json", "i_number_real_underflow.json",
                                              "i_structure_UTF-8_BOM_empty_object.json"}));
}

TEST(JsonTestSuite, all_transform_files_are_handled) {
  if (!fs::is_directory(suite())) GTEST_SKIP() << "JSONTestSuite is not here: set JOURNEYKIT_SHARED";
  EXPECT_EQ(verdicts("test_transform").size(), 22U);
}

}  // namespace
}  // namespace journeykit::io
