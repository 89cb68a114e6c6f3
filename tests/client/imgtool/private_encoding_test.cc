// Private keys as bootloaders are built with them.
#include "client/imgtool/private_encoding.h"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "tests/support/status_matchers.h"

namespace bootseal::imgtool {
namespace {

using tests::MessageHas;
using tests::StatusIs;
using Code = absl::StatusCode;

const Key& SharedKey(KeyKind kind) {
  static auto& keys = *new std::map<KeyKind, Key>;
  const auto found = keys.find(kind);
  if (found != keys.end()) return found->second;
  return keys.emplace(kind, *Key::Generate(kind)).first->second;
}

std::string Der(KeyKind kind, std::optional<PrivateFormat> format,
                PrivateContent content) {
  const absl::StatusOr<base::Secret> der =
      PrivateDer(SharedKey(kind), format, content);
  EXPECT_OK(der);
  return der.ok() ? std::string(der->Reveal()) : "";
}

// As OpenSSL reads it in a bootloader's stead.
base::EvpKeyPtr Read(const std::string& der) {
  const auto* data = reinterpret_cast<const unsigned char*>(der.data());
  return base::EvpKeyPtr(
      d2i_AutoPrivateKey(nullptr, &data, static_cast<long>(der.size())));
}

TEST(PrivateEncoding, HasTheLengthsOfTheReference) {
  struct Case {
    KeyKind kind;
    PrivateFormat format;
    PrivateContent content;
    std::size_t bytes;
  };
  constexpr Case kCases[] = {
      {KeyKind::kP256, PrivateFormat::kPkcs8, PrivateContent::kWhole, 138},
      {KeyKind::kP256, PrivateFormat::kPkcs8, PrivateContent::kMinimal, 67},
      {KeyKind::kP256, PrivateFormat::kOpenssl, PrivateContent::kWhole, 121},
      {KeyKind::kP256, PrivateFormat::kOpenssl, PrivateContent::kMinimal, 51},
      {KeyKind::kP384, PrivateFormat::kPkcs8, PrivateContent::kWhole, 185},
      {KeyKind::kP384, PrivateFormat::kOpenssl, PrivateContent::kWhole, 167},
      {KeyKind::kX25519, PrivateFormat::kPkcs8, PrivateContent::kWhole, 48},
      {KeyKind::kX25519, PrivateFormat::kPkcs8, PrivateContent::kMinimal, 48},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(Der(c.kind, c.format, c.content).size(), c.bytes)
        << TraitsOf(c.kind).name;
  }
}

TEST(PrivateEncoding, IsTheSameKeyWhenItIsRead) {
  struct Case {
    KeyKind kind;
    std::vector<PrivateFormat> formats;
    std::vector<PrivateContent> contents;
  };
  const Case kCases[] = {
      {KeyKind::kRsa2048, {PrivateFormat::kOpenssl}, {PrivateContent::kWhole}},
      {KeyKind::kRsa3072, {PrivateFormat::kOpenssl}, {PrivateContent::kWhole}},
      {KeyKind::kP256,
       {PrivateFormat::kOpenssl, PrivateFormat::kPkcs8},
       {PrivateContent::kWhole, PrivateContent::kMinimal}},
      {KeyKind::kP384,
       {PrivateFormat::kOpenssl, PrivateFormat::kPkcs8},
       {PrivateContent::kWhole}},
      {KeyKind::kX25519,
       {PrivateFormat::kPkcs8},
       {PrivateContent::kWhole, PrivateContent::kMinimal}},
  };
  for (const Case& c : kCases) {
    for (const PrivateFormat format : c.formats) {
      for (const PrivateContent content : c.contents) {
        const base::EvpKeyPtr read = Read(Der(c.kind, format, content));
        ASSERT_TRUE(read) << TraitsOf(c.kind).name;
        EXPECT_EQ(EVP_PKEY_eq(read.get(), SharedKey(c.kind).get()), 1)
            << TraitsOf(c.kind).name;
      }
    }
  }
}

// The integers of a SEQUENCE of INTEGERs with lengths in DER's forms.
std::vector<std::string> Integers(const std::string& der) {
  std::size_t at = 0;
  const auto byte = [&der, &at] {
    return static_cast<unsigned char>(der.at(at++));
  };
  const auto length = [&byte] {
    std::size_t value = byte();
    if (value < 0x80) return value;
    std::size_t bytes = value & 0x7f;
    for (value = 0; bytes > 0; --bytes) value = value << 8 | byte();
    return value;
  };
  EXPECT_EQ(byte(), 0x30);
  const std::size_t size = length();
  EXPECT_EQ(size, der.size() - at);
  std::vector<std::string> integers;
  while (at < der.size()) {
    EXPECT_EQ(byte(), 0x02);
    const std::size_t bytes = length();
    integers.push_back(der.substr(at, bytes));
    at += bytes;
  }
  return integers;
}

TEST(PrivateEncoding, LeavesOutOfMinimalRsaTheCrtParametersAlone) {
  for (const KeyKind kind : {KeyKind::kRsa2048, KeyKind::kRsa3072}) {
    const auto whole =
        Integers(Der(kind, std::nullopt, PrivateContent::kWhole));
    const auto minimal =
        Integers(Der(kind, std::nullopt, PrivateContent::kMinimal));
    ASSERT_EQ(whole.size(), 9);
    EXPECT_EQ(minimal,
              std::vector<std::string>(whole.begin(), whole.begin() + 6));
  }
}

TEST(PrivateEncoding, LeavesThePublicKeyOutOfMinimalP256) {
  const std::string point = SharedKey(KeyKind::kP256).device_der().substr(26);
  for (const PrivateFormat format :
       {PrivateFormat::kOpenssl, PrivateFormat::kPkcs8}) {
    EXPECT_TRUE(absl::StrContains(
        Der(KeyKind::kP256, format, PrivateContent::kWhole), point));
    EXPECT_FALSE(absl::StrContains(
        Der(KeyKind::kP256, format, PrivateContent::kMinimal), point));
  }
}

TEST(PrivateEncoding, ChoosesTheFormatByTheKind) {
  EXPECT_EQ(Der(KeyKind::kP256, std::nullopt, PrivateContent::kWhole),
            Der(KeyKind::kP256, PrivateFormat::kPkcs8, PrivateContent::kWhole));
  EXPECT_EQ(
      Der(KeyKind::kRsa2048, std::nullopt, PrivateContent::kWhole),
      Der(KeyKind::kRsa2048, PrivateFormat::kOpenssl, PrivateContent::kWhole));
}

TEST(PrivateEncoding, RefusesFormatsThatNoBootloaderReads) {
  for (const KeyKind kind : {KeyKind::kRsa2048, KeyKind::kRsa3072}) {
    EXPECT_THAT(PrivateDer(SharedKey(kind), PrivateFormat::kPkcs8,
                           PrivateContent::kWhole),
                StatusIs(Code::kInvalidArgument, "PRIVATE_FORMAT"));
  }
  EXPECT_THAT(PrivateDer(SharedKey(KeyKind::kX25519), PrivateFormat::kOpenssl,
                         PrivateContent::kWhole),
              StatusIs(Code::kInvalidArgument, "PRIVATE_FORMAT"));
}

TEST(PrivateEncoding, RefusesMinimalP384) {
  EXPECT_THAT(PrivateDer(SharedKey(KeyKind::kP384), std::nullopt,
                         PrivateContent::kMinimal),
              StatusIs(Code::kInvalidArgument, "PRIVATE_CONTENT"));
}

TEST(PrivateEncoding, RefusesEd25519WhichDecryptsNothing) {
  const auto der = PrivateDer(SharedKey(KeyKind::kEd25519), std::nullopt,
                              PrivateContent::kWhole);
  EXPECT_THAT(der, StatusIs(Code::kInvalidArgument, "KEY_TYPE"));
  EXPECT_THAT(der, MessageHas("ed25519"));
}

TEST(PrivateEncoding, RefusesAPublicKeyOfEveryKind) {
  for (const KeyTraits& traits : kKeyKinds) {
    const Key key = *Key::Parse(SharedKey(traits.kind).PublicPem(),
                                [] { return base::Secret(); });
    EXPECT_THAT(PrivateDer(key, std::nullopt, PrivateContent::kWhole),
                StatusIs(Code::kInvalidArgument, "KEY_NOT_PRIVATE"));
  }
}

TEST(PrivatePem, IsPkcs8InTheClearOrEncrypted) {
  for (const KeyTraits& traits : kKeyKinds) {
    const Key& key = SharedKey(traits.kind);
    const base::Secret clear = *PrivatePem(key, base::Secret());
    const base::Secret locked =
        *PrivatePem(key, base::Secret(std::string("pass")));
    EXPECT_TRUE(absl::StartsWith(clear.Reveal(), "-----BEGIN PRIVATE "));
    EXPECT_TRUE(
        absl::StartsWith(locked.Reveal(), "-----BEGIN ENCRYPTED PRIVATE "));
    const auto opened = Key::Parse(
        locked.Reveal(), [] { return base::Secret(std::string("pass")); });
    ASSERT_OK(opened);
    EXPECT_EQ(EVP_PKEY_eq(opened->get(), key.get()), 1);
  }
}

}  // namespace
}  // namespace bootseal::imgtool
