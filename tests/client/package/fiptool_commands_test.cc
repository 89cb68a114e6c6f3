// What bootseal fip does beside Debian's fiptool: the same, or more careful.
#include <cstring>

#include "tests/client/package/fiptool_fixture.h"

namespace bootseal::tests {
namespace {

using ::testing::HasSubstr;
using namespace image::host;

constexpr char kOther[] = "00112233-4455-6677-8899-aabbccddeeff";
constexpr char kAnother[] = "FFEEDDCC-bbaa-9988-7766-554433221100";
// Known to a fiptool that is built for an STM32MP, not to Debian's.
constexpr char kConfigCertificate[] = "501d8dd2-8bce-49a5-84eb-559a9f2eaeaf";
constexpr char kTosFw[] = "05d0e189-53dc-1347-8d2b-500a4b7a3e38";

std::string Blob(const std::string& uuid, const std::string& file) {
  return "uuid=" + uuid + ",file=" + file;
}

TEST_F(BesideFiptool, CreateTakesEveryOptionThatNamesAnImage) {
  for (const FipName& name : GeneralFipNames()) {
    ExpectSame({"create", std::string("--") + name.option, "tee.bin", "a.fip"});
  }
}

TEST_F(BesideFiptool, CreateWritesEveryImageWithEveryAlignment) {
  for (const char* align : {"1", "16", "64", "512", "4096", "0x1000"}) {
    Words words = {"create", "--align", align, "-b", Blob(kOther, "blob.bin")};
    for (const FipName& name : GeneralFipNames()) {
      PutBoth(name.option, std::string("of ") + name.option);
      words.insert(words.begin() + 1,
                   {std::string("--") + name.option, name.option});
    }
    words.push_back("a.fip");
    ExpectSame(words);
    ExpectSame({"info", "a.fip"});
  }
}

TEST_F(BesideFiptool, CreateWritesPlatformFlagsAsTheyAreGiven) {
  for (const char* flags : {"0", "3", "beef", "BEEF", "0xffff", "0Xa"}) {
    ExpectSame({"create", "--plat-toc-flags", flags, "--nt-fw", "u-boot.bin",
                std::string(flags) + ".fip"});
    ExpectSame({"--verbose", "info", std::string(flags) + ".fip"});
  }
}

TEST_F(BesideFiptool, BlobsAreTakenInEitherOrderAndKeepTheirs) {
  ExpectSame({"create", "--blob", Blob(kOther, "blob.bin"), "--blob",
              std::string("file=u-boot.bin,uuid=") + kConfigCertificate, "-b",
              std::string("file=tee.bin,uuid=") + kAnother, "-b",
              Blob(kTosFw, "tee.bin"), "--nt-fw", "u-boot.bin", "a.fip"});
  ExpectSame({"info", "a.fip"});
  ExpectSame({"update", "-b", std::string("file=tee.bin,uuid=") + kAnother,
              "--align", "16", "a.fip"});
  ExpectSame({"info", "a.fip"});
}

TEST_F(BesideFiptool, EmptyImagesTakeRoomAndNoName) {
  ExpectSame({"create", "--tos-fw", "empty.bin", "a.fip"});
  ExpectSame({"info", "a.fip"});
  ExpectSame({"create", "--align", "64", "--tos-fw", "empty.bin", "--nt-fw",
              "u-boot.bin", "-b", Blob(kOther, "empty.bin"), "a.fip"});
  ExpectSame(
      {"update", "--nt-fw", "empty.bin", "--fw-config", "blob.bin", "a.fip"});
  ExpectSame({"unpack", "--out", "out", "a.fip"});
}

TEST_F(BesideFiptool, UpdateMakesAPackageThatIsNotThere) {
  ExpectSame({"update", "--tos-fw", "tee.bin", "new.fip"});
  ExpectSame({"update", "--align", "4096", "--plat-toc-flags", "5", "-b",
              Blob(kOther, "blob.bin"), "-o", "other.fip", "none.fip"});
  ExpectSame({"update", "bare.fip"});
  EXPECT_FALSE(There("ours/none.fip"));
  EXPECT_TRUE(There("ours/bare.fip"));
}

TEST_F(BesideFiptool, UpdateChangesAPackageInItsPlaceOrElsewhere) {
  ExpectSame({"create", "--plat-toc-flags", "f0", "--tos-fw", "tee.bin", "-b",
              Blob(kOther, "blob.bin"), "a.fip"});
  ExpectSame(
      {"update", "--nt-fw", "u-boot.bin", "--tos-fw", "blob.bin", "a.fip"});
  ExpectSame({"update", "--plat-toc-flags", "0f", "--align", "512", "a.fip"});
  ExpectSame({"update", "--hw-config", "blob.bin", "--out", "b.fip", "a.fip"});
  ExpectSame({"update", "--fw-config", "blob.bin", "-o", "b.fip", "a.fip"});
}

TEST_F(BesideFiptool, RemoveTakesImagesOut) {
  ExpectSame({"create", "--tos-fw", "tee.bin", "--nt-fw", "u-boot.bin", "-b",
              Blob(kOther, "blob.bin"), "-b",
              Blob(kConfigCertificate, "blob.bin"), "a.fip"});
  ExpectSame({"remove", "--tos-fw", "-o", "b.fip", "a.fip"});
  ExpectSame({"remove", "--blob", std::string("uuid=") + kOther, "-b",
              std::string("uuid=") + kOther, "--align", "64", "-f", "--out",
              "b.fip", "a.fip"});
  ExpectSame({"remove", "--nt-fw", "-b", Blob(kConfigCertificate, "none"),
              "--force", "a.fip"});
  ExpectSame({"info", "a.fip"});
}

TEST_F(BesideFiptool, RemoveKeepsAFileThatIsThereUnlessForced) {
  ExpectSame({"create", "--tos-fw", "tee.bin", "a.fip"});
  PutBoth("b.fip", "precious");
  const Both both = RunBoth({"remove", "--tos-fw", "--out", "b.fip", "a.fip"});
  EXPECT_EQ(both.theirs.exit_code, 1);
  EXPECT_EQ(both.ours.exit_code, 5);
  EXPECT_THAT(both.ours.err, HasSubstr("FILE_EXISTS"));
  EXPECT_EQ(Read(File("ours/b.fip")), "precious");
  ExpectSame({"remove", "--tos-fw", "--force", "--out", "b.fip", "a.fip"});
}

TEST_F(BesideFiptool, UnpackPutsFilesBelowItsFolder) {
  ExpectSame(
      {"create", "--tos-fw", "tee.bin", "--nt-fw", "u-boot.bin", "a.fip"});
  ExpectSame({"unpack", "--out", "out", "--tos-fw", "x.bin", "a.fip"});
  EXPECT_EQ(Read(File("ours/out/x.bin")), std::string(1000, 't'));
  EXPECT_FALSE(There("ours/x.bin"));
  ExpectSame({"unpack", "-o", "out", "--tos-fw", "../above.bin", "a.fip"});
  EXPECT_TRUE(There("ours/above.bin"));
  ExpectSame({"unpack", "--nt-fw", "here.bin", "-b", Blob(kTosFw, "tos.bin"),
              "a.fip"});
  ExpectSame({"unpack", "a.fip"});
  ExpectSame({"unpack", "-f", "a.fip"});
  ExpectSame({"unpack", "--force", "--out", "out", "a.fip"});
  const std::string absolute = File("absolute.bin");
  ExpectSame({"unpack", "-f", "-o", "out", "--nt-fw", absolute, "a.fip"});
  EXPECT_EQ(Read(absolute), std::string(301, 'u'));
}

TEST_F(BesideFiptool, UnpackNamesFilesOfUnknownImagesInDigitsAlone) {
  FipPackage package;
  package.images = {{{}, "escaped"}, {{}, "absolute"}};
  const std::string names[] = {"../../../../evil", "/tmp/etc/passwd."};
  for (std::size_t i = 0; i < package.images.size(); ++i) {
    auto& bytes = package.images[i].uuid.bytes;
    std::memcpy(bytes.data(), names[i].data(), bytes.size());
  }
  package.images.push_back({*ParseFipUuid(kConfigCertificate), "certificate"});
  PutBoth("a.fip", *WriteFip(package));
  const std::size_t before = Tree("ours").size();
  ExpectSame({"unpack", "--out", "out", "a.fip"});
  EXPECT_EQ(Tree("ours").size(), before + 3);
  EXPECT_TRUE(There("ours/out/2E2E2F2E-2E2F-2E2E-2F2E-2E2F6576696C.bin"));
}

TEST_F(BesideFiptool, UnpackLeavesFilesThatAreThere) {
  ExpectSame({"create", "--tos-fw", "tee.bin", "a.fip"});
  PutBoth("out/tos-fw.bin", "precious");
  const Both both = RunBoth({"unpack", "--out", "out", "a.fip"});
  EXPECT_THAT(both.theirs.err, HasSubstr("already exists"));
  EXPECT_EQ(both.theirs.exit_code, 0);
  EXPECT_EQ(both.ours.exit_code, 5);
  EXPECT_THAT(both.ours.err, HasSubstr("FILE_EXISTS"));
  EXPECT_EQ(Tree("ours"), Tree("theirs"));
}

TEST_F(BesideFiptool, UnpackOfOneImageWritesThatOneAlone) {
  ExpectSame({"create", "--tos-fw", "tee.bin", "-b", Blob(kOther, "blob.bin"),
              "a.fip"});
  const std::size_t before = Tree("ours").size();
  const Both both = RunBoth({"unpack", "-o", "out", "--tos-fw", "x", "a.fip"});
  EXPECT_EQ(both.ours.exit_code, 0) << both.ours.err;
  EXPECT_EQ(Tree("ours").size(), before + 1);
  // Theirs writes what it does not know in any case.
  EXPECT_EQ(Tree("theirs").size(), before + 2);
}

TEST_F(BesideFiptool, InfoPrintsItsLines) {
  ExpectSame({"create", "info.fip"});
  ExpectSame({"info", "info.fip"});
  ExpectSame({"create", "--align", "64", "--tos-fw", "tee.bin", "--nt-fw",
              "u-boot.bin", "--rot-cert", "blob.bin", "-b",
              Blob(kOther, "blob.bin"), "-b",
              Blob(kConfigCertificate, "tee.bin"), "--plat-toc-flags", "a",
              "info.fip"});
  ExpectSame({"info", "info.fip"});
  ExpectSame({"-v", "info", "info.fip"});
  const Outcome json =
      Bootseal({"fip", "info", "--json", "--verbose", File("ours/info.fip")});
  EXPECT_EQ(json.err, "");
  EXPECT_THAT(json.out, HasSubstr("\"platform_flags\":10"));
  EXPECT_THAT(json.out, HasSubstr("\"name\":\"stm32mp-cfg-cert\""));
}

std::string Entry(const std::string& uuid, std::uint64_t offset,
                  std::uint64_t size) {
  std::string bytes = uuid;
  for (const std::uint64_t number : {offset, size, std::uint64_t{0}}) {
    for (int i = 0; i < 8; ++i) {
      bytes.push_back(static_cast<char>(number >> 8 * i));
    }
  }
  return bytes;
}

std::string UuidBytes(const std::string& text) {
  const image::fip::Uuid uuid = *ParseFipUuid(text);
  return {reinterpret_cast<const char*>(uuid.bytes.data()), uuid.bytes.size()};
}

// Two images of 50 and 70 bytes, with the second one at `second`.
std::string Package(const std::string& a, const std::string& b,
                    std::uint64_t second = 186) {
  const std::string header("\x01\x00\x64\xaa\x78\x56\x34\x12\0\0\0\0\0\0\0\0",
                           16);
  return header + Entry(UuidBytes(a), 136, 50) +
         Entry(UuidBytes(b), second, 70) +
         Entry(std::string(16, '\0'), 256, 0) + std::string(50, 'a') +
         std::string(70, 'b');
}

TEST_F(BesideFiptool, InfoPutsATableOfAnotherOrderInItsOwn) {
  PutBoth("a.fip", Package(kOther, kTosFw));
  ExpectSame({"info", "a.fip"});
  ExpectSame({"--verbose", "info", "a.fip"});
  ExpectSame({"update", "a.fip"});
}

TEST_F(BesideFiptool, VerboseSaysWhatIsDone) {
  ExpectSame({"-v", "create", "--tos-fw", "tee.bin", "--nt-fw", "empty.bin",
              "-b", Blob(kOther, "blob.bin"), "a.fip"});
  ExpectSame({"--verbose", "update", "--tos-fw", "blob.bin", "--fw-config",
              "tee.bin", "a.fip"});
  ExpectSame({"-v", "unpack", "-o", "out", "a.fip"});
  ExpectSame({"-v", "remove", "--tos-fw", "-b", std::string("uuid=") + kOther,
              "a.fip"});
}

struct Refused {
  const char* what;
  std::vector<std::string> words;
  int theirs;  // 0: theirs does it, or part of it
  int ours;
  const char* says;
};

TEST_F(BesideFiptool, WhatItRefusesAndMoreIsRefusedAndNothingWritten) {
  ExpectSame({"create", "--tos-fw", "tee.bin", "a.fip"});
  const Refused all[] = {
      {"option", {"create", "--bogus", "b.fip"}, 1, 2, "--bogus"},
      {"alignment", {"create", "--align", "3", "b.fip"}, 1, 1, "ALIGNMENT"},
      {"alignment 0", {"create", "--align", "0", "b.fip"}, 1, 2, "--align"},
      {"alignment x", {"create", "--align", "x", "b.fip"}, 1, 2, "--align"},
      {"flags",
       {"create", "--plat-toc-flags", "10000", "b.fip"},
       1,
       2,
       "PLATFORM_FLAGS"},
      {"no flags",
       {"create", "--plat-toc-flags", "xyz", "b.fip"},
       1,
       2,
       "PLATFORM_FLAGS"},
      {"blob without a file",
       {"create", "-b", "uuid=" + std::string(kOther), "b.fip"},
       1,
       2,
       "BLOB"},
      {"blob without a UUID",
       {"create", "-b", "file=blob.bin", "b.fip"},
       1,
       2,
       "BLOB"},
      {"blob of zeros",
       {"create", "-b",
        Blob("00000000-0000-0000-0000-000000000000", "blob.bin"), "b.fip"},
       1,
       2,
       "BLOB"},
      {"short UUID",
       {"create", "-b", "file=blob.bin,uuid=0011", "b.fip"},
       1,
       2,
       "BLOB"},
      {"no file",
       {"create", "--tos-fw", "none", "b.fip"},
       1,
       5,
       "FILE_NOT_FOUND"},
      {"no image's file",
       {"update", "--nt-fw", "none", "a.fip"},
       1,
       5,
       "FILE_NOT_FOUND"},
      {"remove of no package",
       {"remove", "--tos-fw", "none"},
       1,
       5,
       "FILE_NOT_FOUND"},
      {"info of none", {"info", "none"}, 1, 5, "FILE_NOT_FOUND"},
      {"unpack of none", {"unpack", "none"}, 1, 5, "FILE_NOT_FOUND"},
      {"no folder", {"unpack", "-o", "none", "a.fip"}, 1, 5, "FILE_UNWRITABLE"},
      {"option twice",
       {"create", "--tos-fw", "tee.bin", "--tos-fw", "blob.bin", "b.fip"},
       0,
       2,
       "--tos-fw"},
      {"image twice",
       {"create", "--tos-fw", "tee.bin", "-b", Blob(kTosFw, "tee.bin"),
        "b.fip"},
       0,
       2,
       "DUPLICATE_IMAGE"},
      {"blob twice",
       {"create", "-b", Blob(kOther, "tee.bin"), "-b", Blob(kOther, "blob.bin"),
        "b.fip"},
       0,
       2,
       "DUPLICATE_IMAGE"},
      {"remove of no image",
       {"remove", "--nt-fw", "-o", "b.fip", "a.fip"},
       0,
       1,
       "FIP_NO_ENTRY"},
      {"unpack of no image",
       {"unpack", "--nt-fw", "b.fip", "a.fip"},
       0,
       1,
       "FIP_NO_ENTRY"},
      {"two into one",
       {"unpack", "--nt-fw", "b.fip", "--tos-fw", "./b.fip", "a.fip"},
       0,
       2,
       "DUPLICATE_FILE"},
  };
  for (const Refused& refused : all) {
    SCOPED_TRACE(refused.what);
    const auto before = Tree("ours");
    const Both both = RunBoth(refused.words);
    EXPECT_EQ(both.theirs.exit_code, refused.theirs) << both.theirs.err;
    EXPECT_EQ(both.ours.exit_code, refused.ours) << both.ours.err;
    EXPECT_THAT(both.ours.err, HasSubstr(refused.says));
    EXPECT_EQ(both.ours.out, "");
    EXPECT_TRUE(Tree("ours") == before);
    std::filesystem::remove(File("theirs/b.fip"));
  }
}

struct Damaged {
  const char* what;
  std::string bytes;
  bool theirs_refuses;
  const char* says;
};

std::vector<Damaged> DamagedPackages() {
  const std::string good = Package(kTosFw, kOther);
  std::vector<Damaged> all = {
      {"nothing", "", true, "TRUNCATED"},
      {"half a header", good.substr(0, 8), true, "TRUNCATED"},
      {"half a table", good.substr(0, 100), true, "TRUNCATED"},
      {"half an image", good.substr(0, 160), true, "FIP_TERMINATOR"},
      {"one byte less", good.substr(0, 255), true, "FIP_TERMINATOR"},
      {"an image beyond", Package(kTosFw, kOther, 187), true, "FIP_ENTRY"},
      {"an image far beyond", Package(kTosFw, kOther, ~std::uint64_t{0}), true,
       "FIP_ENTRY"},
      {"one byte in two images", Package(kTosFw, kOther, 185), false,
       "FIP_OVERLAP"},
      {"an image in the table", Package(kTosFw, kOther, 20), false,
       "FIP_ENTRY"},
      {"one UUID twice", Package(kOther, kOther), true, "FIP_DUPLICATE"},
  };
  std::string name = good;
  name[0] = 'x';
  all.push_back({"another name", name, true, "FIP_NAME"});
  return all;
}

TEST_F(BesideFiptool, DamagedPackagesAreRefusedByEveryCommand) {
  const Words commands[] = {{"info", "a.fip"},
                            {"update", "--nt-fw", "tee.bin", "a.fip"},
                            {"remove", "--tos-fw", "a.fip"},
                            {"unpack", "--out", "out", "a.fip"}};
  for (const Damaged& damaged : DamagedPackages()) {
    for (const Words& words : commands) {
      SCOPED_TRACE(std::string(damaged.what) + ", " + words.front());
      PutBoth("a.fip", damaged.bytes);
      const auto before = Tree("ours");
      const Both both = RunBoth(words);
      EXPECT_EQ(both.theirs.exit_code != 0, damaged.theirs_refuses)
          << both.theirs.err;
      EXPECT_EQ(both.ours.exit_code, 5) << both.ours.out;
      EXPECT_THAT(both.ours.err, HasSubstr(damaged.says));
      EXPECT_EQ(both.ours.out, "");
      EXPECT_TRUE(Tree("ours") == before);
    }
  }
}

}  // namespace
}  // namespace bootseal::tests
