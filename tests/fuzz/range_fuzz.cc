// Ranges of other tools: the answer is the same in whatever chunks they come,
// and one that is taken is header, payload and protected area, nothing else.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "firmware/image/host/signed_range.h"

namespace {

struct Answer {
  absl::Status status;
  std::string range;  // put together again
};

Answer Read(absl::string_view bytes, std::size_t chunk) {
  bootseal::image::host::RangeReader reader;
  std::string payload;
  const auto sink = [&](absl::string_view part) {
    absl::StrAppend(&payload, part);
    return absl::OkStatus();
  };
  for (std::size_t at = 0; at < bytes.size(); at += chunk) {
    const absl::Status status = reader.Write(bytes.substr(at, chunk), sink);
    if (!status.ok()) return {status, ""};
  }
  const absl::Status status = reader.Finish();
  return {status, absl::StrCat(reader.header_bytes(), payload,
                               reader.protected_area())};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size == 0) return 0;
  const std::size_t chunk = 1 + data[size - 1] % 80;
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size - 1);
  const Answer whole = Read(bytes, size);
  const Answer parts = Read(bytes, chunk);
  if (whole.status != parts.status) std::abort();
  if (whole.status.ok() && whole.range != bytes) std::abort();
  if (whole.status.ok() && parts.range != bytes) std::abort();
  return 0;
}
