// Targets whose key signs the image itself, and payloads that are sent
// compressed.
#include <functional>
#include <string>

#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv.h"
#include "tests/server/content_fixture.h"
#include "tests/support/approver.h"

namespace bootseal::tests {
namespace {

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

// A release of "pure", asked for again once its target is another.
class ChangedTarget : public Content {
 protected:
  void ReleaseAndChange(const std::function<void(v1::Target&)>& change) {
    server_.Start();
    ASSERT_OK(Ask(header_, payload_));
    server_.Stop();
    for (v1::Target& target : *server_.policy().mutable_targets()) {
      if (target.name() == "pure") change(target);
    }
    server_.policy().set_version(2);
    server_.WritePolicy();
    server_.Start();
    EXPECT_THAT(Ask(header_, payload_),
                StatusIs(Code::kFailedPrecondition, "RELEASE_NOT_REPEATABLE"));
  }

  const std::string payload_ = TestPayload(5000);
  const v1::SignHeader header_ = For("pure", payload_);
};

TEST_F(ChangedTarget, ThatTurnedPureRepeatsNothing) {
  ReleaseAndChange([](v1::Target& target) {
    target.mutable_mcuboot()->set_pure(false);
    target.mutable_mcuboot()->set_sha512(true);
  });
}

TEST_F(ChangedTarget, ThatChangedItsKeyRepeatsNothing) {
  server_.AddKey("successor", hsm::Algorithm::kEd25519);
  ReleaseAndChange([](v1::Target& target) { target.set_key("successor"); });
  v1::SignHeader anew = header_;
  anew.set_request_id("anew");
  EXPECT_OK(Ask(anew, payload_));
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

// What COMP_DEC_SIZE says.
std::uint32_t CompressedSizeIn(const std::string& image) {
  const image::mcuboot::Reading reading =
      image::mcuboot::ReadImage(AsBytes(image), image::HashAlgorithm::kSha256);
  const image::Bytes value =
      image::mcuboot::FindTlv(reading.facts.protected_area,
                              image::mcuboot::tlv::kCompressedSize)
          .value;
  EXPECT_EQ(value.size(), 4u);
  return image::Reader(value).U32();
}

// As a client sends what it will encrypt.
std::string Padded(std::string stream) {
  stream.resize((stream.size() + 15) / 16 * 16, '\0');
  return stream;
}

v1::SignHeader ForCipher(v1::SignHeader header) {
  header.set_encrypted(true);
  return header;
}

TEST_F(Content, ACompressedPayloadThatWillBeEncryptedIsSignedWithItsPadding) {
  for (const bool room : {false, true}) {
    v1::McubootFormat& format =
        AddCompressed(room ? "cipher-room" : "cipher", "app");
    format.set_payload_has_header_room(room);
    format.mutable_encryption()->set_presence(v1::OPTIONAL);
  }
  server_.Start();
  for (std::size_t size = 20'000; size < 20'400; size += 50) {
    const std::string stream = Sent(CompressiblePayload(size));
    const std::string payload = Padded(stream);
    for (const char* target : {"cipher-room", "cipher"}) {
      const auto reply =
          Ask(ForCipher(Compressed(target, payload)), payload, 7);
      ASSERT_OK(reply);
      EXPECT_OK(Verdict(*reply, payload)) << target;
      EXPECT_EQ(CompressedSizeIn(FileOf(*reply, payload)), stream.size());
    }
  }
}

TEST_F(Content, OtherPaddingThanTheCiphersIsRefusedAndSignsNothing) {
  AddCompressed("cipher", "app")
      .mutable_encryption()
      ->set_presence(v1::OPTIONAL);
  server_.Start();
  const std::string stream = Sent(CompressiblePayload(20'000));
  const std::string good = Padded(stream + '\0');
  std::string other = good;
  other.back() = '\1';
  for (const std::string& payload :
       {other, good + std::string(16, '\0'),
        Padded(stream.substr(0, stream.size() - 17))}) {
    EXPECT_THAT(Ask(ForCipher(Compressed("cipher", payload)), payload),
                StatusIs(Code::kFailedPrecondition, "COMPRESSION_INVALID"));
  }
  EXPECT_THAT(Ask(Compressed("cipher", good), good),
              StatusIs(Code::kFailedPrecondition, "COMPRESSION_INVALID"));
  const std::string bare = stream.size() % 16 == 0 ? good + '\0' : stream;
  EXPECT_THAT(Ask(ForCipher(Compressed("cipher", bare)), bare),
              StatusIs(Code::kInvalidArgument, "PAYLOAD_NOT_PADDED"));
  EXPECT_EQ(Releases(), 0u);
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
    tests::NeedApprovalOf("auditor", server_.policy(), target);
  }
  server_.Start();
  const std::string payload = Sent(CompressiblePayload(20'000));
  EXPECT_THAT(Ask(Compressed("guarded", payload), payload),
              StatusIs(Code::kFailedPrecondition, "APPROVALS_REQUIRED"));
  EXPECT_EQ(Releases(), 0u);
}

}  // namespace
}  // namespace bootseal::tests
