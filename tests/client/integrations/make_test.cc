// client/integrations/make and shell, as builds run them, with a server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "tests/integration/installation.h"

namespace bootseal::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr char kMake[] = BOOTSEAL_SOURCE_DIR "/client/integrations/make";
constexpr char kSign[] =
    BOOTSEAL_SOURCE_DIR "/client/integrations/shell/sign.sh";
constexpr char kProgram[] = "BOOTSEAL=" BOOTSEAL_BIN_DIR "/bootseal";

class Builds : public testing::Test {
 protected:
  Builds() : on_({{"an521-app", "p256", BoardTarget("p256").format}}) {
    on_.Write("policy.textproto",
              absl::StrCat(on_.Read("policy.textproto"), Package()));
    EXPECT_EQ(on_.StartServer(), -1) << on_.ServerLog();
    fs::create_directory(on_.File("a build"));
    on_.Write("a build/app.bin", Payload(4096));
  }

  static std::string Package() {
    std::string images;
    for (const char* name : {"fw-config", "hw-config", "tos-fw", "nt-fw"}) {
      absl::StrAppend(&images, "images { name: \"", name,
                      "\" presence: REQUIRED } ");
    }
    return absl::StrCat(
        "targets { name: \"mp157/fip\" key: \"an521-app\" requesters: \"ci\" ",
        "fip { chip: STM32MP15 max_size: 0x400000 ",
        "valid_from: \"2026-01-01T00:00:00Z\" default_security_counter: 1 ",
        images, "} }\n");
  }

  std::string VersionOf(const std::string& image) {
    const Outcome verify =
        on_.Client({"verify", "--target", "an521-app", "--receipt",
                    on_.File(image + ".receipt"), on_.File(image)});
    EXPECT_EQ(verify.exit_code, 0) << verify.err;
    const std::size_t at = verify.out.find("version ") + 8;
    return verify.out.substr(at, verify.out.find(',', at) - at);
  }

  std::string Export(const std::string& target = "an521-app") {
    const std::string profile = on_.File("an521-app.profile");
    EXPECT_EQ(
        on_.Client({"targets", "export", target, "-o", profile}).exit_code, 0);
    return profile;
  }

  Installation on_;
};

class Make : public Builds {
 protected:
  Make() {
    on_.Write(
        "a build/Makefile",
        absl::StrCat("include ", kMake, "/bootseal.mk\n", "SIGN_TIMEOUT := 1\n",
                     "app.signed.bin: SIGN_TARGET = $(T)\n",
                     "app.signed.bin: SIGN_VERSION = $(V)\n"));
  }

  Outcome Run(const std::vector<std::string>& variables,
              const Environment& more = {}) {
    std::vector<std::string> command{"make", "-C", on_.File("a build"),
                                     kProgram, "app.signed.bin"};
    command.insert(command.end(), variables.begin(), variables.end());
    Environment environment = on_.ClientEnvironment("ci");
    for (const auto& [name, value] : more) environment[name] = value;
    return tests::Run(command, environment);
  }

  std::string Image() const { return on_.Read("a build/app.signed.bin"); }
};

// ECDSA: each signature is another.
TEST_F(Make, SignsAgainWhenSomethingChangedAndNotOtherwise) {
  const Outcome first = Run({"T=an521-app", "V=1.0.0"});
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(VersionOf("a build/app.signed.bin"), "1.0.0");
  std::string last = Image();
  ASSERT_EQ(Run({"T=an521-app", "V=1.0.0"}).exit_code, 0);
  EXPECT_EQ(Image(), last);

  ASSERT_EQ(Run({"T=an521-app", "V=1.0.1"}).exit_code, 0);
  EXPECT_EQ(VersionOf("a build/app.signed.bin"), "1.0.1");

  on_.Write("a build/app.bin", Payload(5000));
  ASSERT_EQ(Run({"T=an521-app", "V=1.0.1"}).exit_code, 0);
  EXPECT_GT(Image().size(), last.size());

  const std::string profile = absl::StrCat("SIGN_PROFILE=", Export());
  ASSERT_EQ(Run({"T=an521-app", "V=1.0.1", profile}).exit_code, 0);
  last = Image();
  ASSERT_EQ(Run({"T=an521-app", "V=1.0.1", profile}).exit_code, 0);
  EXPECT_EQ(Image(), last);
  on_.Write("an521-app.profile",
            absl::StrCat("# reviewed\n", on_.Read("an521-app.profile")));
  ASSERT_EQ(Run({"T=an521-app", "V=1.0.1", profile}).exit_code, 0);
  EXPECT_NE(Image(), last);
}

TEST_F(Make, LeavesNoImageWithoutASignatureAndTriesAgain) {
  ASSERT_EQ(Run({"T=an521-app", "V=1.0.0"}).exit_code, 0);
  struct Case {
    std::vector<std::string> variables;
    Environment environment;
    const char* error;
    const char* status;
  };
  for (const Case& each :
       {Case{{"T=production", "V=1.0.0"}, {}, "UNKNOWN_TARGET", "Error 1"},
        Case{{"T=an521-app", "V=v1"}, {}, "VERSION_FORMAT", "Error 2"},
        Case{{"V=1.0.0"}, {}, "SIGN_TARGET is not set", "Error 2"},
        Case{{"T=an521-app"}, {}, "SIGN_VERSION is not set", "Error 2"},
        Case{{"T=an521-app", "V=1.0.2"},
             {{"BOOTSEAL_SERVER", "127.0.0.1:1"}},
             "SERVER_UNREACHABLE",
             "Error 4"}}) {
    SCOPED_TRACE(each.error);
    const Outcome run = Run(each.variables, each.environment);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_THAT(run.err, AllOf(HasSubstr(each.error), HasSubstr(each.status)));
    EXPECT_FALSE(on_.Exists("a build/app.signed.bin"));
    EXPECT_FALSE(on_.Exists("a build/app.signed.bin.receipt"));
  }
  EXPECT_EQ(Run({"T=an521-app", "V=1.0.2"}).exit_code, 0);
  EXPECT_EQ(VersionOf("a build/app.signed.bin"), "1.0.2");
}

TEST_F(Make, RunsNothingThatAVariableSays) {
  const std::string trap = on_.File("trapped");
  for (const std::string& text :
       {absl::StrCat("1.2.3'; touch '", trap, "'; '"),
        absl::StrCat("1.2.3$$(touch '", trap, "')"),
        absl::StrCat("1.2.3\"; touch ", trap, "; \""),
        absl::StrCat("1.2.3'\ntouch ", trap, "\n'")}) {
    for (const std::vector<std::string>& variables :
         {std::vector<std::string>{"T=an521-app", "V=" + text},
          {"T=" + text, "V=1.0.0"},
          {"T=an521-app", "V=1.0.0", "SIGN_PROFILE=" + text},
          {"T=an521-app", "V=1.0.0", "SIGN_WAIT=" + text},
          {"T=an521-app", "V=1.0.0", "SIGN_SECURITY_COUNTER=" + text}}) {
      SCOPED_TRACE(variables.back());
      EXPECT_EQ(Run(variables).exit_code, 2);
      EXPECT_FALSE(fs::exists(trap));
      EXPECT_FALSE(on_.Exists("a build/app.signed.bin"));
    }
  }
}

TEST_F(Make, SignsAgainWhenTheReceiptIsGone) {
  ASSERT_EQ(Run({"T=an521-app", "V=1.0.0"}).exit_code, 0);
  const std::string last = Image();
  fs::remove(on_.File("a build/app.signed.bin.receipt"));
  const Outcome again = Run({"T=an521-app", "V=1.0.0"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_NE(Image(), last);
  EXPECT_EQ(VersionOf("a build/app.signed.bin"), "1.0.0");
}

TEST_F(Make, KeepsAPayloadThatItsImageWouldReplace) {
  fs::rename(on_.File("a build/app.bin"), on_.File("a build/app.signed.bin"));
  fs::create_symlink("app.signed.bin", on_.File("a build/app.bin"));
  // make's shell is what SHELL says; posh has no test -ef.
  for (const char* shell : {"SHELL=/bin/sh", "SHELL=posh"}) {
    const Outcome run = Run({"T=an521-app", "V=1.0.0", shell});
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_THAT(run.err, HasSubstr("app.signed.bin: OUTPUT_IS_INPUT"));
    EXPECT_EQ(Image(), Payload(4096));
  }
}

TEST_F(Make, SignsInAShellOfPosixAlone) {
  const Outcome run = Run({"T=an521-app", "V=1.0.0", "SHELL=posh"});
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_EQ(VersionOf("a build/app.signed.bin"), "1.0.0");
  EXPECT_EQ(run.err, "");
}

TEST_F(Make, BuildsAndSignsItsExample) {
  const Outcome run =
      tests::Run({"make", "-C", on_.File("a build"), "-f",
                  absl::StrCat(kMake, "/Makefile"), kProgram, "VERSION=2.0.0"},
                 on_.ClientEnvironment("ci"));
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_EQ(VersionOf("a build/sample.signed.bin"), "2.0.0");
}

// `posh` has of a shell what POSIX demands of it, and nothing else.
class Shell : public Builds {
 protected:
  Outcome Run(const std::vector<std::string>& arguments,
              const Environment& more = {}, const std::string& shell = "posh") {
    std::vector<std::string> command{shell, kSign};
    command.insert(command.end(), arguments.begin(), arguments.end());
    Environment environment = on_.ClientEnvironment("ci");
    environment["BOOTSEAL"] = BOOTSEAL_BIN_DIR "/bootseal";
    for (const auto& [name, value] : more) environment[name] = value;
    return tests::Run(command, environment);
  }
};

TEST_F(Shell, SignsFilesWithSpacesInTheirNames) {
  const std::string image = on_.File("a build/the image.bin");
  fs::rename(on_.File("a build/app.bin"), on_.File("a build/-a payload.bin"));
  const Outcome run =
      Run({"an521-app", "1.2.3", on_.File("a build/-a payload.bin"), image,
           "--security-counter", "2"},
          {{"SIGN_PROFILE", Export()}});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("in the log"));
  EXPECT_EQ(VersionOf("a build/the image.bin"), "1.2.3");
}

TEST_F(Shell, EndsAsTheProgramDidAndLeavesNoImage) {
  const std::string payload = on_.File("a build/app.bin");
  struct Case {
    std::vector<std::string> arguments;
    Environment environment;
    int status;
    const char* error;
  };
  for (const Case& each :
       {Case{{"production", "1.0.0", payload}, {}, 1, "is not signed"},
        Case{{"an521-app", "v1", payload}, {}, 2, "VERSION_FORMAT"},
        Case{{"an521-app", "1.0.0", payload},
             {{"BOOTSEAL_SERVER", "127.0.0.1:1"}},
             4,
             "no server was reached"},
        Case{{"an521-app", "1.0.0", on_.File("nothing")},
             {},
             5,
             "FILE_NOT_FOUND"}}) {
    SCOPED_TRACE(each.error);
    const std::string image = on_.Write("a build/image", "of an earlier run");
    std::vector<std::string> arguments = each.arguments;
    arguments.insert(arguments.end(), {image, "--timeout", "1"});
    const Outcome run = Run(arguments, each.environment);
    EXPECT_EQ(run.exit_code, each.status) << run.err;
    EXPECT_THAT(run.err, HasSubstr(each.error));
    EXPECT_FALSE(fs::exists(image));
  }
  EXPECT_EQ(Run({"an521-app", "1.0.0"}).exit_code, 2);
}

TEST_F(Shell, KeepsAnInputThatTheImageWouldReplace) {
  const std::string payload = on_.File("a build/app.bin");
  const std::string link = on_.File("link.receipt");
  fs::create_symlink(payload, link);
  const std::string twin = on_.File("twin.bin");
  fs::create_hard_link(payload, twin);
  const std::string other = on_.File("other");
  const std::string component = absl::StrCat("fw-config=", payload);
  const std::string tlv = absl::StrCat("0x00a0=@", payload);
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{payload, payload},
        {link, payload},
        {twin, payload},
        {payload, on_.File("link")},
        {payload, on_.File("a build/../a build/app.bin")},
        {other, payload, absl::StrCat("--profile=", payload)},
        {other, payload, "--component", component},
        {other, payload, absl::StrCat("--component=", component)},
        {"", payload, "--component", component},
        {other, payload, "--vendor-tlv", tlv},
        {other, payload, absl::StrCat("--vendor-tlv=", tlv)},
        {other, payload, "--device-key", link}}) {
    std::vector<std::string> command{"an521-app", "1.0.0"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    for (const char* shell : {"sh", "posh"}) {
      SCOPED_TRACE(absl::StrCat(shell, " ", arguments.back()));
      const Outcome run = Run(command, {}, shell);
      EXPECT_EQ(run.exit_code, 2) << run.err;
      EXPECT_THAT(run.err, HasSubstr("OUTPUT_IS_INPUT: output "));
      EXPECT_EQ(on_.Read("a build/app.bin"), Payload(4096));
    }
  }
}

// A copy is another file.
TEST_F(Shell, ReplacesAnImageThatOnlyEqualsItsPayload) {
  const std::string image = on_.Write("image", Payload(4096));
  const Outcome run =
      Run({"an521-app", "1.0.0", on_.File("a build/app.bin"), image});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(VersionOf("image"), "1.0.0");
}

TEST_F(Shell, SignsAPackageThatIsItsComponentsAlone) {
  std::vector<std::string> command{"mp157/fip", "1.2.3", "",
                                   on_.File("board.fip")};
  for (const char* name : {"fw-config", "hw-config", "tos-fw", "nt-fw"}) {
    command.push_back(
        absl::StrCat("--component=", name, "=", on_.File("a build/app.bin")));
  }
  const Outcome run = Run(command, {{"SIGN_PROFILE", Export("mp157/fip")}});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("nt-fw"), HasSubstr("in the log")));
  EXPECT_TRUE(on_.Exists("board.fip.receipt"));
}

TEST_F(Shell, LeavesNoImageWithoutPayloadAndComponents) {
  const std::string image = on_.Write("image", "of an earlier run");
  const Outcome run = Run({"an521-app", "1.0.0", "", image});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, AllOf(HasSubstr("PAYLOAD_MISSING"),
                             HasSubstr("an521-app 1.0.0 is not signed")));
  EXPECT_FALSE(fs::exists(image));
}

}  // namespace
}  // namespace bootseal::tests
