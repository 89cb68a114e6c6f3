#include "server/trust/entry.h"

#include <gtest/gtest.h>

#include <set>

#include "absl/strings/escaping.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "tests/support/status_matchers.h"

namespace bootseal::trust {
namespace {

using ::testing::StartsWith;

v1::Entry SigningEntry(std::size_t digest_bytes) {
  v1::Entry entry;
  entry.set_time_unix_ms(1700000000000);
  entry.mutable_caller()->set_identity("ci");
  entry.set_request_id("build-1");
  v1::SigningEvent& signing = *entry.mutable_signing();
  signing.set_target("app");
  signing.set_decision(v1::ALLOWED);
  if (digest_bytes != 0) {
    v1::SignedDigest& made = *signing.add_digests();
    made.set_key("app");
    made.set_digest(std::string(digest_bytes, '\xd1'));
    made.set_signature("signature");
  }
  return entry;
}

v1::Entry AccessEntry() {
  v1::Entry entry;
  entry.mutable_caller()->set_identity("ci");
  entry.mutable_access()->set_rpc("KeyService.ListKeys");
  entry.mutable_access()->set_rule("roles.permissions");
  entry.mutable_access()->set_reason("identity ci has roles ci");
  return entry;
}

auto IsMalformed() {
  return tests::StatusIs(absl::StatusCode::kInvalidArgument, "ENTRY_MALFORMED");
}

// The head of `entry` with other bytes behind it.
std::string WithBody(const v1::Entry& entry, const std::string& body) {
  return EncodeEntry(entry)->substr(0, kEntryHeadBytes) + body;
}

TEST(Entry, ComesBackAsItWent) {
  for (const std::size_t digest_bytes : {0u, 32u, 48u, 64u}) {
    const v1::Entry entry = SigningEntry(digest_bytes);
    const auto bytes = EncodeEntry(entry);
    ASSERT_OK(bytes);
    const auto back = DecodeEntry(*bytes);
    ASSERT_OK(back);
    EXPECT_EQ(back->SerializeAsString(), entry.SerializeAsString());
  }
}

TEST(Entry, OfARefusedAccessComesBackAsItWentAndSignsNothing) {
  const auto bytes = EncodeEntry(AccessEntry());
  ASSERT_OK(bytes);
  EXPECT_EQ(bytes->substr(5, kEntryHeadBytes - 5),
            std::string(kEntryHeadBytes - 5, '\0'));
  const auto back = DecodeEntry(*bytes);
  ASSERT_OK(back);
  EXPECT_EQ(back->SerializeAsString(), AccessEntry().SerializeAsString());
}

TEST(Entry, OfOneKindIsNotReadAsAnother) {
  std::string bytes = *EncodeEntry(AccessEntry());
  bytes[4] = '\x0a';
  EXPECT_THAT(DecodeEntry(bytes), IsMalformed());
}

TEST(Entry, HasAHeadThatABootloaderCanRead) {
  const auto bytes = EncodeEntry(SigningEntry(48));
  ASSERT_OK(bytes);
  EXPECT_EQ(absl::BytesToHexString(bytes->substr(0, kEntryHeadBytes)),
            // magic, Entry.signing is field 10, SHA-384, 48 bytes
            absl::StrCat("42534531", "0a", "02", "30", "00",
                         absl::BytesToHexString(std::string(48, '\xd1')),
                         std::string(32, '0')));
}

TEST(Entry, NamesItsKindInTheHead) {
  v1::Entry policy;
  policy.mutable_policy()->set_text("version: 1");
  v1::Entry start;
  start.mutable_start();
  v1::Entry refusals;
  refusals.mutable_refusals()->set_count(3);
  EXPECT_THAT(*EncodeEntry(policy), StartsWith("BSE1\x0b"));
  EXPECT_THAT(*EncodeEntry(start), StartsWith("BSE1\x0c"));
  EXPECT_THAT(*EncodeEntry(refusals), StartsWith("BSE1\x0d"));
  EXPECT_THAT(*EncodeEntry(AccessEntry()), StartsWith("BSE1\x0e"));
}

TEST(Entry, IsNotWrittenWithoutAnEvent) {
  EXPECT_THAT(EncodeEntry(v1::Entry()), IsMalformed());
}

TEST(Entry, IsNotWrittenWithADigestOfNoAlgorithm) {
  for (const std::size_t digest_bytes : {1u, 20u, 31u, 33u, 63u, 65u}) {
    EXPECT_THAT(EncodeEntry(SigningEntry(digest_bytes)), IsMalformed());
  }
}

TEST(Entry, IsNotWrittenWithTextThatCannotBeReadAgain) {
  v1::Entry entry = SigningEntry(32);
  entry.mutable_signing()->set_version("\xff");
  EXPECT_THAT(EncodeEntry(entry), IsMalformed());
}

TEST(Entry, HasAtMost65535Bytes) {
  v1::Entry entry;
  entry.mutable_policy()->set_text(
      std::string(65535 - kEntryHeadBytes - 8, 'x'));
  const auto largest = EncodeEntry(entry);
  ASSERT_OK(largest);
  ASSERT_EQ(largest->size(), kMaxEntryBytes);
  EXPECT_OK(DecodeEntry(*largest));
  entry.mutable_policy()->mutable_text()->push_back('x');
  EXPECT_THAT(
      EncodeEntry(entry),
      tests::StatusIs(absl::StatusCode::kInvalidArgument, "ENTRY_TOO_LARGE"));
}

TEST(Entry, IsNotReadAboveItsLimit) {
  EXPECT_THAT(DecodeEntry(*EncodeEntry(SigningEntry(32)) +
                          std::string(kMaxEntryBytes, '\0')),
              IsMalformed());
}

TEST(Entry, IsNotReadWhenItsHeadIsCut) {
  const std::string bytes = *EncodeEntry(SigningEntry(32));
  for (std::size_t size = 0; size < kEntryHeadBytes; ++size) {
    EXPECT_THAT(DecodeEntry(bytes.substr(0, size)), IsMalformed()) << size;
  }
}

TEST(Entry, IsNotReadWithAnyBitOfItsHeadTurned) {
  const std::string bytes = *EncodeEntry(SigningEntry(32));
  for (std::size_t bit = 0; bit < 8 * kEntryHeadBytes; ++bit) {
    std::string turned = bytes;
    turned[bit / 8] = static_cast<char>(turned[bit / 8] ^ 1 << bit % 8);
    EXPECT_THAT(DecodeEntry(turned), IsMalformed()) << "bit " << bit;
  }
}

TEST(Entry, IsNotReadWithBytesAfterIt) {
  EXPECT_THAT(DecodeEntry(*EncodeEntry(SigningEntry(32)) + '\0'),
              IsMalformed());
}

TEST(Entry, IsNotReadWithFieldsOutOfOrder) {
  const v1::Entry entry = SigningEntry(0);
  v1::Entry late;
  late.set_time_unix_ms(entry.time_unix_ms());
  v1::Entry rest = entry;
  rest.clear_time_unix_ms();
  const std::string moved = rest.SerializeAsString() + late.SerializeAsString();
  ASSERT_OK(DecodeEntry(WithBody(entry, entry.SerializeAsString())));
  EXPECT_THAT(DecodeEntry(WithBody(entry, moved)), IsMalformed());
}

TEST(Entry, IsNotReadWithADefaultWrittenOut) {
  const v1::Entry entry = SigningEntry(0);
  // Field 3, request_id, given twice: the first is dead weight.
  std::string body = entry.SerializeAsString();
  const std::string id(
      "\x1a\x07"
      "build-1",
      9);
  const std::size_t at = body.find(id);
  ASSERT_NE(at, std::string::npos);
  body.insert(at, id);
  EXPECT_THAT(DecodeEntry(WithBody(entry, body)), IsMalformed());
}

TEST(Entry, IsFoundByWhatItSays) {
  v1::Entry signing = SigningEntry(32);
  signing.mutable_caller()->set_identity("ci");
  signing.mutable_signing()->set_target("app");
  signing.mutable_signing()->set_decision(v1::PENDING);
  const SearchTerms terms = TermsOf(signing);
  EXPECT_EQ(terms.identity, "ci");
  EXPECT_EQ(terms.target, "app");
  EXPECT_EQ(terms.decision, v1::PENDING);
  v1::Entry refusals;
  refusals.mutable_caller()->set_identity("ci");
  refusals.mutable_refusals();
  EXPECT_EQ(TermsOf(refusals).identity, "ci");
  EXPECT_EQ(TermsOf(refusals).decision, v1::REFUSED);
}

TEST(Entry, OfTheServerItselfIsFoundByNothing) {
  v1::Entry policy;
  policy.mutable_policy();
  v1::Entry start;
  start.mutable_start();
  for (const v1::Entry& entry : {policy, start, v1::Entry()}) {
    const SearchTerms terms = TermsOf(entry);
    EXPECT_EQ(terms.identity, "");
    EXPECT_EQ(terms.target, "");
    EXPECT_EQ(terms.decision, v1::DECISION_UNSPECIFIED);
  }
}

v1::SignHeader Header() {
  v1::SignHeader header;
  header.set_target("app");
  header.set_version("1.2.3");
  header.set_security_counter(4);
  header.set_request_id("build-1");
  header.set_payload_size(5);
  return header;
}

TEST(RequestDigest, IsTheSameForTheSameContent) {
  const std::string payload(32, 'p');
  v1::SignHeader again = Header();
  again.set_request_id("build-2");
  EXPECT_EQ(RequestDigest(Header(), payload).size(), 32u);
  EXPECT_EQ(RequestDigest(Header(), payload), RequestDigest(again, payload));
}

// printf 'bootseal.v1 request\n\0\0\0\0\0\0\0\003app\0\0\0\0\0\0\0\0051.2.3'
//   '\0\0\0\0\0\0\0\010\0\0\0\0\0\0\0\004\0\0\0\0\0\0\0\040' and 32 times p,
// piped to sha256sum
TEST(RequestDigest, IsWhatTheHeaderFileSays) {
  EXPECT_EQ(
      absl::BytesToHexString(RequestDigest(Header(), std::string(32, 'p'))),
      "8eeb7e0e18a3d56dad369b480d89b69a11be00cbed1d34c9473638f573cf1e4f");
}

TEST(RequestDigest, DiffersInEverythingThatTheRequesterChose) {
  const std::string payload(32, 'p');
  const std::string digest = RequestDigest(Header(), payload);
  v1::SignHeader other = Header();
  other.set_target("appx");
  EXPECT_NE(RequestDigest(other, payload), digest);
  other = Header();
  other.set_version("1.2.4");
  EXPECT_NE(RequestDigest(other, payload), digest);
  other = Header();
  other.set_security_counter(5);
  EXPECT_NE(RequestDigest(other, payload), digest);
  EXPECT_NE(RequestDigest(Header(), std::string(32, 'q')), digest);
}

TEST(RequestDigest, DoesNotTakeAMissingCounterForZero) {
  v1::SignHeader zero = Header();
  zero.set_security_counter(0);
  v1::SignHeader none = Header();
  none.clear_security_counter();
  EXPECT_NE(RequestDigest(zero, "p"), RequestDigest(none, "p"));
}

TEST(RequestDigest, DoesNotLetFieldsFlowIntoEachOther) {
  v1::SignHeader a = Header();
  a.set_target("app1");
  a.set_version(".2.3");
  v1::SignHeader b = Header();
  b.set_target("app");
  b.set_version("1.2.3");
  EXPECT_NE(RequestDigest(a, "p"), RequestDigest(b, "p"));
}

v1::SignHeader WithTlv(v1::SignHeader header, std::uint32_t type,
                       const std::string& value) {
  v1::VendorTlv& tlv = *header.add_vendor_tlvs();
  tlv.set_type(type);
  tlv.set_value(value);
  return header;
}

// The text above, and behind it each after its length: "vendor_tlvs", the TLV
// of type 0xa5 with "hi", "encrypted", nothing, "compression", 2,
// "signed_range", 0xff.
TEST(RequestDigest, OfOptionsIsWhatTheHeaderFileSays) {
  v1::SignHeader header = WithTlv(Header(), 0xa5, "hi");
  header.set_encrypted(true);
  header.set_compression(v1::LZMA2_ARM_THUMB);
  header.mutable_signed_range()->set_header_padding(0xff);
  const std::string zeros(7, '\0');
  const auto part = [&](const std::string& text) {
    return zeros + static_cast<char>(text.size()) + text;
  };
  const std::string text =
      "bootseal.v1 request\n" + part("app") + part("1.2.3") +
      part(zeros + '\4') + part(std::string(32, 'p')) + part("vendor_tlvs") +
      part(zeros + '\xa5' + zeros + "\2hi") + part("encrypted") + part("") +
      part("compression") + part(zeros + '\2') + part("signed_range") +
      part(zeros + '\xff');
  EXPECT_EQ(RequestDigest(header, std::string(32, 'p')),
            image::host::ToString(image::HashOf(image::HashAlgorithm::kSha256,
                                                image::host::AsBytes(text))
                                      .bytes()));
}

TEST(RequestDigest, DiffersInEveryOption) {
  std::set<std::string> digests;
  std::size_t count = 0;
  const auto add = [&](const v1::SignHeader& header) {
    digests.insert(RequestDigest(header, "p"));
    EXPECT_EQ(digests.size(), ++count);
  };
  add(Header());
  v1::SignHeader encrypted = Header();
  encrypted.set_encrypted(true);
  add(encrypted);
  for (const v1::Compression each : {v1::LZMA2, v1::LZMA2_ARM_THUMB}) {
    v1::SignHeader compressed = Header();
    compressed.set_compression(each);
    add(compressed);
    compressed.set_encrypted(true);
    add(compressed);
  }
  for (const std::uint32_t padding : {0x00u, 0xffu}) {
    v1::SignHeader range = Header();
    range.mutable_signed_range()->set_header_padding(padding);
    add(range);
  }
  add(WithTlv(Header(), 0xa5, "ab"));
  add(WithTlv(Header(), 0xa6, "ab"));
  add(WithTlv(Header(), 0xa5, ""));
  add(WithTlv(encrypted, 0xa5, "ab"));
  add(WithTlv(WithTlv(Header(), 0xa5, "a"), 0xa6, "b"));
  add(WithTlv(WithTlv(Header(), 0xa6, "b"), 0xa5, "a"));
  add(WithTlv(WithTlv(Header(), 0xa5, "ab"), 0xa6, ""));
}

}  // namespace
}  // namespace bootseal::trust
