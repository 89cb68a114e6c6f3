// Payloads encrypted for a device, opened by a decryptor that shares no code
// with the one under test.
#include "client/imgtool/encryption.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/client/imgtool/independent_decryption.h"
#include "tests/support/status_matchers.h"

namespace bootseal::imgtool {
namespace {

using tests::MessageHas;
using tests::StatusIs;
using Code = absl::StatusCode;

// RSA takes a second: one key of each kind for the whole program.
const Key& Device(KeyKind kind) {
  static auto& keys = *new std::map<KeyKind, Key>;
  const auto found = keys.find(kind);
  if (found != keys.end()) return found->second;
  return keys.emplace(kind, *Key::Generate(kind)).first->second;
}

Key PublicHalf(const Key& key) {
  return *Key::Parse(key.PublicPem(), [] { return base::Secret(); });
}

std::string Payload(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    text.push_back(static_cast<char>((7 * i + i / 251) % 256));
  }
  return text;
}

struct Scheme {
  const char* name;
  KeyKind kind;
  HmacHash hmac;
  std::uint16_t tlv;
  std::size_t overhead;  // of the TLV beyond the content key; 0 for RSA
  std::size_t mac;
};

constexpr Scheme kSchemes[] = {
    {"Rsa2048", KeyKind::kRsa2048, HmacHash::kSha256, 0x30, 0, 0},
    {"P256", KeyKind::kP256, HmacHash::kSha256, 0x32, 97, 32},
    {"X25519", KeyKind::kX25519, HmacHash::kSha256, 0x33, 64, 32},
    {"X25519Sha512", KeyKind::kX25519, HmacHash::kSha512, 0x34, 96, 64},
};

std::string ContentKey(const Scheme& scheme, const std::string& tlv) {
  EVP_PKEY* key = Device(scheme.kind).get();
  return scheme.mac == 0 ? OaepContentKey(key, tlv)
                         : EciesContentKey(key, tlv, scheme.mac);
}

class Encryptions : public testing::TestWithParam<Scheme> {
 protected:
  static Encryption Make(std::size_t key_bits, const std::string& payload) {
    absl::StatusOr<Encryption> made =
        Encrypt(PublicHalf(Device(GetParam().kind)),
                {key_bits, GetParam().hmac}, payload);
    EXPECT_OK(made);
    return made.value_or(Encryption());
  }
  static absl::StatusOr<std::string> Open(const Encryption& made) {
    return Decrypt(Device(GetParam().kind), made.tlv_type, made.tlv_value,
                   made.payload);
  }
};

INSTANTIATE_TEST_SUITE_P(All, Encryptions, testing::ValuesIn(kSchemes),
                         [](const testing::TestParamInfo<Scheme>& made) {
                           return made.param.name;
                         });

TEST_P(Encryptions, AreOpenedByAnIndependentDevice) {
  for (const std::size_t key_bits : {128u, 256u}) {
    // More than 256 blocks: the counter carries.
    const std::string payload = Payload(5000);
    const Encryption made = Make(key_bits, payload);
    EXPECT_EQ(made.tlv_type, GetParam().tlv);
    const std::string key = ContentKey(GetParam(), made.tlv_value);
    ASSERT_EQ(key.size(), key_bits / 8);
    EXPECT_EQ(Decrypted(key, made.payload), payload);
    EXPECT_NE(made.payload, payload);
  }
}

TEST_P(Encryptions, HaveTheLengthThatDevicesExpect) {
  for (const std::size_t key_bytes : {16u, 32u}) {
    const std::size_t expected =
        GetParam().mac == 0 ? 256 : GetParam().overhead + key_bytes;
    EXPECT_EQ(Make(8 * key_bytes, "x").tlv_value.size(), expected);
  }
}

TEST_P(Encryptions, NeverUseAContentKeyTwice) {
  const Encryption first = Make(128, Payload(64));
  const Encryption second = Make(128, Payload(64));
  EXPECT_NE(ContentKey(GetParam(), first.tlv_value),
            ContentKey(GetParam(), second.tlv_value));
  EXPECT_NE(first.payload, second.payload);
}

TEST_P(Encryptions, AreOpenedByDecrypt) {
  for (const std::size_t size : {0u, 1u, 16u, 37u, 100000u}) {
    const std::string payload = Payload(size);
    absl::StatusOr<std::string> plain = Open(Make(256, payload));
    ASSERT_OK(plain) << size;
    EXPECT_EQ(*plain, payload) << size;
  }
}

TEST_P(Encryptions, AreNotOpenedWithAnotherKey) {
  const Encryption made = Make(128, Payload(64));
  const Key other = *Key::Generate(GetParam().kind);
  EXPECT_THAT(Decrypt(other, made.tlv_type, made.tlv_value, made.payload),
              StatusIs(Code::kFailedPrecondition, "DECRYPTION_FAILED"));
}

TEST_P(Encryptions, AreNotOpenedAfterAnyByteOfTheTlvChanged) {
  const Encryption made = Make(128, Payload(64));
  for (std::size_t i = 0; i < made.tlv_value.size(); ++i) {
    Encryption changed = made;
    changed.tlv_value[i] = static_cast<char>(changed.tlv_value[i] ^ 1);
    EXPECT_THAT(Open(changed),
                StatusIs(Code::kFailedPrecondition, "DECRYPTION_FAILED"))
        << i;
  }
}

TEST_P(Encryptions, AreNotOpenedWithATlvOfAnotherLength) {
  const Encryption made = Make(128, Payload(64));
  for (const std::string& tlv :
       {std::string(), made.tlv_value.substr(1), made.tlv_value + "x",
        made.tlv_value.substr(0, 32), made.tlv_value + std::string(32, 'x')}) {
    Encryption changed = made;
    changed.tlv_value = tlv;
    EXPECT_THAT(Open(changed),
                StatusIs(Code::kInvalidArgument, "ENCRYPTION_TLV"));
  }
}

TEST_P(Encryptions, AreNotOpenedWithAPublicKey) {
  const Encryption made = Make(128, Payload(64));
  EXPECT_THAT(Decrypt(PublicHalf(Device(GetParam().kind)), made.tlv_type,
                      made.tlv_value, made.payload),
              StatusIs(Code::kFailedPrecondition, "KEY_NOT_PRIVATE"));
}

TEST(Encryption, RefusesKeysThatNoBootloaderDecryptsWith) {
  for (const KeyKind kind :
       {KeyKind::kP384, KeyKind::kEd25519, KeyKind::kRsa3072}) {
    const absl::StatusOr<Encryption> made =
        Encrypt(Device(kind), {}, Payload(64));
    EXPECT_THAT(made, StatusIs(Code::kInvalidArgument, "ENCRYPTION_KEY_TYPE"));
    EXPECT_THAT(made, MessageHas(TraitsOf(kind).name));
  }
}

TEST(Encryption, RefusesSha512ForKeysOtherThanX25519) {
  for (const KeyKind kind : {KeyKind::kP256, KeyKind::kRsa2048}) {
    EXPECT_THAT(Encrypt(Device(kind), {128, HmacHash::kSha512}, Payload(64)),
                StatusIs(Code::kInvalidArgument, "HMAC_HASH"));
  }
}

TEST(Encryption, RefusesContentKeysOfOtherLengths) {
  for (const std::size_t bits : {0u, 64u, 192u, 512u}) {
    EXPECT_THAT(Encrypt(Device(KeyKind::kX25519), {bits, {}}, Payload(64)),
                StatusIs(Code::kInvalidArgument, "KEY_BITS"));
    EXPECT_THAT(EncryptWithKek(std::string(16, 'k'), {bits, {}}, Payload(64)),
                StatusIs(Code::kInvalidArgument, "KEY_BITS"));
  }
}

TEST(Encryption, RefusesATlvThatIsForAnotherKindOfKey) {
  const Encryption made = *Encrypt(Device(KeyKind::kX25519), {}, Payload(64));
  constexpr std::uint16_t kOthers[] = {0x30, 0x31, 0x32, 0x35, 0x00};
  for (const std::uint16_t tlv : kOthers) {
    EXPECT_THAT(
        Decrypt(Device(KeyKind::kX25519), tlv, made.tlv_value, made.payload),
        StatusIs(Code::kInvalidArgument, "ENCRYPTION_TLV"));
  }
  EXPECT_THAT(
      Decrypt(Device(KeyKind::kX25519), 0x34, made.tlv_value, made.payload),
      StatusIs(Code::kInvalidArgument, "ENCRYPTION_TLV"));
  EXPECT_THAT(
      Decrypt(Device(KeyKind::kP384), 0x32, made.tlv_value, made.payload),
      StatusIs(Code::kInvalidArgument, "ENCRYPTION_TLV"));
}

// The all-zero point would make the shared secret zero for everybody.
TEST(Encryption, RefusesAnEphemeralKeyOfSmallOrder) {
  Encryption made = *Encrypt(Device(KeyKind::kX25519), {}, Payload(64));
  made.tlv_value.replace(0, 32, std::string(32, '\0'));
  EXPECT_THAT(Decrypt(Device(KeyKind::kX25519), made.tlv_type, made.tlv_value,
                      made.payload),
              StatusIs(Code::kFailedPrecondition, "DECRYPTION_FAILED"));
}

TEST(KeyWrap, IsOpenedByAnIndependentDevice) {
  for (const std::size_t kek_bytes : {16u, 32u}) {
    for (const std::size_t key_bytes : {16u, 32u}) {
      const std::string kek = Payload(kek_bytes);
      const std::string payload = Payload(5000);
      absl::StatusOr<Encryption> made =
          EncryptWithKek(kek, {8 * key_bytes, {}}, payload);
      ASSERT_OK(made);
      EXPECT_EQ(made->tlv_type, 0x31);
      EXPECT_EQ(made->tlv_value.size(), key_bytes + 8);
      const std::string key = UnwrappedContentKey(kek, made->tlv_value);
      ASSERT_EQ(key.size(), key_bytes);
      EXPECT_EQ(Decrypted(key, made->payload), payload);
      EXPECT_EQ(*DecryptWithKek(kek, made->tlv_value, made->payload), payload);
    }
  }
}

TEST(KeyWrap, RefusesAKekOfAnotherLength) {
  for (const std::size_t size : {0u, 15u, 24u, 33u}) {
    EXPECT_THAT(EncryptWithKek(std::string(size, 'k'), {}, "x"),
                StatusIs(Code::kInvalidArgument, "KEK_LENGTH"));
    EXPECT_THAT(DecryptWithKek(std::string(size, 'k'), Payload(24), "x"),
                StatusIs(Code::kInvalidArgument, "KEK_LENGTH"));
  }
}

TEST(KeyWrap, IsNotOpenedWithAnotherKekOrAfterAChange) {
  const std::string kek(16, 'k');
  const Encryption made = *EncryptWithKek(kek, {}, Payload(64));
  EXPECT_THAT(
      DecryptWithKek(std::string(16, 'l'), made.tlv_value, made.payload),
      StatusIs(Code::kFailedPrecondition, "DECRYPTION_FAILED"));
  for (std::size_t i = 0; i < made.tlv_value.size(); ++i) {
    std::string changed = made.tlv_value;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_THAT(DecryptWithKek(kek, changed, made.payload),
                StatusIs(Code::kFailedPrecondition, "DECRYPTION_FAILED"));
  }
  for (const std::string& tlv : {std::string(), made.tlv_value + "x",
                                 made.tlv_value + std::string(8, 'x')}) {
    EXPECT_THAT(DecryptWithKek(kek, tlv, made.payload),
                StatusIs(Code::kInvalidArgument, "ENCRYPTION_TLV"));
  }
}

}  // namespace
}  // namespace bootseal::imgtool
