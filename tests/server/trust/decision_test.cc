#include "server/trust/decision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <type_traits>

#include "server/trust/entry.h"
#include "tests/server/trust/example_policy.h"
#include "tests/support/status_matchers.h"

namespace bootseal::trust {
namespace {

using ::testing::HasSubstr;
using ::testing::IsNull;
using ::testing::Not;
using ::testing::NotNull;

static_assert(!std::is_copy_constructible_v<Approved>);
static_assert(!std::is_default_constructible_v<Approved>);

v1::SignHeader HeaderFor(const std::string& target) {
  v1::SignHeader header;
  header.set_target(target);
  header.set_version("1.2.3");
  header.set_request_id("build-1");
  header.set_payload_size(1000);
  return header;
}

class JudgeTest : public ::testing::Test {
 protected:
  Admission Admit(const std::string& identity, const v1::SignHeader& header) {
    return judge_.Admit(tests::CallerNamed(identity), header);
  }
  // Asks for the first of `pairs`, with a log that has nothing to say.
  absl::StatusOr<Approved> Approve(const std::string& identity,
                                   const v1::SignHeader& header,
                                   std::vector<KeyDigest> pairs) {
    const v1::SigningEvent asked =
        Asked(header, pairs.empty() ? KeyDigest{"app", "none"} : pairs.front());
    return judge_.Approve(tests::CallerNamed(identity), header, asked,
                          std::move(pairs), Facts());
  }
  v1::SigningEvent Asked(const v1::SignHeader& header, const KeyDigest& pair) {
    v1::SigningEvent asked;
    asked.set_target(header.target());
    asked.set_version(header.version());
    const Admission admission = Admit("ci", header);
    if (admission.has_security_counter) {
      asked.set_security_counter(admission.security_counter);
    }
    asked.set_payload_sha256(std::string(32, 'p'));
    asked.set_request_sha256(RequestDigest(header, asked.payload_sha256()));
    v1::SignedDigest& digest = *asked.add_digests();
    digest.set_key(pair.key);
    digest.set_digest(pair.digest);
    digest.set_pure(pair.pure);
    return asked;
  }
  void ExpectRefused(const Admission& admission, const std::string& code,
                     const std::string& rule) {
    EXPECT_EQ(admission.decision, v1::REFUSED) << admission.reason;
    EXPECT_EQ(admission.code, code);
    EXPECT_EQ(admission.rule, rule);
    EXPECT_THAT(admission.target, IsNull());
  }

  const std::shared_ptr<const Policy> policy_ =
      tests::Parsed(tests::ExamplePolicy());
  const Judge judge_{*policy_};
};

TEST_F(JudgeTest, AllowsWhatARoleMayAskFor) {
  const Admission admission = Admit("ci", HeaderFor("app"));
  EXPECT_EQ(admission.decision, v1::ALLOWED);
  EXPECT_EQ(admission.rule, "target.requesters");
  ASSERT_THAT(admission.target, NotNull());
  EXPECT_EQ(admission.target->name(), "app");
  EXPECT_EQ(admission.code, "");
}

TEST_F(JudgeTest, RefusesUnknownCallers) {
  for (const char* identity : {"", "mallory"}) {
    ExpectRefused(Admit(identity, HeaderFor("app")), "UNKNOWN_CALLER",
                  "caller");
  }
}

TEST_F(JudgeTest, BelievesThePolicyAndNotTheCallersRoles) {
  v1::Caller caller = tests::CallerNamed("audrey");
  caller.add_roles("ci");
  ExpectRefused(judge_.Admit(caller, HeaderFor("app")), "WRONG_ROLE",
                "target.requesters");
}

TEST_F(JudgeTest, RefusesRequestIdsOfAnotherForm) {
  for (const std::string& id :
       {std::string(), std::string(65, 'a'), std::string("a b"),
        std::string("a/b"), std::string("a\n"), std::string("a\0b", 3),
        std::string("\xc3\xa4")}) {
    v1::SignHeader header = HeaderFor("app");
    header.set_request_id(id);
    ExpectRefused(Admit("ci", header), "REQUEST_ID_INVALID", "request_id");
  }
}

TEST_F(JudgeTest, TakesRequestIdsUpTo64Characters) {
  v1::SignHeader header = HeaderFor("app");
  header.set_request_id(std::string(60, 'a') + "._-9");
  EXPECT_EQ(Admit("ci", header).decision, v1::ALLOWED);
}

TEST_F(JudgeTest, NamesOnlyTheTargetsThatTheCallerMayAskFor) {
  const Admission admission = Admit("alice", HeaderFor("ap"));
  ExpectRefused(admission, "UNKNOWN_TARGET", "target");
  EXPECT_THAT(admission.reason, HasSubstr("no target \"ap\""));
  EXPECT_THAT(admission.reason, HasSubstr("alice may ask for: app"));
  EXPECT_THAT(admission.reason, Not(HasSubstr("secure")));
}

TEST_F(JudgeTest, SaysWhichRoleWasMissing) {
  const Admission admission = Admit("alice", HeaderFor("secure"));
  ExpectRefused(admission, "WRONG_ROLE", "target.requesters");
  EXPECT_EQ(admission.reason,
            "identity alice has roles developer, auditor; target secure takes "
            "requests from ci");
}

TEST_F(JudgeTest, RefusesVersionsThatAreNone) {
  for (const char* version : {"", "1.2.x", "1.2+3", "256.0.0", "1.2.3.4",
                              "01.2.3", "1.2.65536", "-1.0.0", " 1.2.3"}) {
    v1::SignHeader header = HeaderFor("app");
    header.set_version(version);
    ExpectRefused(Admit("ci", header), "VERSION_INVALID", "version");
  }
}

TEST_F(JudgeTest, FillsInTheDefaultCounter) {
  EXPECT_EQ(Admit("ci", HeaderFor("secure")).security_counter, 1u);
}

TEST_F(JudgeTest, PrefersTheCallersCounter) {
  for (const std::uint32_t counter : {0u, 7u, 512u}) {
    v1::SignHeader header = HeaderFor("secure");
    header.set_security_counter(counter);
    const Admission admission = Admit("ci", header);
    EXPECT_EQ(admission.decision, v1::ALLOWED) << admission.reason;
    EXPECT_EQ(admission.security_counter, counter);
  }
}

TEST_F(JudgeTest, RefusesACounterThatTheDeviceCannotStore) {
  v1::SignHeader header = HeaderFor("secure");
  header.set_security_counter(513);
  const Admission admission = Admit("ci", header);
  ExpectRefused(admission, "SECURITY_COUNTER_TOO_HIGH",
                "target.security_counter");
  EXPECT_THAT(admission.reason, HasSubstr("513 is above 512"));
}

TEST_F(JudgeTest, DerivesTheCounterAsImgtoolDoes) {
  v1::SignHeader header = HeaderFor("edwards");
  header.set_version("1.2.3+99");
  EXPECT_EQ(Admit("ci", header).security_counter, 0x01020003u);
}

TEST_F(JudgeTest, RefusesAForbiddenCounter) {
  v1::SignHeader header = HeaderFor("guarded");
  header.set_security_counter(1);
  ExpectRefused(Admit("ci", header), "SECURITY_COUNTER_FORBIDDEN",
                "target.security_counter");
}

TEST_F(JudgeTest, RefusesToGuessARequiredCounter) {
  v1::Policy proto = tests::ExamplePolicy();
  proto.mutable_targets(1)->mutable_mcuboot()->clear_default_security_counter();
  const auto policy = tests::Parsed(proto);
  const Admission admission =
      Judge(*policy).Admit(tests::CallerNamed("ci"), HeaderFor("secure"));
  ExpectRefused(admission, "SECURITY_COUNTER_MISSING",
                "target.security_counter");
}

TEST_F(JudgeTest, RefusesAPayloadWithoutContent) {
  v1::SignHeader header = HeaderFor("app");
  header.set_payload_size(0);
  ExpectRefused(Admit("ci", header), "EMPTY_PAYLOAD", "target.slot_size");
  // This one brings 0x200 bytes of header room along.
  header = HeaderFor("edwards");
  header.set_payload_size(0x200);
  ExpectRefused(Admit("ci", header), "EMPTY_PAYLOAD", "target.slot_size");
}

TEST_F(JudgeTest, RefusesAPayloadThatNoTlvCouldFollow) {
  v1::SignHeader header = HeaderFor("app");
  for (const std::uint64_t size :
       {std::uint64_t{0x80000}, std::uint64_t{0x80000 - 0x400},
        std::uint64_t{1} << 32, ~std::uint64_t{0}}) {
    header.set_payload_size(size);
    ExpectRefused(Admit("ci", header), "PAYLOAD_TOO_LARGE", "target.slot_size");
  }
  header.set_payload_size(0x80000 - 0x800);
  EXPECT_EQ(Admit("ci", header).decision, v1::ALLOWED);
}

TEST_F(JudgeTest, LeavesARequestPendingThatNeedsApprovals) {
  const Admission admission = Admit("ci", HeaderFor("guarded"));
  EXPECT_EQ(admission.decision, v1::PENDING);
  EXPECT_EQ(admission.code, "APPROVALS_REQUIRED");
  EXPECT_EQ(admission.rule, "target.approvals");
  EXPECT_THAT(admission.reason, HasSubstr("2 approvals"));
}

TEST_F(JudgeTest, AsksForTheRoleBeforeEverythingAboutTheImage) {
  v1::SignHeader header = HeaderFor("secure");
  header.set_version("x");
  header.set_payload_size(0);
  ExpectRefused(Admit("alice", header), "WRONG_ROLE", "target.requesters");
}

TEST_F(JudgeTest, ApprovesTheTargetsKeyOverADigest) {
  const auto approved =
      Approve("ci", HeaderFor("app"), {{"app", std::string(32, 'd')}});
  ASSERT_OK(approved);
  ASSERT_EQ(approved->pairs().size(), 1u);
  EXPECT_EQ(approved->pairs()[0].key, "app");
  EXPECT_EQ(approved->pairs()[0].digest, std::string(32, 'd'));
}

TEST_F(JudgeTest, ApprovesADigestOfTheImagesHash) {
  EXPECT_OK(
      Approve("ci", HeaderFor("edwards"), {{"edwards", std::string(64, 'd')}}));
  EXPECT_THAT(
      Approve("ci", HeaderFor("edwards"), {{"edwards", std::string(32, 'd')}}),
      tests::StatusIs(absl::StatusCode::kPermissionDenied, "DIGEST_LENGTH"));
}

TEST_F(JudgeTest, ApprovesNothingThatItWouldNotAdmit) {
  for (const char* identity : {"", "mallory", "audrey"}) {
    EXPECT_EQ(
        Approve(identity, HeaderFor("app"), {{"app", std::string(32, 'd')}})
            .status()
            .code(),
        absl::StatusCode::kPermissionDenied);
  }
}

TEST_F(JudgeTest, ApprovesNothingThatIsPending) {
  EXPECT_THAT(
      Approve("ci", HeaderFor("guarded"), {{"app", std::string(32, 'd')}}),
      tests::StatusIs(absl::StatusCode::kPermissionDenied,
                      "APPROVALS_REQUIRED"));
}

TEST_F(JudgeTest, ApprovesNoDigestButTheOneThatWasAskedFor) {
  const v1::SignHeader header = HeaderFor("app");
  const v1::SigningEvent asked = Asked(header, {"app", std::string(32, 'd')});
  EXPECT_THAT(
      judge_.Approve(tests::CallerNamed("ci"), header, asked,
                     {{"app", std::string(32, 'e')}}, Facts()),
      tests::StatusIs(absl::StatusCode::kPermissionDenied, "DIGEST_NOT_ASKED"));
}

TEST_F(JudgeTest, ApprovesNothingThatTheHeaderDoesNotAskFor) {
  const KeyDigest pair{"app", std::string(32, 'd')};
  const v1::SignHeader header = HeaderFor("app");
  const v1::SigningEvent asked = Asked(header, pair);
  const auto differs =
      tests::StatusIs(absl::StatusCode::kPermissionDenied, "REQUEST_DIFFERS");
  const auto approve = [&](const v1::SigningEvent& event) {
    return judge_.Approve(tests::CallerNamed("ci"), header, event, {pair},
                          Facts());
  };
  EXPECT_OK(approve(asked));
  void (*const kSpoils[])(v1::SigningEvent&) = {
      [](auto& e) { e.set_target("secure"); },
      [](auto& e) { e.set_version("1.2.4"); },
      [](auto& e) { e.set_security_counter(1); },
      [](auto& e) { e.set_security_counter(0); },
      [](auto& e) { e.set_payload_sha256(std::string(32, 'q')); },
      [](auto& e) { e.clear_digests(); },
  };
  for (const auto& spoil : kSpoils) {
    v1::SigningEvent other = asked;
    spoil(other);
    EXPECT_THAT(approve(other), differs);
  }
}

TEST_F(JudgeTest, ApprovesNoOtherKey) {
  for (const char* key : {"", "secure", "log", "nothing"}) {
    EXPECT_THAT(Approve("ci", HeaderFor("app"), {{key, std::string(32, 'd')}}),
                tests::StatusIs(absl::StatusCode::kPermissionDenied,
                                "KEY_NOT_OF_TARGET"))
        << key;
  }
}

TEST_F(JudgeTest, ApprovesNeitherNoneNorTwo) {
  const KeyDigest pair{"app", std::string(32, 'd')};
  EXPECT_THAT(Approve("ci", HeaderFor("app"), {}),
              tests::StatusIs(absl::StatusCode::kPermissionDenied,
                              "KEY_NOT_OF_TARGET"));
  EXPECT_THAT(Approve("ci", HeaderFor("app"), {pair, pair}),
              tests::StatusIs(absl::StatusCode::kPermissionDenied,
                              "KEY_NOT_OF_TARGET"));
}

TEST_F(JudgeTest, ApprovesNoSignatureOfTheOtherKind) {
  EXPECT_THAT(
      Approve("ci", HeaderFor("app"),
              {{"app", std::string(32, 'd'), /*pure=*/true}}),
      tests::StatusIs(absl::StatusCode::kPermissionDenied, "SIGNATURE_KIND"));
}

TEST_F(JudgeTest, RefusesAPayloadThatNobodyDecompresses) {
  v1::SignHeader header = HeaderFor("app");
  for (const int compression : {1, 2, 3, -1}) {
    header.set_compression(static_cast<v1::Compression>(compression));
    const Admission admission = Admit("ci", header);
    EXPECT_EQ(admission.decision, v1::REFUSED);
    EXPECT_EQ(admission.code, "COMPRESSION_NOT_OF_TARGET");
    EXPECT_EQ(admission.rule, "target.compression");
  }
}

TEST_F(JudgeTest, RefusesARangeThatIsSaidToBeCompressed) {
  v1::SignHeader header = HeaderFor("app");
  header.mutable_signed_range();
  EXPECT_EQ(Admit("ci", header).decision, v1::ALLOWED);
  header.set_compression(v1::LZMA2);
  const Admission admission = Admit("ci", header);
  EXPECT_EQ(admission.decision, v1::REFUSED);
  EXPECT_EQ(admission.code, "RANGE_COMPRESSED");
  EXPECT_EQ(admission.rule, "signed_range");
}

TEST_F(JudgeTest, ApprovesNoDigestOfAnotherLength) {
  for (const std::size_t bytes : {0u, 20u, 31u, 33u, 48u, 64u}) {
    EXPECT_THAT(
        Approve("ci", HeaderFor("app"), {{"app", std::string(bytes, 'd')}}),
        tests::StatusIs(absl::StatusCode::kPermissionDenied, "DIGEST_LENGTH"))
        << bytes;
  }
}

TEST_F(JudgeTest, LetsARoleWithThePermissionRead) {
  EXPECT_OK(judge_.Allow(tests::CallerNamed("audrey"), v1::READ_LOG));
  EXPECT_OK(judge_.Allow(tests::CallerNamed("alice"), v1::READ_LOG));
  EXPECT_OK(judge_.Allow(tests::CallerNamed("ci"), v1::READ_KEYS));
}

TEST_F(JudgeTest, KeepsOthersFromReading) {
  const absl::Status status =
      judge_.Allow(tests::CallerNamed("ci"), v1::READ_LOG);
  EXPECT_THAT(status, tests::StatusIs(absl::StatusCode::kPermissionDenied,
                                      "WRONG_ROLE"));
  EXPECT_EQ(status.message(),
            "identity ci has roles ci; READ_LOG is given to auditor");
  EXPECT_THAT(
      judge_.Allow(tests::CallerNamed("audrey"), v1::PERMISSION_UNSPECIFIED),
      tests::StatusIs(absl::StatusCode::kPermissionDenied, "WRONG_ROLE"));
}

TEST_F(JudgeTest, KeepsTheUnknownFromReading) {
  EXPECT_THAT(
      judge_.Allow(tests::CallerNamed(""), v1::READ_KEYS),
      tests::StatusIs(absl::StatusCode::kUnauthenticated, "UNKNOWN_CALLER"));
}

TEST_F(JudgeTest, LetsThoseRequestForWhomThereIsATarget) {
  EXPECT_OK(judge_.AllowRequests(tests::CallerNamed("ci")));
}

TEST_F(JudgeTest, LetsNobodyRequestForWhomThereIsNoTarget) {
  const absl::Status status =
      judge_.AllowRequests(tests::CallerNamed("audrey"));
  EXPECT_THAT(status, tests::StatusIs(absl::StatusCode::kPermissionDenied,
                                      "WRONG_ROLE"));
  EXPECT_EQ(status.message(),
            "identity audrey has roles auditor; no target takes requests from "
            "it");
}

TEST_F(JudgeTest, LetsNobodyRequestWhoseRolesAreOnlyInTheCall) {
  v1::Caller caller = tests::CallerNamed("audrey");
  caller.add_roles("ci");
  EXPECT_THAT(
      judge_.AllowRequests(caller),
      tests::StatusIs(absl::StatusCode::kPermissionDenied, "WRONG_ROLE"));
  caller.set_identity("nobody");
  EXPECT_THAT(
      judge_.AllowRequests(caller),
      tests::StatusIs(absl::StatusCode::kUnauthenticated, "UNKNOWN_CALLER"));
}

}  // namespace
}  // namespace bootseal::trust
