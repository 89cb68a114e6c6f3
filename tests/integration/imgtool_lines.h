// A token and a server for imgtool's command lines with a key in the HSM.
#ifndef BOOTSEAL_TESTS_INTEGRATION_IMGTOOL_LINES_H_
#define BOOTSEAL_TESTS_INTEGRATION_IMGTOOL_LINES_H_

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/installation.h"

namespace bootseal::tests {

using Arguments = std::vector<std::string>;

inline constexpr char kTfm[] = "nucleo-l552ze-q/tfm-s";

// The corrected command, its files and its record aside.
inline const Arguments kReported{"-k",
                                 "bootseal:nucleo-l552ze-q/tfm-s",
                                 "--public-key-format",
                                 "full",
                                 "--align",
                                 "8",
                                 "-v",
                                 "1.3.0",
                                 "-H",
                                 "0x400",
                                 "--pad-header",
                                 "-S",
                                 "0x2D000",
                                 "--pad"};

// All that the target says, said again.
inline const Arguments kSecure{"-v",
                               "1.3.0",
                               "-H",
                               "0x400",
                               "-S",
                               "0x2d000",
                               "--align",
                               "8",
                               "-s",
                               "1",
                               "--pad",
                               "--pad-header",
                               "--overwrite-only",
                               "--public-key-format",
                               "full",
                               "--boot-record",
                               "SPE"};

inline Arguments operator+(Arguments left, const Arguments& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

// Of builds that leave room for the header, as Zephyr's do.
inline TestTarget RoomTarget() {
  TestTarget target = BoardTarget("ed25519");
  target.name = "room";
  target.format += " payload_has_header_room: true";
  return target;
}

// Of everything that an image can say it is.
inline TestTarget GatewayTarget() {
  return {"gateway", "ed25519",
          "header_size: 0x400 slot_size: 0x80000 security_counter: REQUIRED "
          "default_security_counter: 1 strategy: DIRECT_XIP "
          "rom_fixed_address: 0x20000 vendor_id: \"acme.example\" "
          "class_id: \"board-1\" vendor_tlvs { type: 0xa0 value: \"own\" } "
          "request_tlvs: 0xa5 request_tlvs: 0xa6"};
}

inline TestTarget DataTarget() {
  return {"data", "ed25519",
          "header_size: 0x400 slot_size: 0x80000 non_bootable: true"};
}

// Encrypted when the request says so, for a P-256 key.
inline TestTarget MaybeEncryptedTarget() {
  return {"maybe", "ed25519",
          "header_size: 0x400 slot_size: 0x80000 strategy: OVERWRITE_ONLY "
          "padding: PAD encryption { presence: OPTIONAL }"};
}

inline TestTarget AlwaysEncryptedTarget() {
  return {"always", "ed25519",
          "header_size: 0x400 slot_size: 0x80000 strategy: OVERWRITE_ONLY "
          "encryption { presence: REQUIRED key_bits: 256 "
          "key_exchange: ECIES_X25519_SHA512 }"};
}

// With the key that it shares with us.
inline TestTarget KeyWrapTarget() {
  return {"key-wrap", "ed25519",
          "header_size: 0x400 slot_size: 0x80000 strategy: OVERWRITE_ONLY "
          "encryption { presence: OPTIONAL key_bits: 256 "
          "key_exchange: AES_KW }"};
}

inline TestTarget PureTarget() {
  TestTarget target = BoardTarget("ed25519");
  target.name = "pure";
  target.format += " pure: true";
  return target;
}

inline TestTarget CompressedTarget(const std::string& name) {
  TestTarget target = BoardTarget("ed25519");
  target.name = name;
  target.format += " strategy: OVERWRITE_ONLY compression: LZMA2_ARM_THUMB";
  return target;
}

// The same, from builds that leave room for the header.
inline TestTarget CompressedRoomTarget() {
  TestTarget target = CompressedTarget("compressed-room");
  target.format += " payload_has_header_room: true";
  return target;
}

// Compressed, encrypted, both, or neither, as the request says.
inline TestTarget PackedTarget(const std::string& name) {
  TestTarget target = CompressedTarget(name);
  target.format += " encryption { presence: OPTIONAL }";
  return target;
}

inline TestTarget PackedRoomTarget() {
  TestTarget target = PackedTarget("packed-room");
  target.format += " payload_has_header_room: true";
  return target;
}

// A token and a server for all cases of a suite.
class Imgtool : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    installation_ = new Installation(
        {TfmSecureTarget(), BoardTarget("ed25519"), RoomTarget(),
         GatewayTarget(), DataTarget(), MaybeEncryptedTarget(),
         AlwaysEncryptedTarget(), PureTarget(), CompressedTarget("compressed"),
         CompressedRoomTarget(), KeyWrapTarget(), PackedTarget("packed"),
         PackedRoomTarget()});
    ASSERT_EQ(installation_->StartServer(), -1) << installation_->ServerLog();
  }
  static void TearDownTestSuite() {
    delete installation_;
    installation_ = nullptr;
  }

  static const Installation& On() { return *installation_; }

  Outcome Sign(const Arguments& arguments, const std::string& in,
               const std::string& out) {
    return On().Client(Arguments{"imgtool", "sign"} + arguments +
                       Arguments{in, On().File(out)});
  }

  void TearDown() override {
    for (const char* name : {"a.bin", "b.bin", "a.hex", "b.hex", "a.sig"}) {
      std::remove(On().File(name).c_str());
    }
  }

  Outcome Verify(const std::string& target, const std::string& name) {
    return On().Client({"verify", "--target", target, On().File(name)});
  }

  std::string LocalKey(const std::string& type) {
    const std::string path = On().File(absl::StrCat(type, ".pem"));
    if (!On().Exists(absl::StrCat(type, ".pem"))) {
      EXPECT_EQ(
          On().Client({"imgtool", "keygen", "-t", type, "-k", path}).exit_code,
          0);
    }
    return path;
  }

 private:
  inline static Installation* installation_ = nullptr;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_INTEGRATION_IMGTOOL_LINES_H_
