// file.hpp on Windows; file.cpp has the other systems.
#ifdef _WIN32

#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <windows.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "journeykit/base/error.hpp"
#include "journeykit/io/file.hpp"

namespace journeykit::io {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& doing, const std::string& path, DWORD code, const std::string& way_out) {
  throw base::Error(doing + " " + base::quote_safe(path, 200) + ": " +
                    std::system_category().message(static_cast<int>(code)) + "; " + way_out);
}

class Handle {  // closes when left; close() reports
 public:
  explicit Handle(HANDLE handle) : handle_(handle) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { close(); }
  HANDLE get() const { return handle_; }
  bool valid() const { return handle_ != INVALID_HANDLE_VALUE; }
  bool close() { return !valid() || ::CloseHandle(std::exchange(handle_, INVALID_HANDLE_VALUE)) != 0; }

 private:
  HANDLE handle_;
};

class Temporary {  // removed when left, unless it was kept
 public:
  explicit Temporary(fs::path path) : path_(std::move(path)) {}
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() {
    if (!kept_) ::DeleteFileW(path_.c_str());
  }
  const fs::path& path() const { return path_; }
  void keep() { kept_ = true; }

 private:
  fs::path path_;
  bool kept_ = false;
};

fs::path native(const std::string& path) {
  if (path.empty()) throw base::InvalidInput("the file path is empty; name a file");
  if (path.find('\0') != std::string::npos) {
    throw base::InvalidInput("the file path " + base::quote_safe(path) + " holds a NUL byte; remove it");
  }
  if (!base::valid_utf8(path)) {
    throw base::InvalidInput("the file path " + base::quote_safe(path) + " is not UTF-8; name another file");
  }
  return fs::path(std::u8string(path.begin(), path.end()));
}

fs::path follow_links(fs::path path, const std::string& shown) {
  constexpr int longest_chain = 40;
  std::error_code error;
  for (int k = 0; fs::is_symlink(fs::symlink_status(path, error)); ++k) {
    const fs::path next = fs::read_symlink(path, error);
    if (error || k == longest_chain) {
      fail("cannot follow the link", shown, error ? static_cast<DWORD>(error.value()) : ERROR_CANT_RESOLVE_FILENAME,
           "name the file itself");
    }
    path = path.parent_path() / next;
  }
  return path;
}

struct Opened {
  HANDLE handle;
  fs::path path;
};

// A new file beside `target` under a name that nobody else holds.
Opened open_temporary(const fs::path& target, const std::string& shown) {
  constexpr int most_names = 10'000;
  const std::wstring stem = L".journeykit." + std::to_wstring(::GetCurrentProcessId()) + L"-";
  for (int k = 0; k < most_names; ++k) {
    fs::path path = target.parent_path() / (stem + std::to_wstring(k) + L".tmp");
    const HANDLE handle =
        ::CreateFileW(path.c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr);
    if (handle != INVALID_HANDLE_VALUE) return {handle, std::move(path)};
    const DWORD code = ::GetLastError();
    if (code == ERROR_PATH_NOT_FOUND) {
      throw base::NotFound("cannot save to " + base::quote_safe(shown, 200) +
                           ": its directory does not exist; create it first");
    }
    if (code != ERROR_FILE_EXISTS) fail("cannot save to", shown, code, "nothing was changed");
  }
  fail("cannot save to", shown, ERROR_FILE_EXISTS, "remove the left-over .tmp files beside it");
}

bool write_all(HANDLE handle, std::string_view bytes) {
  constexpr std::size_t block = std::size_t{1} << 24U;
  while (!bytes.empty()) {
    DWORD written = 0;
    const auto size = static_cast<DWORD>(std::min(bytes.size(), block));
    if (::WriteFile(handle, bytes.data(), size, &written, nullptr) == 0) return false;
    bytes.remove_prefix(written);
  }
  return true;
}

}  // namespace

std::string read_file(const std::string& path, std::size_t limit) {
  const fs::path file = native(path);
  if (fs::is_directory(file)) {
    throw base::InvalidInput("cannot read " + base::quote_safe(path, 200) + ": it is a directory; name a file in it");
  }
  const Handle handle(::CreateFileW(file.c_str(), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                    nullptr, OPEN_EXISTING, FILE_FLAG_SEQUENTIAL_SCAN, nullptr));
  if (!handle.valid()) {
    const DWORD code = ::GetLastError();
    if (code == ERROR_FILE_NOT_FOUND || code == ERROR_PATH_NOT_FOUND) {
      throw base::NotFound("file " + base::quote_safe(path, 200) + " does not exist; check the path");
    }
    fail("cannot read", path, code, "check the path and its permissions");
  }
  constexpr std::size_t block = std::size_t{1} << 20U;
  std::string bytes;
  for (;;) {
    const std::size_t used = bytes.size();
    bytes.resize(used + block);
    DWORD got = 0;
    if (::ReadFile(handle.get(), bytes.data() + used, static_cast<DWORD>(block), &got, nullptr) == 0) {
      if (::GetLastError() != ERROR_BROKEN_PIPE) fail("cannot read", path, ::GetLastError(), "check the path");
      got = 0;  // the end of a pipe
    }
    bytes.resize(used + got);
    if (bytes.size() > limit) {
      throw base::InvalidInput("cannot read " + base::quote_safe(path, 200) + ": it has more than " +
                               std::to_string(limit) + " bytes; raise the limit or split the file");
    }
    if (got == 0) return bytes;
  }
}

void save_atomically(const std::string& path, std::string_view bytes) {
  const fs::path target = follow_links(native(path), path);
  std::error_code error;
  const fs::file_status old = fs::status(target, error);
  if (fs::is_directory(old)) {
    throw base::InvalidInput("cannot save to " + base::quote_safe(path, 200) +
                             ": it is a directory; name a file in it");
  }
  if (fs::exists(old) && !fs::is_regular_file(old)) {
    throw base::InvalidInput("cannot save to " + base::quote_safe(path, 200) +
                             ": it is a pipe or device, not a file; choose another path");
  }
  Opened opened = open_temporary(target, path);
  Handle file(opened.handle);
  Temporary temporary(std::move(opened.path));
  if (!write_all(file.get(), bytes) || ::FlushFileBuffers(file.get()) == 0 || !file.close() ||
      ::MoveFileExW(temporary.path().c_str(), target.c_str(), MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH) ==
          0) {
    const DWORD code = ::GetLastError();
    file.close();  // an open file cannot be removed
    fail("cannot save to", path, code, fs::exists(old) ? "the old file is unchanged" : "nothing was saved");
  }
  temporary.keep();
}

}  // namespace journeykit::io

#endif
