// Targets whose key signs the image itself, and payloads that are sent
// compressed.
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "firmware/image/host/compression.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/plain_variant.h"
#include "firmware/image/mcuboot/verifier.h"
#include "firmware/image/transparency/note.h"
#include "server/trust/entry.h"
#include "server/trust/profile.h"
#include "tests/server/log_entries.h"
#include "tests/support/compressed_image.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using image::host::AsBytes;
using image::mcuboot::Compression;
using Code = absl::StatusCode;

std::string FileOf(const v1::SignReply& reply, absl::string_view payload) {
  return absl::StrCat(reply.header(), payload, reply.tlvs());
}

// The device's verdict over the image, and over what it makes of it.
absl::Status Verdict(const v1::SignReply& reply, absl::string_view payload) {
  const auto profile = trust::McubootProfile::Make(reply.profile());
  if (!profile.ok()) return profile.status();
  const std::string file = FileOf(reply, payload);
  const image::mcuboot::Rules& rules = (*profile)->rules();
  const absl::Status outer = image::host::ToStatus(
      image::mcuboot::Verify(rules, AsBytes(file)).error());
  if (!outer.ok()) return outer;
  return image::host::CheckPlainVariant(rules, AsBytes(file));
}

std::string Sent(const std::string& plain,
                 Compression compression = Compression::kLzma2) {
  return image::host::Compress(compression, plain).value();
}

class Content : public testing::Test {
 protected:
  Content() {
    server_.AddKey("edwards", hsm::Algorithm::kEd25519);
    server_.AddTarget("pure", "edwards").mutable_mcuboot()->set_pure(true);
    AddCompressed("compressed", "app");
    AddCompressed("both", "edwards").set_pure(true);
  }

  v1::McubootFormat& AddCompressed(const std::string& name,
                                   const std::string& key) {
    v1::McubootFormat& format = *server_.AddTarget(name, key).mutable_mcuboot();
    format.set_strategy(v1::OVERWRITE_ONLY);
    format.set_compression(v1::LZMA2);
    return format;
  }

  static v1::SignHeader For(const std::string& target,
                            absl::string_view payload) {
    v1::SignHeader header = HeaderFor(payload);
    header.set_target(target);
    return header;
  }
  static v1::SignHeader Compressed(const std::string& target,
                                   absl::string_view payload) {
    v1::SignHeader header = For(target, payload);
    header.set_compression(v1::LZMA2);
    return header;
  }

  absl::StatusOr<v1::SignReply> Ask(const v1::SignHeader& header,
                                    absl::string_view payload,
                                    std::size_t chunk = 4096) {
    return Sign(server_.Channel("ci"), header, payload, {chunk});
  }

  std::size_t Releases() {
    v1::ListEntriesRequest request;
    request.set_limit(1000);
    std::size_t count = 0;
    for (const v1::Entry& entry : LogEntries(server_, request)) {
      if (entry.signing().digests_size() > 0) ++count;
    }
    return count;
  }

  v1::SigningEvent EventOf(const v1::SignReply& reply) {
    const auto proof = image::transparency::ParseProofFile(reply.receipt());
    std::vector<std::byte> buffer(proof->extra.size());
    const auto bytes = image::transparency::DecodeBase64(proof->extra, buffer);
    return trust::DecodeEntry(image::host::ToString(*bytes))->signing();
  }

  ServerFixture server_;
};

TEST_F(Content, AnImageIsSignedItselfAndTheEntrySaysSo) {
  server_.Start();
  const std::string payload = TestPayload(50'001);
  const auto reply = Ask(For("pure", payload), payload);
  ASSERT_OK(reply);
  EXPECT_OK(Verdict(*reply, payload));
  const v1::SigningEvent event = EventOf(*reply);
  ASSERT_EQ(event.digests_size(), 1);
  EXPECT_TRUE(event.digests(0).pure());
  EXPECT_EQ(event.digests(0).digest().size(), 64u);
}

TEST_F(Content, ARetryGetsTheSameSignatureOverTheImage) {
  server_.Start();
  const std::string payload = TestPayload(5000);
  const v1::SignHeader header = For("pure", payload);
  const auto first = Ask(header, payload);
  ASSERT_OK(first);
  const auto second = Ask(header, payload);
  ASSERT_OK(second);
  EXPECT_TRUE(second->replayed());
  EXPECT_EQ(second->tlvs(), first->tlvs());
  EXPECT_EQ(Releases(), 1u);
}

TEST_F(Content, ATargetThatTurnedPureRepeatsNothing) {
  server_.Start();
  const std::string payload = TestPayload(5000);
  const v1::SignHeader header = For("pure", payload);
  ASSERT_OK(Ask(header, payload));
  server_.Stop();
  for (v1::Target& target : *server_.policy().mutable_targets()) {
    if (target.name() != "pure") continue;
    target.mutable_mcuboot()->set_pure(false);
    target.mutable_mcuboot()->set_sha512(true);
  }
  server_.policy().set_version(2);
  server_.WritePolicy();
  server_.Start();
  EXPECT_THAT(Ask(header, payload),
              StatusIs(Code::kFailedPrecondition, "RELEASE_NOT_REPEATABLE"));
}

TEST_F(Content, ACompressedImageBootsAndSoDoesWhatComesOfIt) {
  server_.Start();
  const std::string plain = CompressiblePayload(100'000);
  const std::string payload = Sent(plain);
  ASSERT_LT(payload.size(), plain.size() / 2);
  for (const std::size_t chunk : {1, 7, 4096}) {
    for (const char* target : {"compressed", "both"}) {
      const auto reply = Ask(Compressed(target, payload), payload, chunk);
      ASSERT_OK(reply);
      EXPECT_OK(Verdict(*reply, payload)) << target;
      const v1::SigningEvent event = EventOf(*reply);
      ASSERT_EQ(event.digests_size(), 2);
      EXPECT_EQ(event.payload_size(), payload.size());
      EXPECT_EQ(event.digests(1).pure(), std::string(target) == "both");
    }
  }
}

TEST_F(Content, TheRoomOfATargetIsNoneOfACompressedPayload) {
  AddCompressed("room-and-compressed", "app").set_payload_has_header_room(true);
  server_.Start();
  const std::string payload = Sent(CompressiblePayload(20'000));
  const auto reply = Ask(Compressed("room-and-compressed", payload), payload);
  ASSERT_OK(reply);
  EXPECT_OK(Verdict(*reply, payload));
}

TEST_F(Content, APlainPayloadIsTakenWhereCompressedOnesAre) {
  server_.Start();
  const std::string payload = TestPayload(5000);
  const auto reply = Ask(For("compressed", payload), payload);
  ASSERT_OK(reply);
  EXPECT_OK(Verdict(*reply, payload));
  EXPECT_EQ(EventOf(*reply).digests_size(), 1);
}

TEST_F(Content, ARetryOfACompressedPayloadGetsBothSignaturesAgain) {
  server_.Start();
  const std::string payload = Sent(CompressiblePayload(20'000));
  const v1::SignHeader header = Compressed("compressed", payload);
  const auto first = Ask(header, payload);
  ASSERT_OK(first);
  const auto second = Ask(header, payload);
  ASSERT_OK(second);
  EXPECT_TRUE(second->replayed());
  EXPECT_EQ(second->tlvs(), first->tlvs());
  EXPECT_EQ(Releases(), 1u);
}

TEST_F(Content, TargetsThatDecompressNothingRefuseByName) {
  server_.Start();
  const std::string payload = Sent(CompressiblePayload(20'000));
  for (const char* target : {"app", "pure"}) {
    EXPECT_THAT(Ask(Compressed(target, payload), payload),
                StatusIs(Code::kInvalidArgument, "COMPRESSION_NOT_OF_TARGET"));
  }
  EXPECT_EQ(Releases(), 0u);
}

TEST_F(Content, AnotherFilterIsRefusedByName) {
  server_.Start();
  const std::string payload =
      Sent(CompressiblePayload(20'000), Compression::kLzma2ArmThumb);
  v1::SignHeader header = For("compressed", payload);
  for (const int filter : {static_cast<int>(v1::LZMA2_ARM_THUMB), 77}) {
    header.set_compression(static_cast<v1::Compression>(filter));
    const auto refused = Ask(header, payload);
    EXPECT_THAT(refused,
                StatusIs(Code::kInvalidArgument, "COMPRESSION_NOT_OF_TARGET"));
    EXPECT_THAT(refused.status(), MessageHas("plain or LZMA2 payloads"));
  }
  EXPECT_EQ(Releases(), 0u);
}

TEST_F(Content, BadStreamsAreRefusedByNameAndSignNothing) {
  server_.Start();
  const std::string good = Sent(CompressiblePayload(20'000));
  std::string damaged = good;
  damaged[2] = '\x7f';
  std::string properties = good;
  properties[1] = '\x5d';
  struct Bad {
    std::string payload;
    const char* reason;
  };
  for (const Bad& bad :
       {Bad{damaged, "COMPRESSION_INVALID"},
        Bad{properties, "COMPRESSION_PROPERTIES"},
        Bad{CompressiblePayload(5000), "COMPRESSION_PROPERTIES"},
        Bad{good.substr(0, good.size() - 1), "COMPRESSION_INVALID"},
        Bad{good.substr(0, 2), "COMPRESSION_INVALID"},
        Bad{good.substr(0, 1), "COMPRESSION_PROPERTIES"},
        Bad{good + "x", "COMPRESSION_INVALID"},
        Bad{Sent(std::string(64 << 20, '\0')), "COMPRESSION_TOO_LARGE"}}) {
    EXPECT_THAT(Ask(Compressed("compressed", bad.payload), bad.payload),
                StatusIs(Code::kFailedPrecondition, bad.reason));
  }
  EXPECT_EQ(Releases(), 0u);
}

TEST_F(Content, WhatDoesNotFitOnceDecompressedIsRefused) {
  server_.Start();
  const std::string slot = Sent(CompressiblePayload(256 << 10));
  const auto refused = Ask(Compressed("compressed", slot), slot);
  EXPECT_THAT(refused, StatusIs(Code::kInvalidArgument, "PAYLOAD_TOO_LARGE"));
  EXPECT_THAT(refused.status(), MessageHas("once decompressed"));
  const std::string empty = Sent("");
  EXPECT_THAT(Ask(Compressed("compressed", empty), empty),
              StatusIs(Code::kInvalidArgument, "EMPTY_PAYLOAD"));
  EXPECT_EQ(Releases(), 0u);
}

TEST_F(Content, VectorsAreJudgedOnceDecompressed) {
  v1::McubootFormat& format = AddCompressed("vectors", "app");
  format.set_ram_address(0x30000000);
  format.set_ram_size(0x1000);
  server_.Start();
  const std::string payload = Sent(CompressiblePayload(20'000));
  EXPECT_THAT(Ask(Compressed("vectors", payload), payload),
              StatusIs(Code::kFailedPrecondition, "VECTOR_TABLE"));
  EXPECT_EQ(Releases(), 0u);
}

TEST_F(Content, AnImageInsideTheStreamIsRefused) {
  server_.Start();
  const std::string payload =
      Sent("\x3d\xb8\xf3\x96" + CompressiblePayload(20'000));
  EXPECT_THAT(Ask(Compressed("compressed", payload), payload),
              StatusIs(Code::kInvalidArgument, "ALREADY_AN_IMAGE"));
}

TEST_F(Content, CompressedAndEncryptedIsRefusedByName) {
  server_.Start();
  const std::string payload = Sent(CompressiblePayload(20'000));
  v1::SignHeader header = Compressed("compressed", payload);
  header.set_encrypted(true);
  EXPECT_EQ(Ask(header, payload).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(Releases(), 0u);
}

TEST_F(Content, NothingIsSignedBeforeApproval) {
  AddCompressed("guarded", "app");
  for (v1::Target& target : *server_.policy().mutable_targets()) {
    if (target.name() != "guarded") continue;
    target.set_approvals(1);
  }
  server_.Start();
  const std::string payload = Sent(CompressiblePayload(20'000));
  EXPECT_THAT(Ask(Compressed("guarded", payload), payload),
              StatusIs(Code::kFailedPrecondition, "APPROVALS_REQUIRED"));
  EXPECT_EQ(Releases(), 0u);
}

// An upload that has begun, with what it reserves.
class Held {
 public:
  Held(const ServerFixture& server, const v1::SignHeader& header)
      : stub_(v1::SigningService::NewStub(server.Channel("ci"))),
        writer_(stub_->Sign(&context_, &reply_)) {
    v1::SignRequest message;
    *message.mutable_header() = header;
    writer_->Write(message);
  }
  absl::Status Finish(absl::string_view payload) {
    v1::SignRequest message;
    message.set_chunk(std::string(payload));
    writer_->Write(message);
    writer_->WritesDone();
    return FromRpc(writer_->Finish());
  }
  void Cancel() {
    context_.TryCancel();
    writer_->Finish();
  }

 private:
  grpc::ClientContext context_;
  v1::SignReply reply_;
  std::unique_ptr<v1::SigningService::Stub> stub_;
  std::unique_ptr<grpc::ClientWriter<v1::SignRequest>> writer_;
};

// Until it is another outcome than OK, or, the other way, until it is OK.
absl::Status Until(bool ok, const std::function<absl::Status()>& ask) {
  absl::Status status;
  for (int i = 0; i < 500; ++i) {
    status = ask();
    if (status.ok() == ok) break;
    absl::SleepFor(absl::Milliseconds(10));
  }
  return status;
}

// A line of /proc/PID/status in KiB.
long MemoryKib(ServerFixture& server, const std::string& name) {
  std::ifstream status(
      absl::StrCat("/proc/", server.process().pid(), "/status"));
  std::string word;
  while (status >> word) {
    long value = 0;
    if (word == name + ":" && status >> value) return value;
  }
  return 0;
}

std::string Hard(std::size_t size) {
  std::string text = TestPayload(8);
  std::uint32_t x = 1;
  while (text.size() < size) {
    x = x * 1664525 + 1013904223;
    text.push_back(static_cast<char>(0x40 | (x >> 26)));
  }
  return text;
}

TEST_F(Content, MemoryIsAsPromisedWithAPayloadThatFillsTheSlot) {
  constexpr std::uint32_t kSlot = 32 << 20;
  for (v1::Target& target : *server_.policy().mutable_targets()) {
    target.mutable_mcuboot()->set_slot_size(kSlot);
  }
  server_.Start();
  const std::string plain = Hard(kSlot - 8192);
  const std::string small = TestPayload(5000);
  ASSERT_OK(Ask(For("pure", small), small));
  const long idle = MemoryKib(server_, "VmRSS");
  const std::string sent = Sent(plain);
  const auto compressed = Ask(Compressed("compressed", sent), sent, 1 << 18);
  ASSERT_OK(compressed);
  const long of_compressed = MemoryKib(server_, "VmHWM");
  const auto pure = Ask(For("pure", plain), plain, 1 << 18);
  ASSERT_OK(pure);
  const long of_pure = MemoryKib(server_, "VmHWM");
  RecordProperty("idle_kib", static_cast<int>(idle));
  RecordProperty("sent_kib", static_cast<int>(sent.size() >> 10));
  RecordProperty("compressed_kib", static_cast<int>(of_compressed - idle));
  RecordProperty("pure_kib", static_cast<int>(of_pure - idle));
  // Nothing of what is decompressed is kept.
  EXPECT_LT(of_compressed - idle, static_cast<long>(sent.size() >> 10) + 8192);
  // The token copies what it signs, more than once.
  EXPECT_LT(of_pure - idle, 4L * (kSlot >> 10));
}

TEST_F(Content, MoreThanTheServerEverKeepsIsRefusedAndPlainOnesAreNot) {
  server_.config().mutable_limits()->set_max_buffered_bytes(5000);
  server_.Start();
  const std::string payload = TestPayload(5000);
  EXPECT_THAT(Ask(For("pure", payload), payload),
              StatusIs(Code::kResourceExhausted, "BUFFER_TOO_LARGE"));
  EXPECT_OK(Ask(For("app", payload), payload));
}

TEST_F(Content, MemoryThatIsTakenIsRefusedWithADelayAndThereAgainAfterwards) {
  server_.config().mutable_limits()->set_max_buffered_bytes(40'000);
  server_.Start();
  const std::string payload = TestPayload(25'000);
  const auto ask = [&] { return Ask(For("pure", payload), payload).status(); };
  ASSERT_OK(ask());
  Held held(server_, For("pure", payload));
  EXPECT_THAT(Until(false, ask),
              StatusIs(Code::kResourceExhausted, "MEMORY_BUSY"));
  EXPECT_OK(held.Finish(payload));
  EXPECT_OK(Until(true, ask));
}

TEST_F(Content, MemoryIsThereAgainAfterEveryEndOfAnUpload) {
  server_.config().mutable_limits()->set_max_buffered_bytes(40'000);
  server_.Start();
  const std::string payload = TestPayload(25'000);
  const auto ask = [&] { return Ask(For("pure", payload), payload).status(); };
  {
    Held held(server_, For("pure", payload));
    EXPECT_THAT(Until(false, ask),
                StatusIs(Code::kResourceExhausted, "MEMORY_BUSY"));
    held.Cancel();
  }
  EXPECT_OK(Until(true, ask));
  {
    Held held(server_, For("pure", payload));
    EXPECT_THAT(Until(false, ask),
                StatusIs(Code::kResourceExhausted, "MEMORY_BUSY"));
    EXPECT_THAT(held.Finish(payload.substr(1)),
                StatusIs(Code::kInvalidArgument, "SIZE_MISMATCH"));
  }
  EXPECT_OK(Until(true, ask));
  v1::SignHeader compressed = Compressed("compressed", payload);
  {
    Held held(server_, compressed);
    EXPECT_THAT(Until(false, ask),
                StatusIs(Code::kResourceExhausted, "MEMORY_BUSY"));
    EXPECT_THAT(held.Finish(payload),
                StatusIs(Code::kFailedPrecondition, "COMPRESSION_PROPERTIES"));
  }
  EXPECT_OK(Until(true, ask));
  EXPECT_OK(ask());
}

TEST_F(Content, SignManyKeepsWithinTheSameBudget) {
  server_.config().mutable_limits()->set_max_buffered_bytes(40'000);
  server_.Start();
  const std::string payload = TestPayload(25'000);
  Held held(server_, For("pure", payload));
  EXPECT_FALSE(Until(false, [&] {
                 return Ask(For("pure", payload), payload).status();
               }).ok());
  const auto stub = v1::SigningService::NewStub(server_.Channel("ci"));
  grpc::ClientContext context;
  const auto stream = stub->SignMany(&context);
  v1::SignManyRequest request;
  *request.mutable_header() = For("pure", payload);
  request.set_payload(payload);
  ASSERT_TRUE(stream->Write(request));
  v1::SignManyReply reply;
  ASSERT_TRUE(stream->Read(&reply));
  EXPECT_EQ(reply.failure().reason(), "MEMORY_BUSY");
  EXPECT_GT(reply.failure().retry_seconds(), 0u);
  EXPECT_OK(held.Finish(payload));
  *request.mutable_header() = For("pure", payload);
  for (int i = 0; i < 500 && !reply.has_reply(); ++i) {
    ASSERT_TRUE(stream->Write(request));
    ASSERT_TRUE(stream->Read(&reply));
  }
  EXPECT_TRUE(reply.has_reply()) << reply.failure().message();
  stream->WritesDone();
  EXPECT_OK(FromRpc(stream->Finish()));
}

}  // namespace
}  // namespace bootseal::tests
