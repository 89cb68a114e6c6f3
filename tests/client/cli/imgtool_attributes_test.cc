// What an image says it is, on a command line against what a target says.
#include <gtest/gtest.h>

#include "tests/client/cli/imgtool_order.h"

namespace bootseal::cli {
namespace {

// Everything that an image can say it is.
v1::Profile Gateway() {
  v1::Profile profile = App();
  v1::Target& target = *profile.mutable_target();
  target.set_name("gateway");
  v1::McubootFormat& format = *target.mutable_mcuboot();
  format.set_strategy(v1::DIRECT_XIP);
  format.set_rom_fixed_address(0x20000);
  format.set_non_bootable(true);
  format.set_vendor_id("acme.example");
  format.set_class_id("board-1");
  v1::VendorTlv& own = *format.add_vendor_tlvs();
  own.set_type(0xa0);
  own.set_value("own");
  format.add_request_tlvs(0xa5);
  format.add_request_tlvs(0xa6);
  return profile;
}

v1::Profile Encrypting() {
  v1::Profile profile = App();
  v1::EncryptionFormat& encryption =
      *profile.mutable_target()->mutable_mcuboot()->mutable_encryption();
  encryption.set_key_bits(256);
  encryption.set_key_exchange(v1::ECIES_X25519_SHA512);
  encryption.set_save_tlv(true);
  return profile;
}

TEST(TargetGateway, AgreesWithWhatItIsAndWithItsNamesOrUuids) {
  EXPECT_EQ(Complaint(Gateway(), {"-F", "0x20000", "--non-bootable", "--vid",
                                  "acme.example", "--cid", "board-1"}),
            "");
  EXPECT_EQ(
      Complaint(Gateway(), {"--vid", "0637e301-e05d-505b-8267-486f5677de9b",
                            "--cid", "e398ebfb49d65a0aabb8deb5668107d1"}),
      "");
  EXPECT_EQ(Complaint(Gateway(), {}), "");
}

TEST(TargetGateway, TakesCustomTlvsOfListedTypesBehindItsOwn) {
  EXPECT_EQ(Complaint(Gateway(), {"--custom-tlv", "0xa0", "own", "--custom-tlv",
                                  "0xa6", "x", "--custom-tlv", "0xa5", "0x01"}),
            "");
}

TEST(TargetGateway, SendsWhatIsNotItsOwnInTheOrderOfTheCommandLine) {
  const auto tlvs =
      RequestTlvs(Read({"--custom-tlv", "0xa0", "own", "--custom-tlv", "0xa6",
                        "x", "--custom-tlv", "0xa5", "0x01"})
                      .options,
                  Gateway().target().mcuboot());
  ASSERT_EQ(tlvs.size(), 2U);
  EXPECT_EQ(tlvs[0].type(), 0xa6U);
  EXPECT_EQ(tlvs[0].value(), "x");
  EXPECT_EQ(tlvs[1].type(), 0xa5U);
  EXPECT_EQ(tlvs[1].value(), "\x01");
}

class TargetGatewayAgainst : public testing::TestWithParam<Contradiction> {};

TEST_P(TargetGatewayAgainst, NamesTheOptionThatContradictsIt) {
  EXPECT_EQ(Complaint(Gateway(), GetParam().arguments),
            "target gateway " + GetParam().complaint);
}

INSTANTIATE_TEST_SUITE_P(
    Options, TargetGatewayAgainst,
    testing::ValuesIn(std::vector<Contradiction>{
        {"RomFixed",
         {"-F", "0x40000"},
         "has --rom-fixed 0x20000, the command line says 0x40000"},
        {"NotFixed",
         {"-F", "0"},
         "has --rom-fixed 0x20000, the command line says 0x0"},
        {"Vendor",
         {"--vid", "e398ebfb-49d6-5a0a-abb8-deb5668107d1"},
         "has --vid 0637e301-e05d-505b-8267-486f5677de9b, the command line "
         "says e398ebfb-49d6-5a0a-abb8-deb5668107d1"},
        {"Class",
         {"--cid", "0637e301-e05d-505b-8267-486f5677de9b"},
         "has --cid e398ebfb-49d6-5a0a-abb8-deb5668107d1, the command line "
         "says 0637e301-e05d-505b-8267-486f5677de9b"},
        {"CustomTlvThatIsNotListed",
         {"--custom-tlv", "0xa5", "x", "--custom-tlv", "0xa7", "x"},
         "has no --custom-tlv 0xa7, the command line says 0x78"},
        {"OwnCustomTlvLast",
         {"--custom-tlv", "0xa5", "x", "--custom-tlv", "0xa0", "own"},
         "puts its own --custom-tlv 0xa0 in front of 0xa5, the command line "
         "behind it"},
    }),
    [](const auto& each) { return each.param.name; });

TEST(TargetEncrypting, AgreesWithItsKeySizeAndHash) {
  EXPECT_EQ(Complaint(Encrypting(),
                      {"-E", "device.pem", "--encrypt-keylen", "256",
                       "--hmac-sha", "512", "--clear", "--save-enctlv"}),
            "");
  EXPECT_EQ(Complaint(Encrypting(), {"-E", "device.pem"}), "");
  EXPECT_EQ(Complaint(Encrypting(), {}), "");
}

TEST(TargetEncrypting, NamesTheKeySizeAndTheHashThatItHasNot) {
  EXPECT_EQ(Complaint(Encrypting(), {"-E", "d.pem", "--encrypt-keylen", "128"}),
            "target an521-app has --encrypt-keylen 256, the command line says "
            "128");
  EXPECT_EQ(Complaint(Encrypting(), {"-E", "d.pem", "--hmac-sha", "256"}),
            "target an521-app has --hmac-sha 512, the command line says 256");
}

TEST(TargetEncrypting, AlwaysAsksForTheKey) {
  v1::Profile always = Encrypting();
  always.mutable_target()
      ->mutable_mcuboot()
      ->mutable_encryption()
      ->set_presence(v1::REQUIRED);
  EXPECT_EQ(Complaint(always, {}),
            "target an521-app requires --encrypt, with the device's public "
            "key");
  EXPECT_EQ(Complaint(always, {"-E", "device.pem"}), "");
}

}  // namespace
}  // namespace bootseal::cli
