#include "client/fwu/number_source.h"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/file.h"
#include "base/status.h"
#include "client/fwu/descriptor.h"
#include "firmware/image/bytes.h"

namespace bootseal::fwu {
namespace {

constexpr std::size_t kMaxTextBytes = 4096;

enum class Kind { kFile, kBinary, kRegister };

struct Source {
  Kind kind = Kind::kFile;
  std::string path;
  std::uint64_t offset = 0;
};

std::optional<Source> Parse(absl::string_view text) {
  Source source;
  if (absl::ConsumePrefix(&text, "file:") && !text.empty()) {
    source.path = std::string(text);
    return source;
  }
  if (absl::ConsumePrefix(&text, "devmem:")) {
    source.kind = Kind::kRegister;
    source.path = "/dev/mem";
    const auto address = ParseNumber(text);
    if (!address || *address % 4 != 0) return std::nullopt;
    source.offset = *address;
    return source;
  }
  if (!absl::ConsumePrefix(&text, "binary:")) return std::nullopt;
  const std::size_t at = text.rfind('@');
  if (at == absl::string_view::npos || at == 0) return std::nullopt;
  const auto offset = ParseNumber(text.substr(at + 1));
  if (!offset) return std::nullopt;
  return Source{Kind::kBinary, std::string(text.substr(0, at)), *offset};
}

absl::Status Invalid(absl::string_view name, absl::string_view source) {
  return base::Invalid(
      "SOURCE_INVALID", name,
      absl::StrCat(name, " = \"", source,
                   "\", expected file:PATH, binary:PATH@OFFSET or "
                   "devmem:ADDRESS"));
}

absl::StatusOr<std::uint32_t> FromText(absl::string_view name,
                                       const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, base::ReadFile(path, kMaxTextBytes));
  const auto number = ParseNumber(absl::StripAsciiWhitespace(text));
  if (number && *number <= std::numeric_limits<std::uint32_t>::max()) {
    return static_cast<std::uint32_t>(*number);
  }
  return base::Precondition(
      "NUMBER_INVALID",
      absl::StrCat(name, ": ", path, " holds no number of 32 bits"));
}

absl::StatusOr<std::uint32_t> FromBinary(const Source& source) {
  ASSIGN_OR_RETURN(const Descriptor file,
                   Descriptor::Open(source.path, Access::kRead));
  std::array<std::byte, 4> bytes;
  const absl::Status status = file.ReadAt(source.offset, bytes);
  if (!status.ok()) {
    return base::Precondition("FILE_UNREADABLE", status.message());
  }
  return image::Reader(bytes).U32();
}

// The page of one register.
class MappedRegister {
 public:
  static absl::StatusOr<MappedRegister> Map(const Source& source,
                                            Access access) {
    ASSIGN_OR_RETURN(const Descriptor memory,
                     Descriptor::Open(source.path, access));
    const std::uint64_t page = static_cast<std::uint64_t>(getpagesize());
    const std::uint64_t start = source.offset / page * page;
    const int protection =
        access == Access::kRead ? PROT_READ : PROT_READ | PROT_WRITE;
    void* mapped = mmap(nullptr, page, protection, MAP_SHARED, memory.number(),
                        static_cast<off_t>(start));
    if (mapped != MAP_FAILED) {
      return MappedRegister(mapped, page, source.offset - start);
    }
    return base::Precondition(
        "FILE_UNREADABLE",
        absl::StrCat("cannot map /dev/mem at ", source.offset, ": ",
                     std::strerror(errno)));
  }
  ~MappedRegister() {
    if (mapped_ != nullptr) munmap(mapped_, size_);
  }
  MappedRegister(MappedRegister&& other) noexcept
      : mapped_(std::exchange(other.mapped_, nullptr)),
        size_(other.size_),
        offset_(other.offset_) {}
  MappedRegister& operator=(MappedRegister&&) = delete;

  volatile std::uint32_t& value() const {
    return *reinterpret_cast<volatile std::uint32_t*>(
        static_cast<char*>(mapped_) + offset_);
  }

 private:
  MappedRegister(void* mapped, std::size_t size, std::uint64_t offset)
      : mapped_(mapped), size_(size), offset_(offset) {}

  void* mapped_;
  std::size_t size_;
  std::uint64_t offset_;
};

absl::StatusOr<std::uint32_t> FromRegister(const Source& source) {
  ASSIGN_OR_RETURN(const MappedRegister mapped,
                   MappedRegister::Map(source, Access::kRead));
  return mapped.value();
}

absl::Status ToBinary(const Source& source, std::uint32_t value) {
  ASSIGN_OR_RETURN(const Descriptor file,
                   Descriptor::Open(source.path, Access::kReadWrite));
  std::array<std::byte, 4> bytes;
  image::Writer(bytes).U32(value);
  absl::Status status = file.WriteAt(source.offset, bytes);
  if (status.ok()) status = file.Flush();
  if (status.ok()) return status;
  return base::Precondition("FILE_UNWRITABLE", status.message());
}

absl::Status ToRegister(const Source& source, std::uint32_t value) {
  ASSIGN_OR_RETURN(const MappedRegister mapped,
                   MappedRegister::Map(source, Access::kReadWrite));
  mapped.value() = value;
  return absl::OkStatus();
}

}  // namespace

std::optional<std::uint64_t> ParseNumber(absl::string_view text) {
  std::uint64_t number = 0;
  const bool hex = absl::ConsumePrefix(&text, "0x");
  const bool good = hex ? absl::SimpleHexAtoi(text, &number)
                        : absl::SimpleAtoi(text, &number);
  if (!good || text.empty()) return std::nullopt;
  return number;
}

absl::Status CheckNumberSource(absl::string_view name,
                               const std::string& source) {
  return Parse(source) ? absl::OkStatus() : Invalid(name, source);
}

absl::StatusOr<std::uint32_t> ReadNumber(absl::string_view name,
                                         const std::string& source) {
  const std::optional<Source> parsed = Parse(source);
  if (!parsed) return Invalid(name, source);
  switch (parsed->kind) {
    case Kind::kFile:
      return FromText(name, parsed->path);
    case Kind::kBinary:
      return FromBinary(*parsed);
    case Kind::kRegister:
      return FromRegister(*parsed);
  }
  return base::Internal("a source of no kind");
}

absl::Status WriteNumber(absl::string_view name, const std::string& source,
                         std::uint32_t value) {
  const std::optional<Source> parsed = Parse(source);
  if (!parsed || parsed->kind == Kind::kFile) return Invalid(name, source);
  RETURN_IF_ERROR(parsed->kind == Kind::kBinary ? ToBinary(*parsed, value)
                                                : ToRegister(*parsed, value));
  ASSIGN_OR_RETURN(const std::uint32_t back, ReadNumber(name, source));
  if (back == value) return absl::OkStatus();
  return base::Precondition(
      "FILE_UNWRITABLE", absl::StrCat(name, ": ", source,
                                      " does not keep what is written; is it "
                                      "writable from Linux?"));
}

}  // namespace bootseal::fwu
