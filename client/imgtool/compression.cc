#include "client/imgtool/compression.h"

#include <lzma.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::imgtool {
namespace {

constexpr char kProperties[] = {0x0a, 0x66};
constexpr std::uint32_t kDictionaryBytes = 128 * 1024;
constexpr std::uint32_t kPreset = 9;
constexpr std::size_t kChunkBytes = 64 * 1024;

absl::string_view Properties() {
  return absl::string_view(kProperties, sizeof(kProperties));
}

// The options that liblzma wants to stay where they are, with their chain.
class FilterChain {
 public:
  explicit FilterChain(Filter filter) {
    lzma_lzma_preset(&options_, kPreset);
    options_.dict_size = kDictionaryBytes;
    options_.lc = 3;
    options_.lp = 1;
    options_.pb = 2;
    std::size_t next = 0;
    if (filter == Filter::kLzma2ArmThumb) {
      filters_[next++] = {LZMA_FILTER_ARMTHUMB, nullptr};
    }
    filters_[next++] = {LZMA_FILTER_LZMA2, &options_};
    filters_[next] = {LZMA_VLI_UNKNOWN, nullptr};
  }
  FilterChain(const FilterChain&) = delete;
  FilterChain& operator=(const FilterChain&) = delete;

  const lzma_filter* get() const { return filters_.data(); }

 private:
  lzma_options_lzma options_{};
  std::array<lzma_filter, 3> filters_{};
};

class Stream {
 public:
  Stream() = default;
  ~Stream() { lzma_end(&stream_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  lzma_stream* get() { return &stream_; }
  void SetInput(absl::string_view input) {
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(input.data());
    stream_.avail_in = input.size();
  }
  bool has_input() const { return stream_.avail_in > 0; }

  // Feeds what is left and appends what comes out, at most a chunk.
  lzma_ret Step(std::string& output) {
    std::array<char, kChunkBytes> chunk;
    stream_.next_out = reinterpret_cast<std::uint8_t*>(chunk.data());
    stream_.avail_out = chunk.size();
    const lzma_ret result = lzma_code(&stream_, LZMA_FINISH);
    output.append(chunk.data(), chunk.size() - stream_.avail_out);
    return result;
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
};

absl::Status Damaged(absl::string_view what) {
  return base::Precondition("COMPRESSION_INVALID", what);
}

}  // namespace

absl::StatusOr<std::string> Compress(Filter filter, absl::string_view payload) {
  const FilterChain chain(filter);
  Stream stream;
  if (lzma_raw_encoder(stream.get(), chain.get()) != LZMA_OK) {
    return base::Internal("liblzma refused its options");
  }
  stream.SetInput(payload);
  std::string output(Properties());
  lzma_ret result = LZMA_OK;
  while (result == LZMA_OK) result = stream.Step(output);
  if (result == LZMA_STREAM_END) return output;
  return base::Internal(
      absl::StrCat("liblzma failed with ", static_cast<int>(result)));
}

absl::StatusOr<std::string> Decompress(Filter filter, absl::string_view stream,
                                       std::size_t max_bytes) {
  if (!absl::StartsWith(stream, Properties())) {
    return base::Precondition(
        "COMPRESSION_PROPERTIES",
        absl::StrCat(
            "the compressed payload begins with ",
            absl::BytesToHexString(stream.substr(0, sizeof(kProperties))),
            ", expected ", absl::BytesToHexString(Properties())));
  }
  const FilterChain chain(filter);
  Stream decoder;
  if (lzma_raw_decoder(decoder.get(), chain.get()) != LZMA_OK) {
    return base::Internal("liblzma refused its options");
  }
  decoder.SetInput(stream.substr(sizeof(kProperties)));
  std::string output;
  lzma_ret result = LZMA_OK;
  while (result == LZMA_OK && output.size() <= max_bytes) {
    result = decoder.Step(output);
  }
  if (output.size() > max_bytes) {
    return base::Precondition(
        "COMPRESSION_TOO_LARGE",
        absl::StrCat("the payload decompresses to more than ", max_bytes,
                     " bytes"));
  }
  if (result != LZMA_STREAM_END) {
    return Damaged("the compressed payload is damaged or cut off");
  }
  if (decoder.has_input()) {
    return Damaged("bytes follow the end of the compressed payload");
  }
  return output;
}

}  // namespace bootseal::imgtool
