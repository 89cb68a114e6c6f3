#include "client/token/github_actions.h"

#include <curl/curl.h>
#include <jansson.h>

#include <cstdlib>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/mutex.h"
#include "base/status.h"

namespace bootseal::token {
namespace {

constexpr char kPlace[] = "GitHub Actions' answer";
constexpr std::size_t kMaxAnswerBytes = 64 * 1024;
constexpr long kConnectMilliseconds = 5'000;
constexpr long kWholeMilliseconds = 15'000;
// Of one that is still used: a call has to begin with it.
constexpr absl::Duration kLeastLife = absl::Seconds(60);

struct CurlDeleter {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  void operator()(json_t* value) const { json_decref(value); }
};
using CurlPtr = std::unique_ptr<CURL, CurlDeleter>;
using UrlPtr = std::unique_ptr<CURLU, CurlDeleter>;
using HeadersPtr = std::unique_ptr<curl_slist, CurlDeleter>;
using JsonPtr = std::unique_ptr<json_t, CurlDeleter>;

std::string PartOf(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return "";
  std::string copy = text;
  curl_free(text);
  return copy;
}

// What the runner lets us ask with must not travel in the clear.
bool IsSafe(const std::string& text) {
  const UrlPtr url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return false;
  }
  const std::string scheme = PartOf(url.get(), CURLUPART_SCHEME);
  const std::string host = PartOf(url.get(), CURLUPART_HOST);
  if (scheme == "https") return true;
  return scheme == "http" &&
         (host == "127.0.0.1" || host == "[::1]" || host == "localhost");
}

std::size_t Append(char* data, std::size_t size, std::size_t count, void* to) {
  std::string& answer = *static_cast<std::string*>(to);
  if (answer.size() + size * count > kMaxAnswerBytes) return 0;
  answer.append(data, size * count);
  return size * count;
}

struct Answer {
  long code = 0;
  std::string body;
};

void SetOptions(CURL* curl, const std::string& url, const curl_slist* headers,
                std::string& body) {
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, Append);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectMilliseconds);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, kWholeMilliseconds);
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "127.0.0.1,localhost,::1");
}

absl::StatusOr<Answer> Get(const std::string& url,
                           const base::Secret& request_token) {
  const CurlPtr curl(curl_easy_init());
  const std::string authorization =
      absl::StrCat("Authorization: bearer ", request_token.Reveal());
  HeadersPtr headers(curl_slist_append(nullptr, authorization.c_str()));
  curl_slist_append(headers.get(), "Accept: application/json; api-version=2.0");
  Answer answer;
  SetOptions(curl.get(), url, headers.get(), answer.body);
  const CURLcode result = curl_easy_perform(curl.get());
  if (result != CURLE_OK) {
    return base::Unavailable(
        "TOKEN_FETCH_FAILED",
        absl::StrCat("GitHub Actions' token service (",
                     "ACTIONS_ID_TOKEN_REQUEST_URL) was not reached: ",
                     curl_easy_strerror(result)));
  }
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &answer.code);
  return answer;
}

absl::Status Refused(absl::string_view what) {
  return base::Refused(
      "TOKEN_FETCH_REFUSED",
      absl::StrCat("GitHub Actions' token service ", what,
                   "; the job needs `permissions: id-token: write`"));
}

absl::StatusOr<Token> TokenOf(const Answer& answer) {
  if (answer.code >= 500 || answer.code == 429) {
    return base::Unavailable(
        "TOKEN_FETCH_FAILED",
        absl::StrCat("GitHub Actions' token service answered ", answer.code));
  }
  if (answer.code != 200) {
    return Refused(absl::StrCat("answered ", answer.code));
  }
  const JsonPtr json(
      json_loadb(answer.body.data(), answer.body.size(), 0, nullptr));
  const json_t* value = json_object_get(json.get(), "value");
  if (!json_is_string(value)) return Refused("answered without a token");
  return ParseToken(json_string_value(value), kPlace);
}

// Whatever the answer was held in, of which the token is a part.
absl::StatusOr<Token> TokenOfAndWipe(Answer answer) {
  auto token = TokenOf(answer);
  const base::Secret wiped(std::move(answer.body));
  return token;
}

std::string Escaped(const std::string& text) {
  char* const escaped =
      curl_easy_escape(nullptr, text.c_str(), static_cast<int>(text.size()));
  std::string copy = escaped == nullptr ? "" : escaped;
  curl_free(escaped);
  return copy;
}

class GithubSource final : public Source {
 public:
  GithubSource(GithubActions actions, const std::string& audience,
               const base::Clock& clock)
      : request_token_(std::move(actions.request_token)),
        url_(absl::StrCat(actions.url,
                          absl::StrContains(actions.url, "?") ? "&" : "?",
                          "audience=", Escaped(audience))),
        clock_(clock) {}

  absl::StatusOr<base::Secret> Fetch() override {
    const base::MutexLock lock(mutex_);
    const absl::Time now = clock_.Now();
    if (kept_ && kept_->expires && now + kLeastLife < *kept_->expires) {
      return kept_->text.Clone();
    }
    ASSIGN_OR_RETURN(Answer answer, Get(url_, request_token_));
    ASSIGN_OR_RETURN(Token token, TokenOfAndWipe(std::move(answer)));
    RETURN_IF_ERROR(CheckExpiry(token, kPlace, now));
    kept_ = std::move(token);
    return kept_->text.Clone();
  }

 private:
  const base::Secret request_token_;
  const std::string url_;
  const base::Clock& clock_;
  base::Mutex mutex_;
  std::optional<Token> kept_ ABSL_GUARDED_BY(mutex_);
};

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

absl::StatusOr<GithubActions> FindGithubActions() {
  GithubActions actions{
      Variable("ACTIONS_ID_TOKEN_REQUEST_URL"),
      base::Secret(Variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN"))};
  if (actions.url.empty() || actions.request_token.empty()) {
    return base::Precondition(
        "TOKEN_SOURCE_MISSING",
        "a token audience was given, and ACTIONS_ID_TOKEN_REQUEST_URL and "
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN are not set: a job of GitHub Actions "
        "has them with `permissions: id-token: write`");
  }
  if (IsSafe(actions.url)) return actions;
  return base::Invalid(
      "TOKEN_SOURCE_INVALID", "ACTIONS_ID_TOKEN_REQUEST_URL",
      "ACTIONS_ID_TOKEN_REQUEST_URL is no https URL, and nothing is asked in "
      "the clear");
}

std::unique_ptr<Source> FromGithubActions(GithubActions actions,
                                          std::string audience,
                                          const base::Clock& clock) {
  // Once, before any thread of ours asks.
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)initialised;
  return std::make_unique<GithubSource>(std::move(actions), audience, clock);
}

}  // namespace bootseal::token
