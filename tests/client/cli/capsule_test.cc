// bootseal capsule: against a real server, and what it made against tools of
// others: mkeficapsule, openssl and a parser in Python.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "firmware/image/host/capsule.h"
#include "tests/client/cli/online_fixture.h"
#include "tests/support/capsule_target.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kFip[] = "19d5df83-11b0-457b-be2c-7559c13142a5";

// By the specification alone. Writes the PKCS#7 and what it is over, and prints
// what it read.
constexpr char kParser[] = R"(
import struct, sys, uuid
data = open(sys.argv[1], 'rb').read()
guid = lambda at: uuid.UUID(bytes_le=data[at:at + 16])
header, flags, size = struct.unpack_from('<III', data, 16)
assert str(guid(0)) == '6dcbd5ed-e82d-4c44-bda1-7194199ad92a'
assert (header, size) == (28, len(data))
version, drivers, items, offset = struct.unpack_from('<IHHQ', data, header)
assert (version, drivers, items) == (1, 0, 1)
at = header + offset
version, = struct.unpack_from('<I', data, at)
kind = guid(at + 4)
index, image, vendor, instance, support = struct.unpack_from('<B3xIIQQ', data, at + 20)
assert (version, vendor, support) == (3, 0, 1)
at += 48
assert at + image == len(data)
count, length, revision, type_ = struct.unpack_from('<QIHH', data, at)
assert (revision, type_) == (0x200, 0x0ef1)
assert str(guid(at + 16)) == '4aafd29d-68df-49ee-8aa9-347d375665a7'
payload = data[at + 8 + length:]
open(sys.argv[2], 'wb').write(data[at + 32:at + 8 + length])
open(sys.argv[3], 'wb').write(payload + struct.pack('<Q', count))
magic, size, version, lowest = struct.unpack_from('<4sIII', payload)
assert (magic, size) == (b'MSS1', 16)
open(sys.argv[4], 'wb').write(payload[16:])
print(kind, index, hex(flags), instance, count, version, lowest)
)";

class CapsuleCommand : public OnlineTest {
 protected:
  CapsuleCommand() {
    server_.AddKey("capsules", hsm::Algorithm::kRsa2048,
                   hsm::RsaPadding::kPkcs1);
    server_.AddKey("others", hsm::Algorithm::kRsa2048, hsm::RsaPadding::kPkcs1);
    Add("board", "capsules").mutable_capsule()->set_must_be_accepted(true);
    Add("other-board", "others");
    v1::Target& guarded = Add("guarded", "capsules");
    guarded.set_approvals(1);
    guarded.add_approvers("release-manager");
    Make({"openssl", "genpkey", "-algorithm", "ed25519", "-out",
          File("alice.pem")});
    Make({"openssl", "pkey", "-in", File("alice.pem"), "-pubout", "-out",
          File("alice-public.pem")});
    server_.AddPerson("alice", "release-manager")
        .add_approver_keys()
        ->set_public_key(Read("alice-public.pem"));
    Write("firmware.bin", firmware_);
    server_.Start();
  }

  static void Make(const std::vector<std::string>& command) {
    const Outcome outcome = tests::Run(command);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  }

  v1::Target& Add(const std::string& name, const std::string& key) {
    v1::Target& target = AddCapsuleTarget(server_, name, key);
    Write(name + ".pem", target.capsule().certificate_pem());
    return target;
  }

  Outcome Create(const std::string& target,
                 const std::vector<std::string>& more = {},
                 const std::string& version = "7") {
    std::vector<std::string> arguments{
        "capsule",     "create", "--target",           target,
        "--version",   version,  File("firmware.bin"), "-o",
        File("fw.cap")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Bootseal("ci", arguments);
  }
  // Without a server, as a verifier far away.
  Outcome Check(const std::vector<std::string>& more,
                const std::string& file = "fw.cap") {
    std::vector<std::string> arguments{"capsule", "check", File(file)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Bootseal("ci", arguments, {{"BOOTSEAL_SERVER", "127.0.0.1:1"}});
  }

  const std::string firmware_ =
      absl::StrCat("firmware", std::string(300'000, 'f'));
};

TEST_F(CapsuleCommand, MakesOneThatOthersVerify) {
  const Outcome made = Create("board");
  ASSERT_EQ(made.exit_code, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("7 (0.0.7)"));
  Write("parse.py", kParser);
  const Outcome parsed =
      tests::Run({"python3", File("parse.py"), File("fw.cap"), File("p7"),
                  File("content"), File("payload")});
  ASSERT_EQ(parsed.exit_code, 0) << parsed.err;
  EXPECT_EQ(parsed.out, absl::StrCat(kFip, " 1 0x18000 0 7 7 3\n"));
  EXPECT_EQ(Read("payload"), firmware_);
  const auto verify = [&](const std::string& certificate) {
    return tests::Run({"openssl", "cms", "-verify", "-inform", "DER", "-binary",
                       "-in", File("p7"), "-content", File("content"),
                       "-CAfile", File(certificate), "-purpose", "any", "-out",
                       File("out")});
  };
  EXPECT_EQ(verify("board.pem").exit_code, 0) << verify("board.pem").err;
  EXPECT_NE(verify("other-board.pem").exit_code, 0);
}

TEST_F(CapsuleCommand, IsProvenOfflineByCertificateOrProfileAndReceipt) {
  Export("board", "profile");
  Export("other-board", "other");
  ASSERT_EQ(Create("board", {"--receipt", File("receipt")}).exit_code, 0);
  const Outcome good = Check({"--certificate", File("board.pem")});
  EXPECT_EQ(good.exit_code, 0) << good.err;
  EXPECT_THAT(good.out, HasSubstr("must be accepted"));
  const Outcome proven =
      Check({"--profile", File("profile"), "--receipt", File("receipt")});
  EXPECT_EQ(proven.exit_code, 0) << proven.err;
  EXPECT_THAT(proven.out, HasSubstr("good, in a log of"));
  const auto refused = [&](const std::vector<std::string>& more, int exit,
                           const char* reason) {
    const Outcome outcome = Check(more);
    EXPECT_EQ(outcome.exit_code, exit) << outcome.out;
    EXPECT_THAT(outcome.err, HasSubstr(reason));
  };
  refused({"--certificate", File("other-board.pem")}, 1,
          "CERTIFICATE_MISMATCH");
  refused({"--profile", File("other")}, 1, "CERTIFICATE_MISMATCH");
  refused({}, 2, "--certificate");
  refused({"--certificate", File("board.pem"), "--receipt", File("receipt")}, 2,
          "TARGET_MISSING");
  refused({"--certificate", File("receipt")}, 5, "CERTIFICATE_INVALID");
  refused({"--certificate", File("absent")}, 5, "FILE_NOT_FOUND");
  // The receipt of another capsule.
  ASSERT_EQ(Create("board", {}, "8").exit_code, 0);
  refused({"--profile", File("profile"), "--receipt", File("receipt")}, 1,
          "RECEIPT_MISMATCH");
}

TEST_F(CapsuleCommand, RefusesAnAlteredOneAndSaysWhatNobodySigns) {
  Export("board", "profile");
  ASSERT_EQ(Create("board").exit_code, 0);
  const std::string good = Read("fw.cap");
  const auto check = [&](std::size_t at, const std::string& with) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    Write("bad.cap", bad);
    return Check(
        {with == "profile" ? "--profile" : "--certificate", File(with)},
        "bad.cap");
  };
  EXPECT_THAT(check(good.size() - 1, "board.pem").err,
              HasSubstr("CONTENT_MISMATCH"));
  EXPECT_THAT(check(0x5c, "board.pem").err, HasSubstr("CONTENT_MISMATCH"));
  EXPECT_THAT(check(0, "board.pem").err, HasSubstr("CAPSULE_MALFORMED"));
  // The image type is not signed: a profile knows it, a certificate does not.
  EXPECT_EQ(check(0x30, "board.pem").exit_code, 0);
  EXPECT_THAT(check(0x30, "profile").err, HasSubstr("CAPSULE_OF_ANOTHER"));
  EXPECT_THAT(check(0x15, "profile").err, HasSubstr("CAPSULE_OF_ANOTHER"));
  Write("bad.cap", good.substr(0, good.size() - 1));
  EXPECT_EQ(Check({"--certificate", File("board.pem")}, "bad.cap").exit_code,
            1);
}

TEST_F(CapsuleCommand, TheSameRequestGivesTheSameCapsule) {
  ASSERT_EQ(Create("board", {"--request-id", "r-1"}).exit_code, 0);
  const std::string first = Read("fw.cap");
  ASSERT_EQ(Create("board", {"--request-id", "r-1"}).exit_code, 0);
  EXPECT_EQ(Read("fw.cap"), first);
  const Outcome other = Create("board", {"--request-id", "r-1"}, "8");
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err, HasSubstr("REQUEST_ID_REUSED"));
}

TEST_F(CapsuleCommand, WaitsForApprovals) {
  const Outcome outcome = Create("guarded", {"--request-id", "first"});
  EXPECT_EQ(outcome.exit_code, 3) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("bootseal approvals approve "));
  EXPECT_THAT(Files(), Not(Contains("fw.cap")));
  const Outcome shown = Bootseal("alice", {"approvals", "show", "first"});
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_THAT(shown.out, HasSubstr("lowest supported 3"));
  const auto approve = [&](const std::string& payload) {
    return Bootseal("alice", {"approvals", "approve", "first", "--yes", "--key",
                              File("alice.pem"), "--payload", File(payload)});
  };
  Write("other.bin", "another firmware");
  EXPECT_THAT(approve("other.bin").err, HasSubstr("PAYLOAD_MISMATCH"));
  const Outcome approved = approve("firmware.bin");
  EXPECT_EQ(approved.exit_code, 0) << approved.err;
  EXPECT_EQ(Create("guarded").exit_code, 0);
  EXPECT_EQ(Check({"--certificate", File("guarded.pem")}).exit_code, 0);
}

TEST_F(CapsuleCommand, LeavesNothingWhenItIsRefused) {
  const auto expect = [&](const Outcome& outcome, int exit,
                          const char* reason) {
    EXPECT_EQ(outcome.exit_code, exit) << outcome.out << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(reason));
    EXPECT_THAT(Files(), Not(Contains("fw.cap")));
  };
  expect(Create("board", {}, "2"), 1, "VERSION_BELOW_LOWEST");
  expect(Create("board", {}, "4294967296"), 2, "VERSION_INVALID");
  expect(Create("board", {}, "1.2.3+4"), 2, "VERSION_INVALID");
  expect(Create("board", {}, "one"), 2, "VERSION_INVALID");
  expect(Create("app"), 1, "WRONG_CALL");
  expect(Create("nobody"), 1, "UNKNOWN_TARGET");
  expect(Create("board", {"--receipt", File("fw.cap")}), 2,
         "OUTPUT_IS_RECEIPT");
  expect(Create("board", {"--receipt", File("firmware.bin")}), 2,
         "OUTPUT_IS_INPUT");
  expect(Create("board", {"--profile", File("board.pem")}), 5,
         "PROFILE_INVALID");
  Export("other-board", "other");
  expect(Create("board", {"--profile", File("other")}), 1, "PROFILE_MISMATCH");
  Write("firmware.bin", "MSS1 and more");
  expect(Create("board"), 1, "ALREADY_WITH_VERSION");
  Write("firmware.bin", "");
  expect(Create("board"), 5, "FILE_EMPTY");
}

// The certificate that we kept is the one that counts.
TEST_F(CapsuleCommand, HoldsTheServersCertificateAgainstOurProfile) {
  Export("board", "profile");
  Export("other-board", "other");
  std::string forged = Read("other");
  const std::size_t at = forged.find("other-board");
  ASSERT_NE(at, std::string::npos);
  forged.replace(at, 11, "board");
  Write("forged", forged);
  const Outcome outcome = Create("board", {"--profile", File("forged")});
  EXPECT_EQ(outcome.exit_code, 1) << outcome.out;
  EXPECT_THAT(outcome.err, HasSubstr("PROFILE_MISMATCH"));
  EXPECT_THAT(Files(), Not(Contains("fw.cap")));
  EXPECT_EQ(Create("board", {"--profile", File("profile")}).exit_code, 0);
}

TEST_F(CapsuleCommand, AcceptsAndRevertsAndSaysThatNothingIsSigned) {
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "capsule");
    arguments.insert(arguments.end(), {"-o", File("mark.cap")});
    return Bootseal("ci", arguments);
  };
  const Outcome accept = run({"accept", "--guid", "fip"});
  EXPECT_EQ(accept.exit_code, 0) << accept.err;
  EXPECT_THAT(accept.err, HasSubstr("UEFI has no signature for this capsule"));
  EXPECT_THAT(accept.err, HasSubstr("bootseal-fwu"));
  EXPECT_EQ(Read("mark.cap"),
            image::host::WriteAcceptCapsule(image::guids::kFip));
  EXPECT_EQ(run({"accept", "--target", "board"}).exit_code, 0);
  EXPECT_EQ(Read("mark.cap"),
            image::host::WriteAcceptCapsule(image::guids::kFip));
  const Outcome revert = run({"revert"});
  EXPECT_EQ(revert.exit_code, 0) << revert.err;
  EXPECT_THAT(revert.err, HasSubstr("UEFI has no signature for this capsule"));
  EXPECT_EQ(Read("mark.cap"), image::host::WriteRevertCapsule());
  for (const std::string& kind :
       {std::string("revert"), std::string("accept")}) {
    if (kind == "accept") run({"accept", "--guid", kFip});
    const Outcome shown =
        Bootseal("ci", {"--json", "capsule", "show", File("mark.cap")});
    EXPECT_THAT(shown.out, HasSubstr(absl::StrCat("\"kind\":\"", kind)));
  }
  EXPECT_EQ(run({"accept"}).exit_code, 2);
  EXPECT_EQ(run({"accept", "--guid", "x"}).exit_code, 2);
  EXPECT_EQ(run({"accept", "--guid", kFip, "--target", "board"}).exit_code, 2);
  EXPECT_THAT(run({"accept", "--target", "app"}).err,
              HasSubstr("TARGET_NOT_CAPSULE"));
  EXPECT_THAT(Check({"--certificate", File("board.pem")}, "mark.cap").err,
              HasSubstr("CAPSULE_MALFORMED"));
  EXPECT_THAT(Bootseal("ci", {"capsule", "show", File("firmware.bin")}).err,
              HasSubstr("NOT_A_CAPSULE"));
}

TEST_F(CapsuleCommand, IsRecognisedByInspect) {
  ASSERT_EQ(Create("board").exit_code, 0);
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"inspect", File("fw.cap")},
        std::vector<std::string>{"capsule", "show", File("fw.cap")}}) {
    const Outcome shown = Bootseal("ci", command);
    EXPECT_EQ(shown.exit_code, 0) << shown.err;
    EXPECT_THAT(shown.out, HasSubstr("not verified here"));
    EXPECT_THAT(shown.out, HasSubstr("7 (0.0.7)"));
  }
}

// Whoever reads the log later verifies each signature as its target has it.
TEST_F(CapsuleCommand, LeavesALogThatIsProven) {
  ASSERT_EQ(Create("board").exit_code, 0);
  Write("app.bin", Payload(5000));
  EXPECT_EQ(Sign("ci").exit_code, 0);
  const Outcome verified = Bootseal("auditor", {"audit", "verify"});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
}

}  // namespace
}  // namespace bootseal::tests
