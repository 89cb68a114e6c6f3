// Vectors: facts services, appendix A.
#include "firmware/image/transparency/note.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "firmware/image/host/convert.h"
#include "tests/support/signing_key.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Error;
using image::host::AsBytes;
using image::host::NameOf;
using image::host::ToString;
using namespace image::transparency;

constexpr char kVkey[] =
    "fwsign.example/audit+fd33bb95+"
    "AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";

const std::string kLogLine =
    "\xe2\x80\x94 fwsign.example/audit "
    "/TO7ldQEu+WBNbCGj7kzEtV7BH66QjrcjftrFGmRwu9fZNMC2yqLY/yewrzkjn92cYiS8aV0"
    "2iCviRGa0c7UN6knVQc=\n";

const std::string kCheckpoint =
    "fwsign.example/"
    "audit\n5\nGqaNMHSQWlgfhMu9D3U3lJBP2ARRvEwT5p2aU7xZUCw=\n\n" +
    kLogLine +
    "\xe2\x80\x94 witness.example/w1 "
    "519lMgAAAABkGFDLkt8hzi5vqJtgQgtF4PMxcP1DtblTg9CTIBnyvfCN6xYptp584xesX9D8"
    "psLeSTqgsKYUPGWkIwcJ7x1l7EHiBg==\n";

const std::string kReceipt =
    "c2sp.org/tlog-proof@v1\nindex 2\n"
    "J0ebarMh0u5HdFL2i6UndI6GPK/o+9HfK/idFXDRtpc=\n"
    "LyelCCwdQq+kiKw1Cp/EOQwIT1T3Hs3/hZ6Y24QptHk=\n"
    "GUu1otW9EOXRqm/V1CmAs1bK8dpiPNmYfEv6L4F3Htc=\n\n" +
    kCheckpoint;

// std::string_view is what a device has; the host's strings convert to it.
VerifierKey LogKey() { return *ParseVerifierKey(kVkey); }

TEST(VerifierKey, IsReadWithNameIdAndKey) {
  const auto key = ParseVerifierKey(kVkey);
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(std::string(key->name), "fwsign.example/audit");
  EXPECT_EQ(key->id, 0xfd33bb95U);
  EXPECT_EQ(KeyId(key->name, key->key), 0xfd33bb95U);
}

TEST(VerifierKey, MayHoldAPlusInItsBase64) {
  for (int tries = 0; tries < 1000; ++tries) {
    const SigningKey key(Algorithm::kEd25519);
    const std::string raw = key.public_key().substr(12);
    const std::string base64 = absl::Base64Escape(absl::StrCat("\x01", raw));
    if (base64.find('+') == std::string::npos) continue;
    const std::string text = absl::StrCat(
        "log+", absl::Hex(KeyId("log", AsBytes(raw)), absl::kZeroPad8), "+",
        base64);
    EXPECT_EQ(NameOf(ParseVerifierKey(text).error()), "OK") << text;
    return;
  }
  FAIL() << "no key with a plus";
}

class VerifierKeyRefused : public testing::TestWithParam<std::string> {};

TEST_P(VerifierKeyRefused, AsMalformed) {
  EXPECT_EQ(NameOf(ParseVerifierKey(GetParam()).error()), "NOTE_FORMAT");
}

INSTANTIATE_TEST_SUITE_P(
    Forms, VerifierKeyRefused,
    testing::Values(
        "", "+", "name", "name+fd33bb95", "name+fd33bb95+",
        // no name, a space in it
        "+fd33bb95+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
        "fwsign example+fd33bb95+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
        // another id, upper case, seven digits
        "fwsign.example/audit+fd33bb96+"
        "AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
        "fwsign.example/audit+FD33BB95+"
        "AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
        "fwsign.example/audit+d33bb95+"
        "AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
        // another name than the id's, a byte more
        "fwsign.example/audio+fd33bb95+"
        "AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
        "fwsign.example/audit+fd33bb95+"
        "AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4AA==",
        "fwsign.example/audit+fd33bb95+"
        "AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4\n"));

TEST(VerifierKey, OfAnotherTypeIsNotSupported) {
  EXPECT_EQ(NameOf(ParseVerifierKey("fwsign.example/audit+fd33bb95+BAOhB7/zzhC+"
                                    "HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4")
                       .error()),
            "UNSUPPORTED");
}

TEST(Checkpoint, IsOpenedWithItsLogsKey) {
  const auto checkpoint = OpenCheckpoint(kCheckpoint, LogKey());
  ASSERT_EQ(NameOf(checkpoint.error()), "OK");
  EXPECT_EQ(std::string(checkpoint->origin), "fwsign.example/audit");
  EXPECT_EQ(checkpoint->size, 5U);
  EXPECT_EQ(absl::Base64Escape(ToString(checkpoint->root)),
            "GqaNMHSQWlgfhMu9D3U3lJBP2ARRvEwT5p2aU7xZUCw=");
}

// The base64 is checked by the same code everywhere, so a bit that no decoder
// uses cannot make a second form of the same note.
TEST(Checkpoint, IsRefusedWithAnySingleBitFlipped) {
  const VerifierKey key = LogKey();
  const std::size_t witness_line = kCheckpoint.rfind("\xe2\x80\x94");
  for (std::size_t bit = 0; bit < 8 * witness_line; ++bit) {
    std::string changed = kCheckpoint;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    ASSERT_FALSE(OpenCheckpoint(changed, key).ok()) << bit / 8;
  }
}

TEST(Checkpoint, IsRefusedWhenCutAtAnyByteBeforeItsSignature) {
  const VerifierKey key = LogKey();
  const std::size_t end = kCheckpoint.find("\xe2\x80\x94") + kLogLine.size();
  for (std::size_t size = 0; size < end; ++size) {
    ASSERT_FALSE(OpenCheckpoint(kCheckpoint.substr(0, size), key).ok()) << size;
  }
}

TEST(Checkpoint, WithoutTheLogsSignatureIsFromAnUnknownKey) {
  EXPECT_EQ(
      NameOf(OpenCheckpoint(absl::StrReplaceAll(kCheckpoint, {{kLogLine, ""}}),
                            LogKey())
                 .error()),
      "NOTE_UNKNOWN_KEY");
}

TEST(Checkpoint, WithOneBadSignatureOfTheLogAmongGoodOnesIsRefused) {
  std::string bad = kLogLine;
  bad[bad.size() - 20] = bad[bad.size() - 20] == 'A' ? 'B' : 'A';
  EXPECT_EQ(NameOf(OpenCheckpoint(kCheckpoint + bad, LogKey()).error()),
            "NOTE_SIGNATURE");
}

TEST(Checkpoint, MayCarryManySignaturesOfStrangers) {
  std::string note = kCheckpoint;
  for (int i = 0; i < 40; ++i) {
    absl::StrAppend(&note, "\xe2\x80\x94 witness", i, " ",
                    absl::Base64Escape(std::string(2432, 's')), "\n");
  }
  EXPECT_EQ(NameOf(OpenCheckpoint(note, LogKey()).error()), "OK");
}

// Signs any text as the log of this name.
std::string SignedNote(const SigningKey& key, const std::string& name,
                       const std::string& text) {
  const std::string raw = key.public_key().substr(12);
  const std::uint32_t id = KeyId(name, AsBytes(raw));
  std::string prefix;
  for (int shift = 24; shift >= 0; shift -= 8) {
    prefix += static_cast<char>(id >> shift & 0xff);
  }
  return absl::StrCat(text, "\n\xe2\x80\x94 ", name, " ",
                      absl::Base64Escape(prefix + key.Sign(AsBytes(text))),
                      "\n");
}

class SignedTextRefused
    : public testing::TestWithParam<std::pair<const char*, const char*>> {};

// Even with a good signature.
TEST_P(SignedTextRefused, WithItsReason) {
  const SigningKey& key = SharedKey(Algorithm::kEd25519);
  VerifierKey log;
  log.name = "log.example";
  image::Copy(AsBytes(key.public_key()).subspan(12), log.key);
  log.id = KeyId(log.name, log.key);
  log.type = 1;
  const std::string note = SignedNote(key, "log.example", GetParam().first);
  EXPECT_EQ(NameOf(OpenCheckpoint(note, log).error()), GetParam().second);
}

#define ROOT "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
INSTANTIATE_TEST_SUITE_P(
    Texts, SignedTextRefused,
    testing::Values(
        std::pair("log.example\n0\n" ROOT, "OK"),
        std::pair("log.example\n18446744073709551615\n" ROOT, "OK"),
        std::pair("other.example\n0\n" ROOT, "ORIGIN"),
        std::pair("\n0\n" ROOT, "NOTE_FORMAT"),
        std::pair("log.example\n00\n" ROOT, "NOTE_FORMAT"),
        std::pair("log.example\n+5\n" ROOT, "NOTE_FORMAT"),
        std::pair("log.example\n-5\n" ROOT, "NOTE_FORMAT"),
        std::pair("log.example\n\n" ROOT, "NOTE_FORMAT"),
        std::pair("log.example\n18446744073709551616\n" ROOT, "NOTE_FORMAT"),
        std::pair("log.example\n5 \n" ROOT, "NOTE_FORMAT"),
        std::pair("log.example\n5\n" ROOT "extension\n", "NOTE_FORMAT"),
        std::pair("log.example\n5\n", "NOTE_FORMAT"),
        std::pair("log.example\n5\nAAAA\n", "NOTE_FORMAT"),
        // a bit that padding cuts off
        std::pair("log.example\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV="
                  "\n",
                  "NOTE_FORMAT"),
        std::pair("log.example\r\n5\n" ROOT, "NOTE_FORMAT"),
        std::pair("log.example\n5\t\n" ROOT, "NOTE_FORMAT"),
        std::pair("log\xc0\xae.example\n5\n" ROOT, "NOTE_FORMAT")));

class SignatureLineRefused : public testing::TestWithParam<const char*> {};

TEST_P(SignatureLineRefused, EvenBesideAGoodOne) {
  EXPECT_EQ(NameOf(OpenCheckpoint(kCheckpoint + GetParam(), LogKey()).error()),
            "NOTE_FORMAT");
}

INSTANTIATE_TEST_SUITE_P(
    Lines, SignatureLineRefused,
    testing::Values(
        "\n", "x\n", "- name AAAAAAA=\n", "\xe2\x80\x94name AAAAAAA=\n",
        "\xe2\x80\x94  AAAAAAA=\n", "\xe2\x80\x94 name\n",
        "\xe2\x80\x94 name \n", "\xe2\x80\x94 na+me AAAAAAA=\n",
        "\xe2\x80\x94 na\xc2\xa0me AAAAAAA=\n",
        "\xe2\x80\x94 na\xe2\x80\x83me AAAAAAA=\n",
        "\xe2\x80\x94 name AAAAAA==\n",  // the id alone
        "\xe2\x80\x94 name AAAAAAB=\n", "\xe2\x80\x94 name AAAAAAA\n",
        "\xe2\x80\x94 name AAAA AAA=\n", "\xe2\x80\x94 name AAAAAAA="));

TEST(Receipt, ProvesItsEntry) {
  EXPECT_EQ(NameOf(VerifyReceipt(kReceipt, AsBytes("entry-2"), LogKey())),
            "OK");
}

TEST(Receipt, ProvesNoOtherEntry) {
  EXPECT_EQ(NameOf(VerifyReceipt(kReceipt, AsBytes("entry-3"), LogKey())),
            "PROOF_MISMATCH");
  EXPECT_EQ(NameOf(VerifyReceipt(kReceipt, {}, LogKey())), "PROOF_MISMATCH");
}

TEST(Receipt, ProvesNothingWithAnySingleBitFlipped) {
  const VerifierKey key = LogKey();
  const std::size_t witness_line = kReceipt.rfind("\xe2\x80\x94");
  for (std::size_t bit = 0; bit < 8 * witness_line; ++bit) {
    std::string changed = kReceipt;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    ASSERT_NE(VerifyReceipt(changed, AsBytes("entry-2"), key), Error::kOk)
        << bit / 8;
  }
}

TEST(ProofFile, MayCarryExtraBytes) {
  const std::string text =
      absl::StrReplaceAll(kReceipt, {{"index 2", "extra AAAA\nindex 2"}});
  const auto file = ParseProofFile(text);
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(std::string(file->extra), "AAAA");
  EXPECT_EQ(NameOf(VerifyReceipt(text, AsBytes("entry-2"), LogKey())), "OK");
}

struct Replacement {
  const char* from;
  const char* to;
  const char* reason = "NOTE_FORMAT";
};

class ProofFileRefused : public testing::TestWithParam<Replacement> {};

TEST_P(ProofFileRefused, With) {
  const std::string text =
      absl::StrReplaceAll(kReceipt, {{GetParam().from, GetParam().to}});
  ASSERT_NE(text, kReceipt);
  EXPECT_EQ(NameOf(ParseProofFile(text).error()), GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    Changes, ProofFileRefused,
    testing::Values(Replacement{"@v1", "@v2"}, Replacement{"index 2", ""},
                    Replacement{"index 2", "index 02"},
                    Replacement{"index 2", "index -2"},
                    Replacement{"index 2", "index"},
                    Replacement{"index 2", "extra \nindex 2"},
                    Replacement{"index 2", "extra A\nindex 2"},
                    Replacement{"index 2", "extra AAAA\nextra AAAA\nindex 2"},
                    Replacement{"J0ebarMh", "J0ebarM"},
                    Replacement{"J0ebarMh0u5HdFL2i6UndI6GPK/"
                                "o+9HfK/idFXDRtpc=\n",
                                "AAAA\n"},
                    Replacement{"c2sp.org", "\nc2sp.org"}));

TEST(ProofFile, WithMoreHashesThanAnyTreeHasIsRefused) {
  std::string text = "c2sp.org/tlog-proof@v1\nindex 0\n";
  for (std::size_t i = 0; i <= kMaxProofHashes; ++i) {
    text += "J0ebarMh0u5HdFL2i6UndI6GPK/o+9HfK/idFXDRtpc=\n";
  }
  EXPECT_EQ(NameOf(ParseProofFile(text + "\n" + kCheckpoint).error()),
            "PROOF_LENGTH");
}

TEST(ProofFile, WithoutACheckpointIsRefused) {
  EXPECT_EQ(
      NameOf(ParseProofFile("c2sp.org/tlog-proof@v1\nindex 0\n\n").error()),
      "NOTE_FORMAT");
}

TEST(Base64, IsDecodedInItsOneForm) {
  std::array<std::byte, 3> buffer;
  const auto decoded = DecodeBase64("AQID", buffer);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(ToString(*decoded), "\x01\x02\x03");
  EXPECT_EQ(ToString(*DecodeBase64("AQI=", buffer)), "\x01\x02");
  EXPECT_EQ(ToString(*DecodeBase64("AQ==", buffer)), "\x01");
  EXPECT_EQ(NameOf(DecodeBase64("AQIDBA==", buffer).error()),
            "BUFFER_TOO_SMALL");
}

TEST(Base64, IsRefusedInAnyOtherForm) {
  std::array<std::byte, 8> buffer;
  for (const char* text :
       {"", "A", "AQ", "AQI", "AQ=", "A===", "====", "AR==", "AQJ=", "AQ==AQ==",
        "AQ=I", "AQ-_", "AQI\n", " AQI", "AQID=", "=AQI"}) {
    EXPECT_EQ(NameOf(DecodeBase64(text, buffer).error()), "NOTE_FORMAT")
        << text;
  }
}

}  // namespace
}  // namespace bootseal::tests
