#include "tests/client/package/package_fixture.h"
#include "tests/firmware/image/certificate/package_case.h"

namespace bootseal::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kBlob[] = "uuid=00112233-4455-6677-8899-aabbccddeeff";

class FipCommands : public PackageTest {
 protected:
  FipCommands() {
    Put("tee.bin", std::string(1000, 't'));
    Put("u-boot.bin", std::string(300, 'u'));
    Put("blob.bin", "blob");
  }
  std::vector<std::string> CreateWords(const std::string& fip) const {
    return {"create",
            "--align",
            "512",
            "--nt-fw",
            File("u-boot.bin"),
            "--plat-toc-flags",
            "3",
            "--tos-fw",
            File("tee.bin"),
            "--blob",
            std::string(kBlob) + ",file=" + File("blob.bin"),
            File(fip)};
  }
  Outcome Fip(std::vector<std::string> words) const {
    words.insert(words.begin(), "fip");
    return Bootseal(words);
  }
  static Outcome Fiptool(std::vector<std::string> words) {
    words.insert(words.begin(), "fiptool");
    return tests::Run(words);
  }
};

TEST_F(FipCommands, TakeTheOptionsOfFiptoolAndWriteItsBytes) {
  const Outcome outcome = Fip(CreateWords("ours.fip"));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  ASSERT_EQ(Fiptool(CreateWords("theirs.fip")).exit_code, 0);
  EXPECT_EQ(Read(File("ours.fip")), Read(File("theirs.fip")));

  Put("u-boot.bin", "another");
  for (const std::string name : {"ours", "theirs"}) {
    const std::vector<std::string> update = {
        "update",      "--nt-fw",        File("u-boot.bin"),
        "--hw-config", File("blob.bin"), File(name + ".fip")};
    const Outcome updated = name == "ours" ? Fip(update) : Fiptool(update);
    ASSERT_EQ(updated.exit_code, 0) << updated.err;
  }
  EXPECT_EQ(Read(File("ours.fip")), Read(File("theirs.fip")));

  for (const std::string name : {"ours", "theirs"}) {
    const std::vector<std::string> remove = {
        "remove", "--tos-fw",           "--blob",           kBlob,
        "--out",  File(name + ".less"), File(name + ".fip")};
    const Outcome removed = name == "ours" ? Fip(remove) : Fiptool(remove);
    ASSERT_EQ(removed.exit_code, 0) << removed.err;
  }
  EXPECT_EQ(Read(File("ours.less")), Read(File("theirs.less")));
}

TEST_F(FipCommands, TellWhatIsInAPackageAndTakeItApart) {
  ASSERT_EQ(Fip(CreateWords("a.fip")).exit_code, 0);
  const Outcome info = Fip({"info", File("a.fip")});
  EXPECT_EQ(info.exit_code, 0) << info.err;
  EXPECT_THAT(info.out,
              HasSubstr("Secure Payload BL32 (Trusted OS): offset=0x200, "
                        "size=0x3E8, cmdline=\"--tos-fw\"\n"));
  const Outcome json = Fip({"info", "--json", File("a.fip")});
  EXPECT_THAT(json.out, HasSubstr("\"name\":\"nt-fw\""));
  EXPECT_THAT(json.out,
              HasSubstr("\"uuid\":\"00112233-4455-6677-8899-aabbccddeeff\""));

  const std::string folder = File("out");
  std::filesystem::create_directory(folder);
  ASSERT_EQ(Fip({"unpack", "--out", folder, File("a.fip")}).exit_code, 0);
  EXPECT_EQ(Read(folder + "/tos-fw.bin"), std::string(1000, 't'));
  EXPECT_EQ(Read(folder + "/00112233-4455-6677-8899-AABBCCDDEEFF.bin"), "blob");
  const Outcome again = Fip({"unpack", "--out", folder, File("a.fip")});
  EXPECT_EQ(again.exit_code, 5);
  EXPECT_THAT(again.err, HasSubstr("FILE_EXISTS"));
  EXPECT_EQ(
      Fip({"unpack", "--force", "--out", folder, File("a.fip")}).exit_code, 0);
  ASSERT_EQ(
      Fip({"unpack", "--nt-fw", File("one.bin"), File("a.fip")}).exit_code, 0);
  EXPECT_EQ(Read(File("one.bin")), std::string(300, 'u'));
}

TEST_F(FipCommands, UnpackNothingWhenOneImageIsNotThere) {
  ASSERT_EQ(Fip(CreateWords("a.fip")).exit_code, 0);
  const Outcome outcome = Fip({"unpack", "--nt-fw", File("one.bin"),
                               "--fw-config", File("two.bin"), File("a.fip")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("FIP_NO_ENTRY"));
  EXPECT_FALSE(There("one.bin"));
}

struct Wrong {
  const char* what;
  std::vector<std::string> words;
  int exit_code;
  const char* says;
};

TEST_F(FipCommands, RefuseWhatIsWrongAndWriteNothing) {
  ASSERT_EQ(Fip(CreateWords("a.fip")).exit_code, 0);
  const std::string before = Read(File("a.fip"));
  Put("no.fip", "not a package");
  const Wrong all[] = {
      {"alignment", {"create", "--align", "3", File("b.fip")}, 1, "ALIGNMENT"},
      {"alignment 0", {"create", "--align", "0", File("b.fip")}, 2, "--align"},
      {"flags",
       {"create", "--plat-toc-flags", "10000", File("b.fip")},
       2,
       "PLATFORM_FLAGS"},
      {"blob", {"create", "--blob", "file=x,uuid=y", File("b.fip")}, 2, "BLOB"},
      {"blob of zeros",
       {"create", "--blob",
        "uuid=00000000-0000-0000-0000-000000000000,file=" + File("blob.bin"),
        File("b.fip")},
       2,
       "BLOB"},
      {"image twice",
       {"create", "--tos-fw", File("tee.bin"), "--blob",
        "uuid=05d0e189-53dc-1347-8d2b-500a4b7a3e38,file=" + File("tee.bin"),
        File("b.fip")},
       2,
       "DUPLICATE_IMAGE"},
      {"no such file",
       {"create", "--tos-fw", File("none"), File("b.fip")},
       5,
       "FILE_NOT_FOUND"},
      {"update of another file", {"update", File("no.fip")}, 5, "TRUNCATED"},
      {"remove of nothing",
       {"remove", "--scp-fw", File("a.fip")},
       1,
       "FIP_NO_ENTRY"},
      {"info of another file", {"info", File("no.fip")}, 5, "TRUNCATED"},
      {"no package", {"info"}, 2, "required"},
  };
  for (const Wrong& wrong : all) {
    const Outcome outcome = Fip(wrong.words);
    EXPECT_EQ(outcome.exit_code, wrong.exit_code) << wrong.what << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(wrong.says)) << wrong.what;
    EXPECT_EQ(outcome.out, "");
    EXPECT_FALSE(There("b.fip")) << wrong.what;
    EXPECT_EQ(Read(File("a.fip")), before);
  }
}

class FipCheck : public FipCommands {
 protected:
  Outcome Check(std::vector<std::string> words, const std::string& fip) const {
    words.insert(words.begin(), "check");
    words.push_back(fip);
    return Fip(words);
  }
};

TEST_F(FipCheck, TakesThePackageOfTheReferenceTools) {
  const std::string key = Read(Vector("root.pub.der"));
  const auto* at = reinterpret_cast<const unsigned char*>(key.data());
  const base::EvpKeyPtr read(
      d2i_PUBKEY(nullptr, &at, static_cast<long>(key.size())));
  const base::BioPtr bio(BIO_new_file(File("root.pem").c_str(), "w"));
  ASSERT_EQ(PEM_write_bio_PUBKEY(bio.get(), read.get()), 1);
  BIO_flush(bio.get());
  const Outcome good = Check({"--root-key", File("root.pem"), "--counter", "5"},
                             Vector("stm32mp1.fip"));
  EXPECT_EQ(good.exit_code, 0) << good.out << good.err;
  EXPECT_THAT(good.out, HasSubstr("a device starts it"));
  EXPECT_THAT(good.out, Not(HasSubstr("FAIL")));
  const Outcome low = Check({"--root-key", File("root.pem"), "--counter", "6"},
                            Vector("stm32mp1.fip"));
  EXPECT_EQ(low.exit_code, 1);
  EXPECT_THAT(low.out, HasSubstr("counter 5; expected 6 or more"));
  EXPECT_THAT(low.out, HasSubstr("no device starts it: stm32mp-cfg-cert"));
  const Outcome other = Check({"--root-key", File("root.pem"), "--counter", "5",
                               "--chip", "stm32mp13", "--json"},
                              Vector("stm32mp1.fip"));
  EXPECT_EQ(other.exit_code, 0) << other.out;
  EXPECT_THAT(other.out, HasSubstr("\"bootable\":true"));
}

TEST_F(FipCheck, NamesWhatIsWrong) {
  const std::string fip =
      Put("p.fip", FipOf(SignedAll(SmallRequest()), SmallImages()));
  const std::string key = PutKey("root.pem", SharedChainKeys().root);
  ASSERT_EQ(Check({"--root-key", key}, fip).exit_code, 0);
  const Outcome other = Check(
      {"--root-key", PutKey("o.pem", SharedChainKeys().nt_fw), "--json"}, fip);
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.out, HasSubstr("\"verdict\":\"ROOT_KEY_UNKNOWN\""));
  ASSERT_EQ(
      Fip({"update", "--nt-fw", File("u-boot.bin"), File("p.fip")}).exit_code,
      0);
  const Outcome changed = Check({"--root-key", key}, fip);
  EXPECT_EQ(changed.exit_code, 1);
  EXPECT_THAT(changed.out, HasSubstr("PACKAGE_IMAGE_DIGEST"));
  EXPECT_THAT(changed.out, HasSubstr("fix"));
  const Outcome high =
      Check({"--root-key", key, "--counter", "5", "--ceiling", "4"}, fip);
  EXPECT_EQ(high.exit_code, 1);
  EXPECT_THAT(high.out, HasSubstr("RULES"));
}

TEST_F(FipCheck, RefusesAWrongCommandLine) {
  const std::string fip = Vector("stm32mp1.fip");
  EXPECT_EQ(Check({}, fip).exit_code, 2);
  EXPECT_EQ(Check({"--key-hash", "12"}, fip).exit_code, 2);
  EXPECT_EQ(Check({"--key-hash", std::string(64, 'x')}, fip).exit_code, 2);
  EXPECT_EQ(
      Check({"--chip", "stm32f4", "--key-hash", std::string(64, 'a')}, fip)
          .exit_code,
      2);
  const std::string p384 =
      PutKey("p384.pem", SharedKey(image::Algorithm::kP384));
  const Outcome key = Check({"--root-key", p384}, fip);
  EXPECT_EQ(key.exit_code, 5);
  EXPECT_THAT(key.err, HasSubstr("CERTIFICATE_KEY"));
}

}  // namespace
}  // namespace bootseal::tests
