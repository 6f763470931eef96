#include "journeykit/io/file.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "journeykit/base/error.hpp"

namespace journeykit::io {
namespace {

namespace fs = std::filesystem;

class File : public testing::Test {
 protected:
  File() {
    std::string name = (fs::temp_directory_path() / "journeykit-XXXXXX").string();
    folder = ::mkdtemp(name.data());
  }
  ~File() override { fs::remove_all(folder); }

  std::string in(const std::string& name) const { return (folder / name).string(); }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }

  fs::path folder;
};

template <class Call>
std::string message(const Call& call) {
  try {
    call();
    return "";
  } catch (const base::Error& error) {
    return error.what();
  }
}

TEST_F(File, what_was_saved_is_read_back_byte_for_byte) {
  std::string bytes(300'000, 'x');
  bytes[7] = '\0';
  save_atomically(in("a.json"), bytes);
  EXPECT_EQ(read_file(in("a.json")), bytes);
  save_atomically(in("a.json"), "short");
  EXPECT_EQ(read_file(in("a.json")), "short");
  save_atomically(in("a.json"), "");
  EXPECT_EQ(read_file(in("a.json")), "");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(File, a_missing_file_or_directory_is_not_found) {
  EXPECT_THROW(read_file(in("none.json")), base::NotFound);
  EXPECT_THROW(save_atomically(in("none/a.json"), "x"), base::NotFound);
  EXPECT_NE(
      message([&] { save_atomically(in("none/a.json"), "x"); }).find("its directory does not exist; create it first"),
      std::string::npos);
}

TEST_F(File, a_directory_a_pipe_and_a_device_are_refused) {
  ASSERT_EQ(::mkfifo(in("pipe").c_str(), 0600), 0);
  fs::create_symlink("/dev/full", in("full.json"));
  EXPECT_THROW(save_atomically(folder.string(), "x"), base::InvalidInput);
  EXPECT_THROW(read_file(folder.string()), base::InvalidInput);
  EXPECT_THROW(save_atomically(in("pipe"), "x"), base::InvalidInput);
  EXPECT_THROW(save_atomically(in("full.json"), "x"), base::InvalidInput);
  EXPECT_THROW(save_atomically("", "x"), base::InvalidInput);
  EXPECT_THROW(save_atomically(in(std::string("a\0b", 3)), "x"), base::InvalidInput);
  EXPECT_EQ(entries(), 2U);
}

TEST_F(File, a_pipe_without_a_writer_does_not_hang_the_reader) {
  ASSERT_EQ(::mkfifo(in("pipe").c_str(), 0600), 0);
  EXPECT_EQ(read_file(in("pipe")), "");
}

TEST_F(File, a_larger_file_than_the_limit_is_refused) {
  save_atomically(in("a"), "12345");
  EXPECT_EQ(read_file(in("a"), 5), "12345");
  EXPECT_THROW(read_file(in("a"), 4), base::InvalidInput);
  EXPECT_THROW(read_file("/dev/zero", 1000), base::InvalidInput);
}

TEST_F(File, a_symbolic_link_stays_and_its_target_is_replaced) {
  fs::create_directory(folder / "real");
  save_atomically(in("real/a.json"), "old");
  fs::create_symlink("real/a.json", folder / "link.json");
  fs::create_symlink("link.json", folder / "second.json");
  save_atomically(in("second.json"), "new");
  EXPECT_TRUE(fs::is_symlink(folder / "second.json"));
  EXPECT_TRUE(fs::is_symlink(folder / "link.json"));
  EXPECT_EQ(read_file(in("real/a.json")), "new");
  fs::create_symlink("loop", folder / "loop");
  EXPECT_THROW(save_atomically(in("loop"), "x"), base::Error);
}

TEST_F(File, the_mode_of_the_old_file_is_kept) {
  save_atomically(in("a"), "old");
  ASSERT_EQ(::chmod(in("a").c_str(), 0640), 0);
  save_atomically(in("a"), "new");
  struct stat status = {};
  ASSERT_EQ(::stat(in("a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0640U);
}

TEST_F(File, a_full_disk_leaves_the_old_file_and_no_temporary) {
  save_atomically(in("a"), "old");
  struct rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const struct rlimit small = {1000, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);  // the write of 5000 bytes is short first, then fails
  const std::string why = message([&] { save_atomically(in("a"), std::string(5000, 'x')); });
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_NE(why.find("File too large; the old file is unchanged"), std::string::npos) << why;
  EXPECT_EQ(read_file(in("a")), "old");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(File, left_over_temporary_files_do_not_stop_a_save) {
  for (int k = 0; k < 3; ++k) {
    save_atomically(in(".a." + std::to_string(::getpid()) + "-" + std::to_string(k) + ".tmp"), "left over");
  }
  save_atomically(in("a"), "new");
  EXPECT_EQ(read_file(in("a")), "new");
  EXPECT_EQ(entries(), 4U);
}

TEST_F(File, readers_and_two_writers_only_ever_see_whole_files) {
  const std::string one(40'000, '1'), two(50'000, '2');
  save_atomically(in("a"), one);
  const auto write = [&](const std::string& bytes) {
    for (int k = 0; k < 100; ++k) save_atomically(in("a"), bytes);
  };
  std::thread first(write, one), second(write, two);
  bool whole = true;
  for (int k = 0; k < 300; ++k) {
    const std::string seen = read_file(in("a"));
    whole = whole && (seen == one || seen == two);
  }
  first.join();
  second.join();
  EXPECT_TRUE(whole);
  EXPECT_EQ(entries(), 1U);
}

}  // namespace
}  // namespace journeykit::io
