// A policy that is wrong in one thing is refused with one line about it.
#include "tests/server/trust/spoilt_policy.h"

#include <cstdint>
#include <string>

namespace bootseal::trust {
namespace {

using tests::AddIssuer;
using tests::Spoilt;

class IssuerRefuses : public ::testing::TestWithParam<Spoilt> {};

TEST_P(IssuerRefuses, ByName) { tests::ExpectRefusedByName(GetParam()); }

// A job of that issuer.
v1::Workload& AddJob(v1::Policy& policy) {
  if (policy.issuers_size() == 0) AddIssuer(policy);
  v1::Workload& workload = *policy.mutable_people(0)->add_workloads();
  workload.set_issuer("jobs");
  v1::ClaimRule& rule = *workload.add_claims();
  rule.set_claim("repository_id");
  rule.set_equals("4711");
  return workload;
}

const Spoilt kIssuers[] = {
    {"IssuerWithoutName", [](auto& p) { AddIssuer(p).clear_name(); },
     "issuers[0].name: required"},
    {"IssuerGivenTwice",
     [](auto& p) {
       AddIssuer(p);
       AddIssuer(p).set_url("https://other.example");
     },
     "issuers[1].name: \"jobs\" is given twice"},
    {"IssuerWithoutUrl", [](auto& p) { AddIssuer(p).clear_url(); },
     "issuers[0].url: required"},
    {"IssuerInTheClear",
     [](auto& p) { AddIssuer(p).set_url("http://issuer.example"); },
     "issuers[0].url: \"http://issuer.example\" is no issuer"},
    {"IssuerWithAQuery",
     [](auto& p) { AddIssuer(p).set_url("https://issuer.example?a=b"); },
     "issuers[0].url: \"https://issuer.example?a=b\" is no issuer"},
    {"UrlOfTwoIssuers",
     [](auto& p) {
       AddIssuer(p);
       AddIssuer(p).set_name("more-jobs");
     },
     "issuers[1].url: is that of jobs already"},
    {"IssuerWithoutAudience", [](auto& p) { AddIssuer(p).clear_audience(); },
     "issuers[0].audience: required"},
    {"AudienceWithASpace", [](auto& p) { AddIssuer(p).set_audience("a b"); },
     "issuers[0].audience: expected at most 512 printable characters"},
    {"IssuerWithoutKeys", [](auto& p) { AddIssuer(p).clear_jwks_path(); },
     "issuers[0].jwks_path: required"},
    {"KeysWithoutAHash", [](auto& p) { AddIssuer(p).clear_jwks_sha256(); },
     "issuers[0].jwks_sha256: \"\" is no SHA-256"},
    {"IssuerWithoutAlgorithm", [](auto& p) { AddIssuer(p).clear_algorithms(); },
     "issuers[0].algorithms: required: RS256, ES256 or both"},
    {"AlgorithmThatIsNone",
     [](auto& p) {
       AddIssuer(p).set_algorithms(0, v1::TOKEN_ALGORITHM_UNSPECIFIED);
     },
     "issuers[0].algorithms[0]: expected RS256 or ES256"},
    {"AlgorithmOfNoName",
     [](auto& p) {
       AddIssuer(p).set_algorithms(0, static_cast<v1::TokenAlgorithm>(9));
     },
     "issuers[0].algorithms[0]: no value has the number 9; known: RS256, "
     "ES256"},
    {"AlgorithmGivenTwice",
     [](auto& p) { AddIssuer(p).add_algorithms(v1::RS256); },
     "issuers[0].algorithms[1]: RS256 is given twice"},
    {"TokensThatLiveForDays",
     [](auto& p) { AddIssuer(p).set_max_age_seconds(86401); },
     "issuers[0].max_age_seconds: 86401, expected 60 to 86400"},
    {"TokensThatDoNotLive",
     [](auto& p) { AddIssuer(p).set_max_age_seconds(59); },
     "issuers[0].max_age_seconds: 59, expected 60 to 86400"},
    {"BehindClaimWithASpace",
     [](auto& p) { AddIssuer(p).set_behind_claim("actor id"); },
     "issuers[0].behind_claim: expected at most 128 printable characters"},
};

const Spoilt kWorkloads[] = {
    {"WorkloadWithoutIssuer", [](auto& p) { AddJob(p).clear_issuer(); },
     "people[0].workloads[0].issuer: required"},
    {"WorkloadOfNoIssuer", [](auto& p) { AddJob(p).set_issuer("gitlab"); },
     "people[0].workloads[0].issuer: no issuer named \"gitlab\"; known: jobs"},
    {"WorkloadWithoutClaims", [](auto& p) { AddJob(p).clear_claims(); },
     "people[0].workloads[0].claims: required: without one every job"},
    {"RuleWithoutClaim",
     [](auto& p) { AddJob(p).mutable_claims(0)->clear_claim(); },
     "people[0].workloads[0].claims[0].claim: required"},
    {"RuleAboutTheIssuer",
     [](auto& p) { AddJob(p).mutable_claims(0)->set_claim("aud"); },
     "people[0].workloads[0].claims[0].claim: \"aud\" says nothing of the "
     "job"},
    {"RuleThatMatchesNothing",
     [](auto& p) { AddJob(p).mutable_claims(0)->clear_equals(); },
     "people[0].workloads[0].claims[0]: expected one of equals, prefix and "
     "glob"},
    {"RuleWithAnEmptyValue",
     [](auto& p) { AddJob(p).mutable_claims(0)->set_equals(""); },
     "people[0].workloads[0].claims[0].equals: required"},
    {"RuleWithAnEmptyPrefix",
     [](auto& p) { AddJob(p).mutable_claims(0)->set_prefix(""); },
     "people[0].workloads[0].claims[0].prefix: required"},
    {"RuleWithAnEmptyGlob",
     [](auto& p) { AddJob(p).mutable_claims(0)->set_glob(""); },
     "people[0].workloads[0].claims[0].glob: required"},
    {"GlobWithThreeStars",
     [](auto& p) { AddJob(p).mutable_claims(0)->set_glob("a***"); },
     "people[0].workloads[0].claims[0].glob: has ***"},
    {"LongPattern",
     [](auto& p) {
       AddJob(p).mutable_claims(0)->set_glob(std::string(1025, 'a'));
     },
     "people[0].workloads[0].claims[0].glob: 1025 bytes, expected at most "
     "1024"},
    {"ClaimGivenTwice",
     [](auto& p) {
       v1::Workload& job = AddJob(p);
       *job.add_claims() = job.claims(0);
     },
     "people[0].workloads[0].claims[1].claim: \"repository_id\" is given "
     "twice"},
    {"WorkloadOfTwoPeople",
     [](auto& p) { *p.mutable_people(1)->add_workloads() = AddJob(p); },
     "people[1].workloads[0]: has the claims of a workload of ci"},
    {"AccountWithoutValue",
     [](auto& p) {
       AddIssuer(p);
       p.mutable_people(1)->add_accounts("jobs");
     },
     "people[1].accounts[0]: \"jobs\" is no account"},
    {"AccountAtNoIssuer",
     [](auto& p) {
       AddIssuer(p);
       p.mutable_people(1)->add_accounts("gitlab 7");
     },
     "people[1].accounts[0]: no issuer named \"gitlab\"; known: jobs"},
    {"AccountThatNoTokenTells",
     [](auto& p) {
       AddIssuer(p).clear_behind_claim();
       p.mutable_people(1)->add_accounts("jobs 7");
     },
     "people[1].accounts[0]: issuer \"jobs\" has no behind_claim"},
    {"AccountOfTwoPeople",
     [](auto& p) {
       AddIssuer(p);
       p.mutable_people(1)->add_accounts("jobs 7");
       p.mutable_people(2)->add_accounts("jobs 7");
     },
     "people[2].accounts[0]: \"jobs 7\" belongs to alice already"},
};

std::string NameOf(const ::testing::TestParamInfo<Spoilt>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Issuers, IssuerRefuses, ::testing::ValuesIn(kIssuers),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(Workloads, IssuerRefuses,
                         ::testing::ValuesIn(kWorkloads), NameOf);

}  // namespace
}  // namespace bootseal::trust
