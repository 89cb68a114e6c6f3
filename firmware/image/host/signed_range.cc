#include "firmware/image/host/signed_range.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/header.h"
#include "firmware/image/mcuboot/tlv.h"

namespace bootseal::image::host {
namespace {

constexpr std::size_t kLongestDigest = 64;
constexpr std::size_t kMagicBytes = 4;
constexpr std::size_t kRestBytes = 2;  // that tell what it is

constexpr absl::string_view kExport =
    "export header, payload and protected TLVs with imgtool sign "
    "--vector-to-sign payload";

absl::Status Invalid(absl::string_view reason, absl::string_view message) {
  return base::Invalid(reason, "range", message);
}

bool IsDigestSize(std::uint64_t size) {
  return size == 32 || size == 48 || size == 64;
}

// Moves bytes from the front of `chunk` until `taken` has `size`.
void Take(absl::string_view& chunk, std::size_t size, std::string& taken) {
  const std::size_t missing = size - std::min(size, taken.size());
  const absl::string_view part = chunk.substr(0, missing);
  absl::StrAppend(&taken, part);
  chunk.remove_prefix(part.size());
}

absl::Status WrongMagic(absl::string_view bytes) {
  const std::string found =
      absl::BytesToHexString(bytes.substr(0, kMagicBytes));
  const bool reversed = found == "96f3b83d";
  return Invalid(
      "RANGE_MAGIC",
      absl::StrCat(
          "range starts with ", found,
          ", expected MCUboot's header magic 3db8f396; ",
          reversed ? "it is big-endian: leave --endian big out" : kExport));
}

absl::Status Unreadable(Error error, absl::string_view bytes) {
  if (error == Error::kHeaderMagic) return WrongMagic(bytes);
  return Invalid("RANGE_HEADER_RESERVED",
                 absl::StrCat("range's header: ", Text(error)));
}

absl::Status Trailing(absl::string_view rest) {
  const std::string found = absl::BytesToHexString(rest);
  if (found == "0769") {
    return Invalid("RANGE_IS_IMAGE",
                   absl::StrCat("range goes on with unprotected TLVs: it is a "
                                "whole image; ",
                                kExport));
  }
  const char first = rest.front();
  const bool is_erased =
      (first == '\0' || first == '\xff') &&
      std::all_of(rest.begin(), rest.end(), [&](char c) { return c == first; });
  if (is_erased) {
    return Invalid("RANGE_IS_PADDED",
                   absl::StrCat("range goes on with ", found,
                                ", erased flash: what is padded before it is "
                                "signed has another digest than the image; "
                                "leave --pad, --test and --confirm out of the "
                                "line with --vector-to-sign"));
  }
  return Invalid("RANGE_TRAILING_BYTES",
                 absl::StrCat("range goes on with ", found,
                              " behind what its header counts, and no "
                              "signature would cover that"));
}

}  // namespace

absl::Status RangeReader::Write(absl::string_view chunk, Sink payload) {
  received_ += chunk.size();
  RETURN_IF_ERROR(TakeHeader(chunk));
  if (chunk.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(TakePayload(chunk, payload));
  Take(chunk, header_->protected_size, protected_area_);
  return TakeRest(chunk);
}

absl::Status RangeReader::TakeHeader(absl::string_view& chunk) {
  Take(chunk, mcuboot::kHeaderBytes, header_bytes_);
  if (header_bytes_.size() < mcuboot::kHeaderBytes) return absl::OkStatus();
  if (!header_) {
    const absl::Status status = ReadHeader();
    // It may be a digest yet.
    if (!status.ok() && received_ > kLongestDigest) return status;
    if (!status.ok()) chunk = {};
    if (!header_) return absl::OkStatus();
  }
  Take(chunk, header_->header_size, header_bytes_);
  return absl::OkStatus();
}

absl::Status RangeReader::ReadHeader() {
  const auto header = mcuboot::ReadHeader(AsBytes(header_bytes_));
  if (!header.ok()) return Unreadable(header.error(), header_bytes_);
  if (header->header_size < mcuboot::kHeaderBytes) {
    return Invalid("RANGE_HEADER_SIZE",
                   absl::StrCat("range's header has ", header->header_size,
                                " bytes by its own account, expected at least ",
                                mcuboot::kHeaderBytes));
  }
  if ((header->flags & mcuboot::flags::kCompressed) != 0) {
    return Invalid("RANGE_COMPRESSED",
                   "range's payload is compressed, and such an image needs two "
                   "signatures; use bootseal sign --compress, or bootseal "
                   "imgtool sign -k bootseal:TARGET --compression");
  }
  header_ = *header;
  payload_left_ = header->image_size;
  return absl::OkStatus();
}

absl::Status RangeReader::TakePayload(absl::string_view& chunk, Sink payload) {
  const absl::string_view part = chunk.substr(0, payload_left_);
  if (part.empty()) return absl::OkStatus();
  payload_left_ -= static_cast<std::uint32_t>(part.size());
  chunk.remove_prefix(part.size());
  return payload(part);
}

absl::Status RangeReader::TakeRest(absl::string_view chunk) {
  Take(chunk, kRestBytes, rest_);
  if (rest_.size() < kRestBytes) return absl::OkStatus();
  return Trailing(rest_);
}

std::uint64_t RangeReader::announced() const {
  return std::uint64_t{header_->header_size} + header_->image_size +
         header_->protected_size;
}

absl::Status RangeReader::NoHeader() const {
  if (IsDigestSize(received_)) {
    return Invalid(
        "RANGE_IS_DIGEST",
        absl::StrCat("range has ", received_,
                     " bytes and no header: it is a digest, and this "
                     "server signs none that it did not compute; ",
                     kExport));
  }
  if (header_bytes_.size() == mcuboot::kHeaderBytes) {
    return Unreadable(mcuboot::ReadHeader(AsBytes(header_bytes_)).error(),
                      header_bytes_);
  }
  return Invalid("RANGE_TRUNCATED",
                 absl::StrCat("range has ", received_,
                              " bytes, its header alone has at least ",
                              mcuboot::kHeaderBytes));
}

absl::Status RangeReader::Finish() const {
  if (!header_) return NoHeader();
  if (!rest_.empty()) return Trailing(rest_);
  if (received_ < announced()) {
    return Invalid(
        "RANGE_TRUNCATED",
        absl::StrCat("range has ", received_, " bytes, its header counts ",
                     announced(), ": ", header_->header_size, " of header, ",
                     header_->image_size, " of payload, ",
                     header_->protected_size, " of protected TLVs"));
  }
  if (header_->protected_size == 0) return absl::OkStatus();
  const Error error = mcuboot::CheckProtectedArea(AsBytes(protected_area_));
  if (error == Error::kOk) return absl::OkStatus();
  return Invalid("RANGE_TLV_MALFORMED",
                 absl::StrCat("range's protected area: ", Text(error)));
}

}  // namespace bootseal::image::host
