#include "firmware/image/host/release_verdict.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/json.h"
#include "firmware/image/host/signed_statement.h"

namespace bootseal::image::host {
namespace {

constexpr std::size_t kSha256Bytes = 32;
constexpr char kSubject[] = "release";
// 9999-12-31T23:59:59Z: RFC 3339 has four digits for a year.
constexpr std::int64_t kLastSecond = 253402300799;

absl::Status Malformed(absl::string_view member, absl::string_view what) {
  return base::Invalid("VERDICT_MALFORMED", member,
                       absl::StrCat(member, " of the verdict ", what));
}

json_t* Text(absl::string_view text) {
  return json_stringn(text.data(), text.size());
}

std::string FormatSecond(std::int64_t second) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(second),
                          absl::UTCTimeZone());
}

struct Member {
  const json_t* object;
  std::string path;  // of the object, with a dot

  absl::Status Malformed(const char* name, absl::string_view what) const {
    return host::Malformed(absl::StrCat(path, name), what);
  }
  absl::StatusOr<std::string> Text(const char* name) const {
    auto text = JsonString(object, name);
    if (text.has_value() && !text->empty()) return *std::move(text);
    return Malformed(name, "is no text");
  }
};

absl::StatusOr<std::int64_t> ReadNotAfter(const Member& member) {
  ASSIGN_OR_RETURN(const std::string text, member.Text("notAfter"));
  absl::Time time;
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    const std::int64_t second = absl::ToUnixSeconds(time);
    if (second >= 0 && second <= kLastSecond) return second;
  }
  return member.Malformed("notAfter", "is no time like 2027-01-31T00:00:00Z");
}

absl::StatusOr<TrialEnd> ReadEnd(const Member& member) {
  ASSIGN_OR_RETURN(const std::string text, member.Text("verdict"));
  for (const TrialEnd end : {TrialEnd::kAccept, TrialEnd::kReject}) {
    if (text == NameOf(end)) return end;
  }
  return member.Malformed("verdict", "is neither accept nor reject");
}

absl::StatusOr<std::string> ReadSubject(const json_t* subjects) {
  const json_t* digest = json_object_get(json_array_get(subjects, 0), "digest");
  const std::string hex = JsonString(digest, "sha256").value_or("");
  const bool digits = std::all_of(hex.begin(), hex.end(), [](unsigned char c) {
    return absl::ascii_isxdigit(c) != 0;
  });
  if (digits && hex.size() == 2 * kSha256Bytes) {
    return absl::HexStringToBytes(hex);
  }
  return Malformed("subject.0.digest.sha256", "is no 32 bytes in hex");
}

absl::StatusOr<ReleaseVerdict> ReadPredicate(const Member& member) {
  ReleaseVerdict verdict;
  ASSIGN_OR_RETURN(verdict.product, member.Text("product"));
  ASSIGN_OR_RETURN(verdict.target, member.Text("target"));
  ASSIGN_OR_RETURN(const std::string version, member.Text("version"));
  const auto parsed = ParseVersion(version);
  if (!parsed.ok()) return member.Malformed("version", "is no version");
  verdict.version = *parsed;
  ASSIGN_OR_RETURN(verdict.end, ReadEnd(member));
  ASSIGN_OR_RETURN(verdict.not_after, ReadNotAfter(member));
  return verdict;
}

}  // namespace

absl::string_view NameOf(TrialEnd end) {
  return end == TrialEnd::kAccept ? "accept" : "reject";
}

std::string ReleaseDigest(const ReleaseManifest& manifest) {
  const std::string text = WriteManifest(manifest);
  return ToString(HashOf(HashAlgorithm::kSha256, AsBytes(text)).bytes());
}

std::string WriteVerdict(const ReleaseVerdict& verdict) {
  const JsonPtr statement(json_pack(
      "{s:s, s:s, s:{s:o*, s:o*, s:o*, s:o*, s:o*}, s:[{s:{s:o*}, s:s}]}",
      "_type", kStatementType, "predicateType", kVerdictPredicate, "predicate",
      "notAfter", Text(FormatSecond(verdict.not_after)), "product",
      Text(verdict.product), "target", Text(verdict.target), "verdict",
      Text(NameOf(verdict.end)), "version",
      Text(FormatVersion(verdict.version)), "subject", "digest", "sha256",
      Text(absl::BytesToHexString(verdict.release_sha256)), "name", kSubject));
  return CanonicalJson(statement.get());
}

bool IsVerdict(absl::string_view json) {
  const absl::StatusOr<JsonPtr> statement = ParseJsonObject(json);
  return statement.ok() &&
         JsonString(statement->get(), "predicateType") == kVerdictPredicate;
}

absl::StatusOr<ReleaseVerdict> ReadVerdict(absl::string_view json) {
  const absl::StatusOr<JsonPtr> statement = ParseJsonObject(json);
  if (!statement.ok()) return Malformed("JSON", statement.status().message());
  if (JsonString(statement->get(), "_type") != kStatementType) {
    return Malformed("_type", absl::StrCat("is not ", kStatementType));
  }
  if (JsonString(statement->get(), "predicateType") != kVerdictPredicate) {
    return Malformed("predicateType",
                     absl::StrCat("is not ", kVerdictPredicate));
  }
  ASSIGN_OR_RETURN(
      ReleaseVerdict verdict,
      ReadPredicate(
          {json_object_get(statement->get(), "predicate"), "predicate."}));
  ASSIGN_OR_RETURN(verdict.release_sha256,
                   ReadSubject(json_object_get(statement->get(), "subject")));
  // Unknown members, other subjects, another order or spelling.
  if (WriteVerdict(verdict) != json) {
    return Malformed("text", "is not the one that says this");
  }
  return verdict;
}

absl::StatusOr<VerifiedVerdict> OpenVerdict(absl::string_view envelope,
                                            absl::string_view receipt,
                                            const ReleaseTrust& trust) {
  ASSIGN_OR_RETURN(const SignedStatement statement,
                   OpenStatement("verdict", envelope, receipt, trust));
  VerifiedVerdict verdict;
  verdict.log_index_ = statement.log_index;
  ASSIGN_OR_RETURN(verdict.verdict_, ReadVerdict(statement.text));
  return verdict;
}

}  // namespace bootseal::image::host
