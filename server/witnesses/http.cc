#include "server/witnesses/http.h"

#include <curl/curl.h>

#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::witnesses {
namespace {

constexpr std::size_t kMaxReplyBytes = 64 << 10;
constexpr long kConnectMilliseconds = 3000;
constexpr long kCallMilliseconds = 10000;

struct Release {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, Release>;
using Headers = std::unique_ptr<curl_slist, Release>;

std::size_t Take(char* data, std::size_t one, std::size_t count, void* body) {
  auto& text = *static_cast<std::string*>(body);
  const std::size_t size = one * count;
  if (text.size() + size > kMaxReplyBytes) return 0;
  text.append(data, size);
  return size;
}

int EndWith(void* ending, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(ending)->load() ? 1 : 0;
}

// A proxy of the environment would not find this machine's own loopback.
bool IsLoopback(const std::string& url) {
  for (const char* host : {"://127.", "://localhost", "://[::1]"}) {
    if (absl::StrContains(url, host)) return true;
  }
  return false;
}

void SetLimits(CURL* curl, const std::atomic<bool>& ending) {
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectMilliseconds);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, kCallMilliseconds);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, EndWith);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &ending);
}

}  // namespace

void Http::Prepare() { curl_global_init(CURL_GLOBAL_DEFAULT); }

absl::StatusOr<HttpReply> Http::Get(const std::string& path) const {
  return Call(path, nullptr);
}

absl::StatusOr<HttpReply> Http::Post(const std::string& path,
                                     const std::string& body) const {
  return Call(path, &body);
}

absl::StatusOr<HttpReply> Http::Call(const std::string& path,
                                     const std::string* body) const {
  const Handle curl(curl_easy_init());
  const Headers headers(
      curl_slist_append(nullptr, "Content-Type: text/plain; charset=utf-8"));
  if (!curl || !headers) return base::Internal("no memory for a call");
  const std::string url = absl::StrCat(prefix_, path);
  HttpReply reply;
  SetLimits(curl.get(), ending_);
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, Take);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &reply.body);
  if (IsLoopback(url)) curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
  if (!ca_path_.empty()) {
    curl_easy_setopt(curl.get(), CURLOPT_CAINFO, ca_path_.c_str());
  }
  if (body != nullptr) {
    curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(body->size()));
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, body->data());
  }
  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK) {
    return base::Unavailable("WITNESS_UNREACHABLE",
                             absl::StrCat(url, ": ", curl_easy_strerror(code)));
  }
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &reply.status);
  char* type = nullptr;
  curl_easy_getinfo(curl.get(), CURLINFO_CONTENT_TYPE, &type);
  reply.content_type = type == nullptr ? "" : type;
  return reply;
}

}  // namespace bootseal::witnesses
