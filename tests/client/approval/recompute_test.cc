#include "client/approval/recompute.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tests/client/approval/sample_pending.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::approval {
namespace {

using ::testing::AllOf;
using tests::MessageHas;
using tests::SampleOptions;
using tests::SamplePayload;
using tests::StatusIs;

auto IsMismatch(const char* why) {
  return AllOf(
      StatusIs(absl::StatusCode::kFailedPrecondition, "PAYLOAD_MISMATCH"),
      MessageHas(why));
}

Pending Read(const v1::Entry& entry) {
  auto pending = ReadPending(tests::Logged(entry));
  EXPECT_OK(pending);
  return *std::move(pending);
}

const SampleOptions kKinds[] = {
    {},
    {.room = 0x100},
    {.payload_padding = 24},
    {.sha512 = true},
    {.room = 0x100, .payload_padding = 8, .sha512 = true, .pure = true}};

class Recomputed : public ::testing::TestWithParam<SampleOptions> {};

// The commands are run as they are shown, by a shell that knows nothing of us.
TEST_P(Recomputed, DigestIsWhatTheShownCommandsPrint) {
  const Pending pending = Read(tests::SampleSigning(GetParam()));
  const tests::TemporaryFolder folder;
  std::ofstream(folder.File("payload.bin"), std::ios::binary)
      << SamplePayload(GetParam());
  const tests::Outcome outcome = tests::Run(
      {"sh", "-c",
       absl::StrCat("cd ", folder.path(), "\n", RecomputeCommands(pending))});
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.out,
            absl::BytesToHexString(DigestOf(pending).digest()) + "  -\n");
}

TEST_P(Recomputed, PayloadIsTakenAndNoOther) {
  const Pending pending = Read(tests::SampleSigning(GetParam()));
  std::string payload = SamplePayload(GetParam());
  EXPECT_OK(CheckPayload(pending, payload));
  payload.back() = static_cast<char>(payload.back() ^ 1);
  EXPECT_THAT(CheckPayload(pending, payload), IsMismatch("has SHA-256"));
  EXPECT_THAT(CheckPayload(pending, payload + "x"),
              IsMismatch("has 1001 bytes"));
  EXPECT_THAT(CheckPayload(pending, ""), IsMismatch("has 0 bytes"));
}

// The server shows the payload's own hash and has something else signed.
TEST_P(Recomputed, DigestOfSomethingElseIsCaught) {
  v1::Entry entry = tests::SampleSigning(GetParam());
  v1::SignedDigest& digest = *entry.mutable_signing()->mutable_digests(0);
  digest.mutable_digest()->back() =
      static_cast<char>(digest.digest().back() ^ 1);
  tests::Restate(entry);
  EXPECT_THAT(CheckPayload(Read(entry), SamplePayload(GetParam())),
              IsMismatch("the digest over this payload is"));
}

INSTANTIATE_TEST_SUITE_P(Kinds, Recomputed, ::testing::ValuesIn(kKinds));

TEST(RecomputedPayload, ThatWasCompressedIsJudgedByTheDigest) {
  v1::Entry entry = tests::SampleSigning();
  entry.mutable_signing()->set_payload_size(400);
  entry.mutable_signing()->set_payload_sha256(std::string(32, 'c'));
  const Pending pending = Read(entry);
  std::string payload = SamplePayload();
  EXPECT_OK(CheckPayload(pending, payload));
  EXPECT_OK(CheckPayload(pending, std::string(0x100, '\0') + payload));
  payload.back() = 'x';
  EXPECT_THAT(CheckPayload(pending, payload),
              IsMismatch("the digest over this payload is"));
}

TEST(RecomputedPayload, IsNoneOfAKeyChange) {
  EXPECT_THAT(CheckPayload(Read(tests::SampleKeyChange()), "x"),
              IsMismatch("about a key"));
}

long PeakKibibytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// A server that lies can speak of 4 GiB.
TEST(RecomputedPayload, NeedsNoMemoryForThePaddingThatARequestSpeaksOf) {
  constexpr std::uint32_t kPadding = 256 << 20;
  constexpr std::size_t kImageSizeAt = 12;
  v1::Entry entry = tests::SampleSigning();
  v1::Preimage& preimage =
      *entry.mutable_signing()->mutable_digests(0)->mutable_preimage();
  preimage.set_payload_padding_bytes(kPadding);
  for (int i = 0; i < 4; ++i) {
    (*preimage.mutable_header())[kImageSizeAt + i] =
        static_cast<char>((kPadding + SamplePayload().size()) >> (8 * i));
  }
  const Pending pending = Read(entry);
  const long before = PeakKibibytes();
  EXPECT_THAT(CheckPayload(pending, SamplePayload()),
              IsMismatch("the digest over this payload is"));
  EXPECT_LT(PeakKibibytes() - before, 64 << 10);
}

}  // namespace
}  // namespace bootseal::approval
