// What an option of imgtool says against what a target says.
#include "client/cli/imgtool_target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "base/status.h"
#include "tests/client/cli/imgtool_order.h"
#include "tests/support/status_matchers.h"

namespace bootseal::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

v1::Profile TfmSecure() {
  v1::Profile profile;
  profile.set_algorithm(v1::RSA3072);
  v1::Target& target = *profile.mutable_target();
  target.set_name("nucleo-l552ze-q/tfm-s");
  target.set_key("tfm-s");
  v1::McubootFormat& format = *target.mutable_mcuboot();
  format.set_header_size(0x400);
  format.set_slot_size(0x2d000);
  format.set_align(8);
  format.set_strategy(v1::OVERWRITE_ONLY);
  format.set_padding(v1::PAD);
  format.set_key_format(v1::FULL);
  format.set_security_counter(v1::REQUIRED);
  format.set_default_security_counter(1);
  format.set_security_counter_ceiling(512);
  format.set_boot_record(v1::REQUIRED);
  format.set_software_type("SPE");
  v1::Dependency& dependency = *format.add_dependencies();
  dependency.set_image_id(1);
  dependency.set_minimum_version("0.0.0");
  format.set_image_count(2);
  v1::VendorTlv& vendor = *format.add_vendor_tlvs();
  vendor.set_type(0xa0);
  vendor.set_value("\x01\x02");
  return profile;
}

TEST(Target, AgreesWithACommandLineThatSaysNothing) {
  EXPECT_EQ(Complaint(TfmSecure(), {}), "");
  EXPECT_EQ(Complaint(App(), {}), "");
}

TEST(Target, AgreesWithACommandLineThatSaysTheSame) {
  EXPECT_EQ(Complaint(TfmSecure(), {"-H",
                                    "0x400",
                                    "-S",
                                    "0x2D000",
                                    "--align",
                                    "8",
                                    "--max-align",
                                    "8",
                                    "-M",
                                    "128",
                                    "--overwrite-only",
                                    "--pad",
                                    "--pad-header",
                                    "--boot-record",
                                    "SPE",
                                    "-s",
                                    "512",
                                    "-d",
                                    "(1,0.0.0+0)",
                                    "--public-key-format",
                                    "full",
                                    "--sha",
                                    "256",
                                    "--custom-tlv",
                                    "0xa0",
                                    "0x0102",
                                    "-R",
                                    "0xff",
                                    "--strategy",
                                    "overwrite-only",
                                    "--compression",
                                    "disabled",
                                    "-L",
                                    "0"}),
            "");
}

class TargetTfmSecure : public testing::TestWithParam<Contradiction> {};

TEST_P(TargetTfmSecure, NamesTheOptionThatContradictsIt) {
  EXPECT_EQ(Complaint(TfmSecure(), GetParam().arguments),
            "target nucleo-l552ze-q/tfm-s " + GetParam().complaint);
}

INSTANTIATE_TEST_SUITE_P(
    Options, TargetTfmSecure,
    testing::ValuesIn(std::vector<Contradiction>{
        {"BootRecord",
         {"--boot-record", "NSPE"},
         "requires --boot-record SPE, the command line says NSPE"},
        {"HeaderSize",
         {"-H", "0x200"},
         "has --header-size 0x400, the command line says 0x200"},
        {"SlotSize",
         {"-S", "0x40000"},
         "has --slot-size 0x2d000, the command line says 0x40000"},
        {"Align", {"--align", "4"}, "has --align 8, the command line says 4"},
        {"MaxAlign",
         {"--max-align", "16"},
         "has --max-align 8, the command line says 16"},
        {"MaxSectors",
         {"-M", "64"},
         "has --max-sectors 128, the command line says 64"},
        {"SectorSize",
         {"--sector-size", "4096"},
         "has --sector-size 0x0, the command line says 0x1000"},
        {"Strategy",
         {"--strategy", "swap-move"},
         "has strategy overwrite-only, the command line says swap-move"},
        {"Confirm",
         {"--confirm"},
         "has --pad, the command line says --confirm"},
        {"Erased",
         {"-R", "0"},
         "has --erased-val 0xff, the command line says 0"},
        {"LoadAddress",
         {"-L", "0x20000000"},
         "has no --load-addr, the command line says 0x20000000"},
        {"CounterAboveTheCeiling",
         {"-s", "513"},
         "takes --security-counter up to 512, the command line says 513"},
        {"Dependencies",
         {"-d", "(1,1.0.0)"},
         "has --dependencies (1,0.0.0), the command line says (1,1.0.0)"},
        {"KeyFormat",
         {"--public-key-format", "hash"},
         "has --public-key-format full, the command line says hash"},
        {"Hash", {"--sha", "512"}, "has --sha 256, the command line says 512"},
        {"ValueOfACustomTlv",
         {"--custom-tlv", "0xa0", "0x0103"},
         "has --custom-tlv 0xa0 0x0102, the command line says 0x0103"},
        {"UnknownCustomTlv",
         {"--custom-tlv", "0xa1", "hi"},
         "has no --custom-tlv 0xa1, the command line says 0x6869"},
        {"RomFixed",
         {"-F", "0x8000"},
         "has no --rom-fixed, the command line says 0x8000"},
        {"NonBootable",
         {"--non-bootable"},
         "has images that are started, the command line says "
         "--non-bootable"},
        {"Compression",
         {"--compression", "lzma2"},
         "takes no --compression, the command line says lzma2"},
        {"Encryption",
         {"-E", "device.pem"},
         "cannot have --encrypt: its bootloader decrypts nothing"},
        {"ClearOfNothing",
         {"--clear"},
         "cannot have --clear without --encrypt: nothing is encrypted then"},
        {"SavedTlv",
         {"--save-enctlv"},
         "has a bootloader that keeps no wrapped keys, the command line says "
         "--save-enctlv"},
        {"Pure",
         {"--pure"},
         "has no --pure, the command line says --pure: its key signs the "
         "image's hash"},
        {"Vendor",
         {"--vid", "acme.example"},
         "has no --vid, the command line says "
         "0637e301-e05d-505b-8267-486f5677de9b"},
        {"ReadySignature",
         {"--fix-sig", "x.sig"},
         "cannot have --fix-sig: the server makes the signature"},
        {"Vector",
         {"--vector-to-sign", "digest"},
         "cannot have --vector-to-sign: the server signs nothing that it does "
         "not assemble"},
        {"Unsigned",
         {"--unsigned"},
         "cannot have --unsigned: the server signs"},
    }),
    [](const auto& each) { return each.param.name; });

TEST(Target, NamesAllContradictionsAtOnce) {
  const std::string complaint = Complaint(
      App(), {"-S", "0x40000", "--pad", "--confirm", "--boot-record", "SPE",
              "-d", "(1,1.0)", "--overwrite-only", "--cid", "x", "--vid", "y"});
  for (const char* part :
       {"target an521-app has --slot-size 0x80000, the command line says "
        "0x40000",
        "target an521-app has no padding, the command line says --confirm",
        "target an521-app takes no --boot-record, the command line says SPE",
        "target an521-app takes no --dependencies, the command line says "
        "(1,1.0.0)",
        "target an521-app has strategy single-slot, the command line says "
        "--overwrite-only",
        "target an521-app has no --cid, the command line says ",
        "target an521-app has no --vid, the command line says "}) {
    EXPECT_THAT(complaint, HasSubstr(part));
  }
  EXPECT_THAT(complaint, Not(HasSubstr("--align")));
}

TEST(Target, ThatForbidsACounterRefusesOne) {
  v1::Profile app = App();
  app.mutable_target()->mutable_mcuboot()->set_security_counter(v1::FORBIDDEN);
  EXPECT_EQ(Complaint(app, {"-s", "5"}),
            "target an521-app takes no --security-counter, the command line "
            "says 5");
}

TEST(Target, WhosePayloadHasHeaderRoomRefusesPadHeader) {
  v1::Profile app = App();
  app.mutable_target()->mutable_mcuboot()->set_payload_has_header_room(true);
  EXPECT_EQ(Complaint(app, {"--pad-header"}),
            "target an521-app takes payloads with room for the header, the "
            "command line says --pad-header");
}

TEST(Target, TakesASlotOfUnknownSizeForItsOwn) {
  EXPECT_EQ(Complaint(App(), {"-S", "0"}), "");
  EXPECT_EQ(WithLayout(Read({"-S", "0"}), App()).slot_size, 0x80000U);
}

TEST(Target, HasAWordToSayOfEveryOptionOfSign) {
  CLI::App app;
  const auto arguments = imgtool::DeclareSignArguments(app);
  imgtool::ServerOrder order;
  for (const CLI::Option* const option : app.get_options()) {
    if (option->get_lnames().empty() || option->check_lname("help")) continue;
    order.given = {"--" + option->get_lnames().front()};
    EXPECT_THAT(std::string(CheckAgainstTarget(order, App()).message()),
                Not(HasSubstr("does not know")));
  }
}

TEST(Target, RefusesAnOptionThatNoTableKnows) {
  imgtool::ServerOrder order;
  order.given = {"--new-option"};
  EXPECT_EQ(CheckAgainstTarget(order, App()).message(),
            "target an521-app cannot have --new-option: the server does not "
            "know it");
}

TEST(Layout, IsTheTargetsWhereTheCommandLineIsSilent) {
  const imgtool::SignOptions options = WithLayout(Read({}), TfmSecure());
  EXPECT_EQ(options.header_size, 0x400U);
  EXPECT_EQ(options.slot_size, 0x2d000U);
  EXPECT_EQ(options.align, 8U);
  EXPECT_EQ(options.padding, imgtool::Padding::kPad);
  EXPECT_TRUE(options.overwrite_only);
}

TEST(Given, AreTheOptionsThatWereTyped) {
  EXPECT_THAT(Read({"-H", "0x400", "--pad"}).given,
              ElementsAre("--header-size", "--key", "--pad", "--version"));
}

}  // namespace
}  // namespace bootseal::cli
