#include "firmware/image/host/compression.h"

#include <lzma.h>

#include <algorithm>
#include <array>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::image::host {
namespace {

constexpr char kProperties[] = {0x0a, 0x66};
constexpr std::uint32_t kDictionaryBytes = 128 * 1024;
constexpr std::uint32_t kPreset = 9;
constexpr std::size_t kBlockBytes = std::size_t{64} * 1024;
constexpr std::size_t kCipherBlockBytes = 16;  // AES

static_assert(sizeof(kProperties) == kCompressionPropertyBytes);

absl::string_view Properties() {
  return absl::string_view(kProperties, sizeof(kProperties));
}

// The options that liblzma wants to stay where they are, with their chain.
class FilterChain {
 public:
  explicit FilterChain(mcuboot::Compression compression) {
    lzma_lzma_preset(&options_, kPreset);
    options_.dict_size = kDictionaryBytes;
    options_.lc = 3;
    options_.lp = 1;
    options_.pb = 2;
    std::size_t next = 0;
    if (compression == mcuboot::Compression::kLzma2ArmThumb) {
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

absl::Status Damaged(absl::string_view what) {
  return base::Precondition("COMPRESSION_INVALID", what);
}

absl::Status WrongProperties(absl::string_view found) {
  return base::Precondition(
      "COMPRESSION_PROPERTIES",
      absl::StrCat("the compressed payload begins with ",
                   absl::BytesToHexString(found), ", expected ",
                   absl::BytesToHexString(Properties())));
}

// One stream of liblzma's, in either direction.
class Lzma {
 public:
  explicit Lzma(mcuboot::Compression compression) : chain_(compression) {}
  ~Lzma() { lzma_end(&stream_); }
  Lzma(const Lzma&) = delete;
  Lzma& operator=(const Lzma&) = delete;

  lzma_ret StartEncoder() { return lzma_raw_encoder(&stream_, chain_.get()); }
  lzma_ret StartDecoder() { return lzma_raw_decoder(&stream_, chain_.get()); }

  void SetInput(absl::string_view input) {
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(input.data());
    stream_.avail_in = input.size();
  }
  std::size_t input_left() const { return stream_.avail_in; }

  // Feeds what is left. The block's rest is room that was not needed.
  lzma_ret Step(lzma_action action) {
    stream_.next_out = reinterpret_cast<std::uint8_t*>(block_.data());
    stream_.avail_out = block_.size();
    return lzma_code(&stream_, action);
  }
  absl::string_view output() const {
    return {block_.data(), block_.size() - stream_.avail_out};
  }
  bool is_full() const { return stream_.avail_out == 0; }

 private:
  const FilterChain chain_;
  lzma_stream stream_ = LZMA_STREAM_INIT;
  std::array<char, kBlockBytes> block_;
};

}  // namespace

class Decompressor::Stream : public Lzma {
 public:
  using Lzma::Lzma;
};

absl::StatusOr<std::string> Compress(mcuboot::Compression compression,
                                     absl::string_view payload) {
  Lzma encoder(compression);
  if (encoder.StartEncoder() != LZMA_OK) {
    return base::Internal("liblzma refused its options");
  }
  encoder.SetInput(payload);
  std::string output(Properties());
  lzma_ret result = LZMA_OK;
  while (result == LZMA_OK) {
    result = encoder.Step(LZMA_FINISH);
    absl::StrAppend(&output, encoder.output());
  }
  if (result == LZMA_STREAM_END) return output;
  return base::Internal(
      absl::StrCat("liblzma failed with ", static_cast<int>(result)));
}

bool CompressionPays(std::size_t plain, std::size_t compressed,
                     std::size_t described) {
  return compressed - kCompressionPropertyBytes + described < plain;
}

Decompressor::Decompressor(mcuboot::Compression compression,
                           std::uint64_t max_bytes, CipherPadding padding)
    : max_bytes_(max_bytes),
      max_padding_(padding == CipherPadding::kZeros ? kCipherBlockBytes - 1
                                                    : 0),
      stream_(std::make_unique<Stream>(compression)) {}

Decompressor::~Decompressor() = default;

absl::Status Decompressor::TakeProperties(absl::string_view& chunk) {
  const std::size_t missing = sizeof(kProperties) - properties_.size();
  if (missing == 0) return absl::OkStatus();
  const absl::string_view more = chunk.substr(0, missing);
  absl::StrAppend(&properties_, more);
  compressed_size_ += more.size();
  chunk.remove_prefix(more.size());
  if (!absl::StartsWith(Properties(), properties_)) {
    return WrongProperties(properties_);
  }
  if (properties_.size() < sizeof(kProperties)) return absl::OkStatus();
  if (stream_->StartDecoder() == LZMA_OK) return absl::OkStatus();
  return base::Internal("liblzma refused its options");
}

absl::Status Decompressor::Write(absl::string_view chunk, Sink sink) {
  RETURN_IF_ERROR(TakeProperties(chunk));
  if (chunk.empty()) return absl::OkStatus();
  if (ended_) return TakePadding(chunk);
  return Run(chunk, LZMA_RUN, sink);
}

absl::Status Decompressor::Finish(Sink sink) {
  if (properties_.size() < sizeof(kProperties)) {
    return WrongProperties(properties_);
  }
  if (!ended_) RETURN_IF_ERROR(Run({}, LZMA_FINISH, sink));
  if (ended_) return absl::OkStatus();
  return Damaged("the compressed payload is damaged or cut off");
}

absl::Status Decompressor::TakePadding(absl::string_view bytes) {
  padding_ += bytes.size();
  const bool zeros = bytes.find_first_not_of('\0') == absl::string_view::npos;
  if (zeros && padding_ <= max_padding_) return absl::OkStatus();
  return Damaged("bytes follow the end of the compressed payload");
}

absl::Status Decompressor::Run(absl::string_view chunk, int action, Sink sink) {
  stream_->SetInput(chunk);
  do {
    const lzma_ret result = stream_->Step(static_cast<lzma_action>(action));
    size_ += stream_->output().size();
    if (size_ > max_bytes_) {
      return base::Precondition(
          "COMPRESSION_TOO_LARGE",
          absl::StrCat("the payload decompresses to more than ", max_bytes_,
                       " bytes"));
    }
    if (!stream_->output().empty()) {
      RETURN_IF_ERROR(sink(stream_->output()));
    }
    ended_ = result == LZMA_STREAM_END;
    if (result == LZMA_BUF_ERROR) break;  // wants more
    if (!ended_ && result != LZMA_OK) {
      return Damaged("the compressed payload is damaged or cut off");
    }
  } while (!ended_ && (stream_->input_left() > 0 || stream_->is_full()));
  const std::size_t left = stream_->input_left();
  compressed_size_ += chunk.size() - left;
  return TakePadding(chunk.substr(chunk.size() - left));
}

absl::StatusOr<std::string> Decompress(mcuboot::Compression compression,
                                       absl::string_view stream,
                                       std::uint64_t max_bytes) {
  Decompressor decompressor(compression, max_bytes);
  std::string output;
  const auto append = [&output](absl::string_view block) {
    absl::StrAppend(&output, block);
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(decompressor.Write(stream, append));
  RETURN_IF_ERROR(decompressor.Finish(append));
  return output;
}

}  // namespace bootseal::image::host
