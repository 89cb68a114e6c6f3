// Any text as a token and as a JWK set, and any header and claims under a good
// signature.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "google/protobuf/text_format.h"
#include "server/identity/token.h"
#include "server/trust/claims.h"
#include "server/trust/key_set.h"
#include "tests/support/token_issuer.h"

namespace {

using namespace bootseal;

// The claims of the corpus were issued just before.
const absl::Time kNow = absl::FromUnixSeconds(1'800'000'100);

void Demand(bool holds) {
  if (!holds) std::abort();
}

struct World {
  World() : issuer("https://issuer.example") {
    v1::Policy proto;
    proto.set_version(1);
    *proto.add_issuers() = issuer.Entry("jobs", "jobs.jwks");
    v1::Person& person = *proto.add_people();
    person.set_name("ci");
    v1::Workload& job = *person.add_workloads();
    job.set_issuer("jobs");
    v1::ClaimRule& rule = *job.add_claims();
    rule.set_claim("ref");
    rule.set_glob("refs/**/v*.*");
    std::string text;
    google::protobuf::TextFormat::PrintToString(proto, &text);
    const auto parsed = trust::Policy::Parse(text);
    Demand(parsed.ok());
    const auto whole = (*parsed)->WithIssuerKeys(
        [this](const std::string&) { return issuer.KeySet(); });
    Demand(whole.ok());
    policy = *whole;
  }

  const tests::TokenIssuer issuer;
  std::shared_ptr<const trust::Policy> policy;
};

// Nobody has the issuer's keys.
void ReadUnsigned(const World& world, const std::string& text) {
  Demand(!identity::ReadToken(*world.policy, text, kNow).ok());
  if (const auto set = trust::KeySet::Parse(text); set.ok()) {
    Demand(!set->keys().empty());
  }
}

void ReadSigned(const World& world, const std::string& header,
                const std::string& payload) {
  const std::string text =
      world.issuer.SignText(header, payload, tests::TokenIssuer::kEcKey);
  const auto token = identity::ReadToken(*world.policy, text, kNow);
  if (!token.ok()) {
    Demand(token.status().message().find(text.substr(text.size() - 20)) ==
           absl::string_view::npos);
    return;
  }
  Demand(absl::StrContains(header, "ES256"));
  Demand(!token->subject.empty());
  Demand(token->validity.not_before <= kNow);
  Demand(token->validity.not_after >= kNow);
  const auto person =
      trust::FindPersonByClaims(*world.policy, "jobs", token->claims);
  if (person.ok()) Demand(token->claims.count("ref") == 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  static const auto* world = new World;
  const std::string text(reinterpret_cast<const char*>(data), size);
  ReadUnsigned(*world, text);
  const std::size_t end = text.find('\n');
  if (end == std::string::npos) return 0;
  ReadSigned(*world, text.substr(0, end), text.substr(end + 1));
  return 0;
}
