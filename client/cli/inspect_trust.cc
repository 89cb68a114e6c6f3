#include "client/cli/inspect_trust.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "bootseal/v1/policy.pb.h"
#include "client/cli/certificate.h"
#include "client/cli/text.h"
#include "server/trust/policy.h"
#include "server/trust/text.h"

namespace bootseal::cli {
namespace {

std::uint64_t Count(int size) { return static_cast<std::uint64_t>(size); }

std::string Names(const v1::Policy& policy) {
  return absl::StrJoin(policy.targets(), ", ",
                       [](std::string* out, const v1::Target& target) {
                         out->append(target.name());
                       });
}

}  // namespace

bool LooksLikePolicy(absl::string_view text) {
  v1::Policy policy;
  trust::Problems problems;
  const trust::Syntax syntax = trust::ParseText(text, policy, problems);
  if (syntax == trust::Syntax::kBroken) return false;
  return policy.version() != 0 ||
         (syntax == trust::Syntax::kGood && policy.ByteSizeLong() != 0);
}

absl::StatusOr<Description> DescribePolicy(absl::string_view text) {
  ASSIGN_OR_RETURN(const auto policy, trust::Policy::Parse(text));
  const v1::Policy& proto = policy->proto();
  const std::string sha256 = absl::BytesToHexString(policy->sha256());
  Description description;
  description.text = FormatTable({
      {"format", "policy (good)"},
      {"version", absl::StrCat(proto.version())},
      {"sha256", sha256},
      {"trust domains", absl::StrCat(proto.trust_domains_size())},
      {"people", absl::StrCat(proto.people_size())},
      {"roles", absl::StrCat(proto.roles_size())},
      {"keys", absl::StrCat(proto.keys_size())},
      {"targets", proto.targets().empty() ? "none" : Printable(Names(proto))},
  });
  description.json =
      JsonObject()
          .Add("format", Json::Text("policy"))
          .Add("version", Json::Number(proto.version()))
          .Add("sha256", Json::Text(sha256))
          .Add("trust_domains", Json::Number(Count(proto.trust_domains_size())))
          .Add("people", Json::Number(Count(proto.people_size())))
          .Add("roles", Json::Number(Count(proto.roles_size())))
          .Add("keys", Json::Number(Count(proto.keys_size())))
          .Add("targets", Json::Number(Count(proto.targets_size())))
          .Build();
  return description;
}

bool LooksLikeCertificate(absl::string_view text) {
  return absl::StartsWith(absl::StripLeadingAsciiWhitespace(text),
                          "-----BEGIN CERTIFICATE-----");
}

absl::StatusOr<Description> DescribeCertificate(absl::string_view pem) {
  const base::X509Ptr certificate = ParseCertificate(pem);
  if (!certificate) {
    return base::Precondition("CERTIFICATE_INVALID",
                              "no certificate in the PEM file");
  }
  const std::string subject = NameOf(X509_get_subject_name(certificate.get()));
  const std::string issuer = NameOf(X509_get_issuer_name(certificate.get()));
  const std::string begin =
      FormatUtc(ToTime(X509_get0_notBefore(certificate.get())));
  const std::string end =
      FormatUtc(ToTime(X509_get0_notAfter(certificate.get())));
  const std::string sha256 =
      absl::BytesToHexString(FingerprintOf(*certificate));
  std::vector<Json> uris;
  std::vector<std::vector<std::string>> rows{
      {"format", "certificate (not checked)"},
      {"subject", Printable(subject)},
      {"issuer", Printable(issuer)},
      {"valid", absl::StrCat(begin, " to ", end)},
      {"sha256", sha256}};
  for (const std::string& uri : UrisOf(*certificate)) {
    rows.push_back({"uri", Printable(uri)});
    uris.push_back(Json::Text(uri));
  }
  Description description;
  description.text = FormatTable(rows);
  description.json = JsonObject()
                         .Add("format", Json::Text("certificate"))
                         .Add("subject", Json::Text(subject))
                         .Add("issuer", Json::Text(issuer))
                         .Add("not_before", Json::Text(begin))
                         .Add("not_after", Json::Text(end))
                         .Add("sha256", Json::Text(sha256))
                         .Add("uris", Json::Array(uris))
                         .Build();
  return description;
}

}  // namespace bootseal::cli
