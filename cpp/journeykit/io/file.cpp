// file.hpp on POSIX systems; file_windows.cpp has the other.
#ifndef _WIN32

#include "journeykit/io/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "journeykit/base/error.hpp"

namespace journeykit::io {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNothingChanged = "nothing was changed";

[[noreturn]] void fail(const std::string& doing, const std::string& path, int code, const std::string& way_out) {
  throw base::Error(doing + " " + base::quote_safe(path, 200) + ": " + std::generic_category().message(code) + "; " +
                    way_out);
}

class Descriptor {  // closes when left; close() reports
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }
  int get() const { return number_; }
  bool close() {
    if (number_ < 0) return true;
    return ::close(std::exchange(number_, -1)) == 0 || errno == EINTR;
  }

 private:
  int number_;
};

class Temporary {  // removed when left, unless it was kept
 public:
  explicit Temporary(std::string path) : path_(std::move(path)) {}
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() {
    if (!kept_) ::unlink(path_.c_str());
  }
  const std::string& path() const { return path_; }
  void keep() { kept_ = true; }

 private:
  std::string path_;
  bool kept_ = false;
};

void check_path(const std::string& path) {
  if (path.empty()) throw base::InvalidInput("the file path is empty; name a file");
  if (path.find('\0') != std::string::npos) {
    throw base::InvalidInput("the file path " + base::quote_safe(path) + " holds a NUL byte; remove it");
  }
}

// Once more while a signal interrupts it; not for ever, should a file system never say anything else.
template <class Call>
auto retrying(const Call& call) {
  constexpr int most_interruptions = 10'000;
  auto result = call();
  for (int k = 0; result < 0 && errno == EINTR && k < most_interruptions; ++k) result = call();
  return result;
}

int open_retrying(const std::string& path, int flags, mode_t mode = 0) {
  return retrying([&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); });
}

// The file behind a chain of symbolic links; the last one may not exist yet.
fs::path follow_links(fs::path path) {
  constexpr int longest_chain = 40;
  std::error_code error;
  for (int k = 0;; ++k) {
    const fs::file_status status = fs::symlink_status(path, error);
    if (status.type() == fs::file_type::none) fail("cannot save to", path.string(), error.value(), kNothingChanged);
    if (!fs::is_symlink(status)) return path;
    const fs::path next = fs::read_symlink(path, error);
    if (error || k == longest_chain) {
      fail("cannot follow the link", path.string(), error ? error.value() : ELOOP, "name the file itself");
    }
    path = path.parent_path() / next;  // an absolute link replaces the whole
  }
}

// The mode of the file that will be replaced; nothing when there is none yet.
std::optional<mode_t> replaced_mode(const std::string& path) {
  struct stat old = {};
  if (::stat(path.c_str(), &old) != 0) {
    if (errno == ENOENT) return std::nullopt;
    fail("cannot save to", path, errno, kNothingChanged);
  }
  if (S_ISDIR(old.st_mode)) {
    throw base::InvalidInput("cannot save to " + base::quote_safe(path, 200) +
                             ": it is a directory; name a file in it");
  }
  if (!S_ISREG(old.st_mode)) {
    throw base::InvalidInput("cannot save to " + base::quote_safe(path, 200) +
                             ": it is a pipe, socket or device, not a file; choose another path");
  }
  if (::access(path.c_str(), W_OK) != 0) fail("cannot save to", path, errno, "the file was not changed");
  return old.st_mode & 07777U;
}

struct Opened {
  int number;
  std::string path;
};

// A new file beside `target` under a name that nobody else holds.
Opened open_temporary(const fs::path& target, bool replaces) {
  constexpr int most_names = 10'000;
  const mode_t mode = replaces ? 0600 : 0666;  // private until it has the mode of the old file
  constexpr std::size_t longest_name = 200;    // of the 255 bytes that file systems allow
  const std::string name = target.filename().string();
  const std::string stem =
      "." + (name.size() <= longest_name ? name : "journeykit") + "." + std::to_string(::getpid()) + "-";
  for (int k = 0; k < most_names; ++k) {
    std::string path = (target.parent_path() / (stem + std::to_string(k) + ".tmp")).string();
    const int number = open_retrying(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
    if (number >= 0) return {number, std::move(path)};
    if (errno != EEXIST) fail("cannot save to", target.string(), errno, kNothingChanged);
  }
  fail("cannot save to", target.string(), EEXIST, "remove the left-over .tmp files beside it");
}

bool write_all(int number, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = retrying([&] { return ::write(number, bytes.data(), bytes.size()); });
    if (written == 0) errno = EIO;  // neither bytes nor a reason
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));  // a short write goes on with the rest
  }
  return true;
}

bool flush(int number) {
  return retrying([&] { return ::fsync(number); }) == 0;
}

int open_directory_of(const fs::path& target) {
  const std::string directory = target.has_parent_path() ? target.parent_path().string() : ".";
  const int number = open_retrying(directory, O_RDONLY | O_DIRECTORY);
  if (number >= 0) return number;
  if (errno == ENOENT || errno == ENOTDIR) {
    throw base::NotFound("cannot save to " + base::quote_safe(target.string(), 200) +
                         ": its directory does not exist; create it first");
  }
  fail("cannot save to", target.string(), errno, kNothingChanged);
}

}  // namespace

std::string read_file(const std::string& path, std::size_t limit) {
  check_path(path);
  // Not to wait for ever on a pipe that nobody writes to.
  const Descriptor file(open_retrying(path, O_RDONLY | O_NONBLOCK));
  if (file.get() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) {
      throw base::NotFound("file " + base::quote_safe(path, 200) + " does not exist; check the path");
    }
    fail("cannot read", path, errno, "check the path and its permissions");
  }
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) fail("cannot read", path, errno, "check the path");
  if (S_ISDIR(status.st_mode)) {
    throw base::InvalidInput("cannot read " + base::quote_safe(path, 200) + ": it is a directory; name a file in it");
  }
  ::fcntl(file.get(), F_SETFL, 0);
  const std::string too_large = "cannot read " + base::quote_safe(path, 200) + ": it has more than " +
                                std::to_string(limit) + " bytes; raise the limit or split the file";
  const bool regular = S_ISREG(status.st_mode);
  if (regular && static_cast<std::size_t>(status.st_size) > limit) throw base::InvalidInput(too_large);
  constexpr std::size_t block = std::size_t{1} << 16U;
  std::string bytes;
  std::size_t used = 0;
  bytes.resize(regular ? static_cast<std::size_t>(status.st_size) + 1 : block);
  for (;;) {
    if (used == bytes.size()) bytes.resize(bytes.size() * 2);
    const ssize_t got = retrying([&] { return ::read(file.get(), bytes.data() + used, bytes.size() - used); });
    if (got < 0) fail("cannot read", path, errno, "check the path and its permissions");
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
    if (used > limit) throw base::InvalidInput(too_large);
  }
  bytes.resize(used);
  return bytes;
}

void save_atomically(const std::string& path, std::string_view bytes) {
  check_path(path);
  const fs::path target = follow_links(path);
  const std::optional<mode_t> mode = replaced_mode(target.string());
  const Descriptor directory(open_directory_of(target));  // before anything is changed, for what follows the rename
  Opened opened = open_temporary(target, mode.has_value());
  Descriptor file(opened.number);
  Temporary temporary(std::move(opened.path));
  const std::string unchanged = mode ? "the old file is unchanged" : "nothing was saved";
  if ((mode && ::fchmod(file.get(), *mode) != 0) || !write_all(file.get(), bytes) || !flush(file.get()) ||
      !file.close() || ::rename(temporary.path().c_str(), target.c_str()) != 0) {
    fail("cannot save to", path, errno, unchanged);
  }
  temporary.keep();
  // Makes the rename itself durable. Some file systems cannot flush a directory and say EINVAL.
  if (!flush(directory.get()) && errno != EINVAL) {
    fail("saved, but could not flush the directory of", path, errno, "a power cut may bring the old file back");
  }
}

}  // namespace journeykit::io

#endif
