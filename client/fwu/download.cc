#include "client/fwu/download.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "base/file.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"

namespace bootseal::fwu {
namespace {

constexpr long kConnectSeconds = 10;
constexpr absl::Duration kLongestPause = absl::Seconds(8);
constexpr std::size_t kMaxCaBytes = 1 << 20;

struct CurlDeleter {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlPtr = std::unique_ptr<CURL, CurlDeleter>;
using HeadersPtr = std::unique_ptr<curl_slist, CurlDeleter>;

// What one answer says of the file.
struct Answer {
  std::string validator;  // a strong ETag, or the time of the last change
  std::optional<std::uint64_t> first;  // byte, of a part
  std::optional<std::uint64_t> total;
};

// "bytes 100-199/200"
void TakeContentRange(absl::string_view value, Answer& answer) {
  if (!absl::ConsumePrefix(&value, "bytes ")) return;
  const std::vector<absl::string_view> parts =
      absl::StrSplit(value, absl::ByAnyChar("-/"));
  std::uint64_t first = 0;
  std::uint64_t total = 0;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &first)) return;
  answer.first = first;
  if (absl::SimpleAtoi(parts[2], &total)) answer.total = total;
}

void TakeHeader(absl::string_view line, Answer& answer) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(line, absl::MaxSplits(':', 1));
  const std::string name = absl::AsciiStrToLower(parts.first);
  const absl::string_view value = absl::StripAsciiWhitespace(parts.second);
  std::uint64_t length = 0;
  if (name == "etag" && !absl::StartsWith(value, "W/")) {
    answer.validator = std::string(value);
  } else if (name == "last-modified" && answer.validator.empty()) {
    answer.validator = std::string(value);
  } else if (name == "content-range") {
    TakeContentRange(value, answer);
  } else if (name == "content-length" && !answer.total &&
             absl::SimpleAtoi(value, &length)) {
    answer.total = length;
  }
}

absl::Status Changed(const std::string& url) {
  return base::Precondition(
      "DOWNLOAD_CHANGED",
      absl::StrCat(url,
                   " is another file than when the transfer began; start "
                   "it again"));
}

class Transfer {
 public:
  Transfer(const DownloadOptions& options, const ByteSink& sink,
           const DownloadProgress& progress)
      : options_(options), sink_(sink), progress_(progress) {}

  // True when all is there, false to try again.
  absl::StatusOr<bool> Attempt();
  std::uint64_t received() const { return received_; }
  const std::string& trouble() const { return trouble_; }

 private:
  static std::size_t OnHeader(char* data, std::size_t size, std::size_t count,
                              void* self);
  static std::size_t OnBody(char* data, std::size_t size, std::size_t count,
                            void* self);
  void Prepare(CURL* curl);
  HeadersPtr RangeHeaders() const;
  absl::Status Begin();
  absl::Status Take(absl::string_view bytes);
  absl::StatusOr<bool> Judge(CURLcode result, long code);

  const DownloadOptions& options_;
  const ByteSink& sink_;
  const DownloadProgress& progress_;
  std::uint64_t received_ = 0;
  std::optional<Answer> file_;  // as the first answer told of it
  std::string trouble_;
  // Of one attempt.
  CURL* curl_ = nullptr;
  Answer answer_;
  bool begun_ = false;
  bool wanted_ = false;     // the body is the file's
  std::uint64_t skip_ = 0;  // bytes that are here already
  absl::Status failure_;
};

void Transfer::Prepare(CURL* curl) {
  curl_easy_setopt(curl, CURLOPT_URL, options_.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(curl, CURLOPT_CAINFO, options_.ca_path.c_str());
  curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(
      curl, CURLOPT_LOW_SPEED_TIME,
      std::max(1L, static_cast<long>(absl::ToInt64Seconds(options_.patience))));
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, OnHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
}

HeadersPtr Transfer::RangeHeaders() const {
  if (received_ == 0) return nullptr;
  curl_slist* list = curl_slist_append(
      nullptr, absl::StrCat("Range: bytes=", received_, "-").c_str());
  if (file_ && !file_->validator.empty()) {
    list = curl_slist_append(
        list, absl::StrCat("If-Range: ", file_->validator).c_str());
  }
  return HeadersPtr(list);
}

std::size_t Transfer::OnHeader(char* data, std::size_t size, std::size_t count,
                               void* self) {
  Transfer& transfer = *static_cast<Transfer*>(self);
  const absl::string_view line(data, size * count);
  if (absl::StartsWith(line, "HTTP/")) transfer.answer_ = {};
  TakeHeader(line, transfer.answer_);
  return line.size();
}

std::size_t Transfer::OnBody(char* data, std::size_t size, std::size_t count,
                             void* self) {
  Transfer& transfer = *static_cast<Transfer*>(self);
  if (!transfer.begun_) transfer.failure_ = transfer.Begin();
  if (transfer.failure_.ok()) {
    transfer.failure_ = transfer.Take({data, size * count});
  }
  return transfer.failure_.ok() ? size * count : 0;
}

// What the body is, before its first byte counts.
absl::Status Transfer::Begin() {
  begun_ = true;
  long code = 0;
  curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &code);
  wanted_ = code == 200 || (code == 206 && received_ > 0);
  if (!wanted_) return absl::OkStatus();
  if (code == 206 && !answer_.first) {
    return base::Refused("DOWNLOAD_REFUSED",
                         absl::StrCat(options_.url,
                                      " is answered with 206, a part, and does "
                                      "not say which one: no Content-Range"));
  }
  if (!file_) file_ = answer_;
  const bool same =
      file_->validator == answer_.validator && file_->total == answer_.total;
  if (!same) return Changed(options_.url);
  if (code == 206 && answer_.first != received_) return Changed(options_.url);
  skip_ = code == 200 ? received_ : 0;
  return absl::OkStatus();
}

absl::Status Transfer::Take(absl::string_view bytes) {
  if (!wanted_) return absl::OkStatus();
  const std::uint64_t known = std::min<std::uint64_t>(skip_, bytes.size());
  skip_ -= known;
  bytes.remove_prefix(static_cast<std::size_t>(known));
  if (bytes.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(sink_(image::host::AsBytes(bytes)));
  received_ += bytes.size();
  if (progress_) progress_(received_, file_->total.value_or(0));
  return absl::OkStatus();
}

absl::StatusOr<bool> Transfer::Judge(CURLcode result, long code) {
  RETURN_IF_ERROR(failure_);
  if (result == CURLE_PEER_FAILED_VERIFICATION) {
    return base::Refused(
        "DOWNLOAD_UNTRUSTED",
        absl::StrCat(options_.url, " shows a certificate that ",
                     options_.ca_path, " does not vouch for"));
  }
  const bool answered = result == CURLE_OK && code != 0;
  if (answered && code != 200 && code != 206 && code < 500 && code != 408 &&
      code != 429) {
    return base::Refused("DOWNLOAD_REFUSED",
                         absl::StrCat(options_.url, " is answered with ", code,
                                      ", expected 200"));
  }
  const bool whole = answered && wanted_ && skip_ == 0 &&
                     received_ >= file_->total.value_or(0);
  trouble_ = result != CURLE_OK ? std::string(curl_easy_strerror(result))
                                : absl::StrCat("answer ", code);
  return whole;
}

absl::StatusOr<bool> Transfer::Attempt() {
  const CurlPtr curl(curl_easy_init());
  const HeadersPtr headers = RangeHeaders();
  curl_ = curl.get();
  answer_ = {};
  begun_ = wanted_ = false;
  skip_ = 0;
  Prepare(curl.get());
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  const CURLcode result = curl_easy_perform(curl.get());
  long code = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &code);
  return Judge(result, code);
}

absl::Status CheckOptions(const DownloadOptions& options) {
  if (!absl::StartsWith(options.url, "https://")) {
    return base::Invalid(
        "DOWNLOAD_URL", "url",
        absl::StrCat("\"", options.url, "\" is no https:// URL"));
  }
  const auto ca = base::ReadFile(options.ca_path, kMaxCaBytes);
  if (ca.ok() && absl::StrContains(*ca, "BEGIN CERTIFICATE")) {
    return absl::OkStatus();
  }
  return base::Invalid(
      "DOWNLOAD_CA", "ca",
      absl::StrCat("\"", options.ca_path,
                   "\" is no certificate of a CA (PEM): set ca in the "
                   "configuration"));
}

void Initialise() {
  // Once, before any thread of ours asks.
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)initialised;
}

}  // namespace

absl::Status Download(const DownloadOptions& options, const ByteSink& sink,
                      const DownloadProgress& progress) {
  RETURN_IF_ERROR(CheckOptions(options));
  Initialise();
  Transfer transfer(options, sink, progress);
  absl::Duration pause = options.pause;
  for (int left = options.attempts; left > 0; --left) {
    const std::uint64_t before = transfer.received();
    ASSIGN_OR_RETURN(const bool whole, transfer.Attempt());
    if (whole) return absl::OkStatus();
    if (transfer.received() > before) {
      left = options.attempts + 1;
      pause = options.pause;
    }
    absl::SleepFor(pause);
    pause = std::min(2 * pause, kLongestPause);
  }
  return base::Unavailable(
      "DOWNLOAD_BROKEN",
      absl::StrCat(options.url, " broke off at byte ", transfer.received(),
                   ", and ", options.attempts,
                   " attempts brought no more: ", transfer.trouble()));
}

}  // namespace bootseal::fwu
