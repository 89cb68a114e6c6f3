#include "client/fwu/tar_reader.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status.h"

namespace bootseal::fwu {
namespace {

constexpr std::uint64_t kBlockBytes = 512;
constexpr std::uint64_t kEndBytes = 2 * kBlockBytes;
// A release is no larger; keeps sums from running over.
constexpr std::uint64_t kMaxMemberBytes = std::uint64_t{1} << 40;

absl::Status Bad(absl::string_view reason, absl::string_view what) {
  return base::Invalid(reason, "bundle", absl::StrCat("the bundle ", what));
}

absl::Status Truncated(std::uint64_t size) {
  return Bad("BUNDLE_TRUNCATED", absl::StrCat("is cut short: it has ", size,
                                              " bytes and is not complete"));
}

bool LeadsOutside(absl::string_view path) {
  if (absl::StartsWith(path, "/")) return true;
  const std::vector<absl::string_view> parts = absl::StrSplit(path, '/');
  return std::find(parts.begin(), parts.end(), "..") != parts.end();
}

}  // namespace

struct TarReader::Input {
  ByteSource& source;
  std::uint64_t offset = 0;
  std::vector<std::byte> buffer;
  absl::Status status;

  static la_ssize_t Fill(struct archive* archive, void* self,
                         const void** bytes) {
    Input& input = *static_cast<Input*>(self);
    const std::uint64_t left = input.source.size() - input.offset;
    const std::size_t count = static_cast<std::size_t>(
        std::min<std::uint64_t>(left, input.buffer.size()));
    input.status =
        input.source.ReadAt(input.offset, std::span(input.buffer).first(count));
    if (!input.status.ok()) {
      archive_set_error(archive, EIO, "cannot be read");
      return ARCHIVE_FATAL;
    }
    input.offset += count;
    *bytes = input.buffer.data();
    return static_cast<la_ssize_t>(count);
  }
};

TarReader::TarReader(ByteSource& source)
    : source_(source),
      input_(new Input{source, 0, std::vector<std::byte>(64 << 10), {}}),
      archive_(archive_read_new()) {}

TarReader::~TarReader() { archive_read_free(archive_); }

absl::Status TarReader::Damaged() const {
  RETURN_IF_ERROR(input_->status);
  if (source_.size() < next_ + kBlockBytes) return Truncated(source_.size());
  const char* text = archive_error_string(archive_);
  return Bad("BUNDLE_FORMAT", absl::StrCat("is no plain tar: ",
                                           text == nullptr ? "damaged" : text));
}

// Once: an archive that is open has been read from.
absl::Status TarReader::Open() {
  if (input_->offset != 0) return absl::OkStatus();
  archive_read_support_format_tar(archive_);
  if (archive_read_open(archive_, input_.get(), nullptr, Input::Fill,
                        nullptr) != ARCHIVE_OK) {
    return Damaged();
  }
  return absl::OkStatus();
}

absl::Status TarReader::CheckEnd() const {
  if (source_.size() < next_ + kEndBytes) return Truncated(source_.size());
  std::array<std::byte, kBlockBytes> block;
  for (std::uint64_t at = next_; at < source_.size(); at += kBlockBytes) {
    const auto part = std::span(block).first(static_cast<std::size_t>(
        std::min<std::uint64_t>(kBlockBytes, source_.size() - at)));
    RETURN_IF_ERROR(source_.ReadAt(at, part));
    if (std::any_of(part.begin(), part.end(),
                    [](std::byte byte) { return byte != std::byte{0}; })) {
      return Bad("BUNDLE_FORMAT",
                 absl::StrCat("has something else than members at byte ", at));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<TarReader::Member> TarReader::Checked(::archive_entry* entry) {
  const char* path = archive_entry_pathname(entry);
  Member member{path == nullptr ? "" : path, 0};
  if (member.path.empty() || LeadsOutside(member.path)) {
    return Bad("BUNDLE_PATH", absl::StrCat("has a member with the path \"",
                                           member.path, "\""));
  }
  if (archive_entry_filetype(entry) != AE_IFREG ||
      archive_entry_hardlink(entry) != nullptr ||
      archive_entry_sparse_count(entry) > 0) {
    return Bad("BUNDLE_LINK",
               absl::StrCat("has ", member.path,
                            ", which is no regular file of its own"));
  }
  const la_int64_t size = archive_entry_size(entry);
  if (size < 0 || static_cast<std::uint64_t>(size) > kMaxMemberBytes) {
    return Bad("BUNDLE_FORMAT",
               absl::StrCat("has ", member.path, " of ", size, " bytes"));
  }
  member.size = static_cast<std::uint64_t>(size);
  return member;
}

absl::StatusOr<std::optional<TarReader::Member>> TarReader::Next() {
  RETURN_IF_ERROR(Open());
  ::archive_entry* entry = nullptr;
  const int result = archive_read_next_header(archive_, &entry);
  if (result != ARCHIVE_OK && result != ARCHIVE_EOF) return Damaged();
  const la_int64_t position = archive_read_header_position(archive_);
  if (position < 0 || static_cast<std::uint64_t>(position) != next_) {
    return Bad("BUNDLE_FORMAT",
               absl::StrCat("has an extension header before byte ", position));
  }
  if (result == ARCHIVE_EOF) {
    RETURN_IF_ERROR(CheckEnd());
    return std::nullopt;
  }
  ASSIGN_OR_RETURN(Member member, Checked(entry));
  next_ +=
      kBlockBytes + (member.size + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
  if (source_.size() < next_ + kEndBytes) return Truncated(source_.size());
  return member;
}

absl::Status TarReader::Read(image::MutableBytes to) {
  while (!to.empty()) {
    const la_ssize_t count = archive_read_data(archive_, to.data(), to.size());
    if (count <= 0) return Damaged();
    to = to.subspan(static_cast<std::size_t>(count));
  }
  return absl::OkStatus();
}

}  // namespace bootseal::fwu
