// The unit of deploy/systemd: as systemd-analyze sees it, and as it runs under
// a systemd of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/integration/installation.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Of in_systemd: no systemd can be had.
constexpr int kNotHere = 77;
constexpr char kUnit[] =
    BOOTSEAL_SOURCE_DIR "/deploy/systemd/bootseald.service";

std::string ReadText(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

class UnitFile : public testing::Test {
 protected:
  // A copy whose program is there.
  std::string Copy(const std::string& text) const {
    const std::string path = folder_.File("bootseald.service");
    std::ofstream(path) << absl::StrReplaceAll(
        text, {{"/usr/bin/bootseald", BOOTSEAL_BIN_DIR "/bootseald"}});
    return path;
  }
  // systemd-analyze's figure, times ten; a lower one is better.
  int Exposure(const std::string& text) const {
    const Outcome outcome =
        tests::Run({"systemd-analyze", "security", "--offline=true",
                    "--no-pager", Copy(text)});
    const std::string label = "Overall exposure level for bootseald.service: ";
    const std::size_t at = outcome.out.find(label);
    if (at == std::string::npos) return -1;
    return static_cast<int>(
        std::stod(outcome.out.substr(at + label.size())) * 10 + 0.5);
  }

  TemporaryFolder folder_;
  const std::string text_ = ReadText(kUnit);
};

TEST_F(UnitFile, HasNothingThatSystemdComplainsAbout) {
  const Outcome outcome = tests::Run({"systemd-analyze", "verify", "--man=no",
                                      "--recursive-errors=no", Copy(text_)});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "");
}

TEST_F(UnitFile, ExposesAsLittleAsTheReadmeSays) {
  const std::string readme = ReadText(BOOTSEAL_SOURCE_DIR "/deploy/README.md");
  const std::string says = "`systemd-analyze security` rates it ";
  const std::size_t at = readme.find(says);
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(
      Exposure(text_),
      static_cast<int>(std::stod(readme.substr(at + says.size())) * 10 + 0.5));
}

TEST_F(UnitFile, ExposesMoreWithoutAnyOneOfItsWalls) {
  const int whole = Exposure(text_);
  ASSERT_GT(whole, 0);
  for (const char* line :
       {"CapabilityBoundingSet=\n", "SystemCallFilter=@system-service\n",
        "PrivateUsers=yes\n", "ProtectSystem=strict\n", "PrivateDevices=yes\n",
        "RestrictNamespaces=yes\n", "User=bootseald\n"}) {
    ASSERT_THAT(text_, HasSubstr(line));
    EXPECT_GT(Exposure(absl::StrReplaceAll(text_, {{line, ""}})), whole)
        << line;
  }
}

class Unit : public testing::Test {
 protected:
  Unit() : installation_({BoardTarget("p256")}) {
    installation_.Write("payload.bin", Payload(5000));
    installation_.Write("log.vkey", installation_.ClientEnvironment("ci").at(
                                        "BOOTSEAL_LOG_KEY"));
  }

  void SetUp() override {
    const Outcome boots = InSystemd("true", "");
    if (boots.exit_code == kNotHere) GTEST_SKIP() << boots.err;
  }

  Outcome InSystemd(const std::string& commands, const std::string& drop_in) {
    return tests::Run(
        {BOOTSEAL_SOURCE_DIR "/tests/deploy/in_systemd", BOOTSEAL_BIN_DIR,
         std::filesystem::path(installation_.policy_path()).parent_path(),
         drop_in, commands},
        {}, std::chrono::seconds(240));
  }

  // Runs it with `drop_in` in the unit.
  void Try(const std::string& commands, const std::string& drop_in = "") {
    const Outcome outcome = InSystemd(commands, drop_in);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    printed_ = outcome.out;
  }

  Installation installation_;
  std::string printed_;
};

TEST_F(Unit, SignsWithATokenThatItCannotWrite) {
  Try(R"sh(
    systemctl start bootseald && echo started
    nsenter -t $(show MainPID) -m touch /var/lib/bootseal-token/new
    sign --target p256 --version 1.0.0 -o /tmp/image payload.bin
    systemctl stop bootseald
    echo "result $(show Result)")sh");
  EXPECT_THAT(
      printed_,
      AllOf(HasSubstr("started\n"),
            HasSubstr("'/var/lib/bootseal-token/new': Read-only file system"),
            HasSubstr("image    /tmp/image"), HasSubstr("result success")));
}

// Not even what root could do in its view of the files.
TEST_F(Unit, WritesNothingButItsLogAndRunsNothingThatItWrote) {
  Try(R"sh(
    systemctl start bootseald
    inside="nsenter -t $(show MainPID) -m"
    for folder in / /etc /usr /var /var/lib /run /run/lock; do
      $inside touch $folder/new && echo "writes $folder"
    done
    for folder in /var/lib/bootseal /tmp /var/tmp /dev/shm; do
      $inside cp /bin/true $folder/program && $inside $folder/program &&
        echo "runs in $folder"
    done
    $inside touch /var/lib/bootseal/new && echo "its own")sh");
  EXPECT_THAT(printed_,
              AllOf(Not(HasSubstr("writes ")), Not(HasSubstr("runs in ")),
                    HasSubstr("'/run/lock/new': Read-only"),
                    HasSubstr("/dev/shm/program: Permission denied"),
                    testing::EndsWith("its own\n")));
}

TEST_F(Unit, RunsWithoutAnyPrivilege) {
  Try(R"sh(
    systemctl start bootseald
    grep -E '^(Uid|CapBnd|NoNewPrivs|Seccomp):' /proc/$(show MainPID)/status
    nsenter -t $(show MainPID) -m ls /dev)sh");
  EXPECT_THAT(printed_,
              AllOf(HasSubstr("CapBnd:\t0000000000000000\n"),
                    HasSubstr("NoNewPrivs:\t1\n"), HasSubstr("Seccomp:\t2\n"),
                    HasSubstr("Uid:\t"), Not(HasSubstr("Uid:\t0\t")),
                    HasSubstr("urandom\n"), Not(HasSubstr("fuse\n")),
                    Not(HasSubstr("rtc"))));
}

TEST_F(Unit, SaysInItsStatusWhatItDoesAndIsReadyOnceItServes) {
  Try(R"sh(
    systemctl start bootseald
    sign --target p256 --version 1.0.0 -o /tmp/image payload.bin && echo served
    show StatusText
    sed -i 's/^version: 1$/version: 2/' /etc/bootseal/policy.textproto
    systemctl reload bootseald
    until_is 'show StatusText' 'serves on port 8443, policy version 2'
    show StatusText)sh");
  EXPECT_THAT(
      printed_,
      AllOf(HasSubstr("served\nserves on port 8443, policy version 1\n"),
            testing::EndsWith("policy version 2\n"), Not(HasSubstr("not "))));
}

TEST_F(Unit, WritesItsRequestsIntoTheJournalWithTheirPriority) {
  Try(R"sh(
    systemctl start bootseald
    sign --target p256 --version 1.0.0 --request-id build-7 -o /tmp/image payload.bin
    sign --target p257 --version 1.0.0 --request-id build-8 -o /tmp/image payload.bin
    journalctl --sync
    journalctl --no-pager -o cat -u bootseald -p warning | grep request_id=
    echo "all $(journal cat | grep -c request_id=)")sh");
  EXPECT_THAT(
      printed_,
      AllOf(HasSubstr(" request_id=build-8 "), HasSubstr("decision=refused"),
            Not(HasSubstr(" request_id=build-7 ")), HasSubstr("all 2\n")));
}

TEST_F(Unit, IsNotStartedAgainWithAWrongPin) {
  Try(R"sh(
    echo 87654321 >/etc/bootseal/pin
    systemctl start bootseald || echo "not started"
    until_is 'show ActiveState' failed
    echo "status $(show ExecMainStatus), restarts $(show NRestarts)"
    journal cat)sh",
      "RestartSec=100ms");
  EXPECT_THAT(
      printed_,
      AllOf(HasSubstr("not started"), HasSubstr("status 6, restarts 0"),
            HasSubstr("reason=PIN_INCORRECT"), Not(HasSubstr("87654321"))));
}

constexpr char kEncrypt[] = R"sh(
    systemd-creds encrypt --name=pin /etc/bootseal/pin /etc/bootseal/pin.cred
    rm /etc/bootseal/pin
)sh";
constexpr char kEncryptedPin[] =
    BOOTSEAL_SOURCE_DIR "/deploy/systemd/encrypted-pin.conf";

TEST_F(Unit, ServesWithAPinThatLiesEncryptedOnTheDisk) {
  Try(absl::StrCat(kEncrypt, R"sh(
    grep -c -F -f /installation/pin /etc/bootseal/pin.cred
    systemctl start bootseald && echo started
    sign --target p256 --version 1.0.0 -o /tmp/image payload.bin)sh"),
      ReadText(kEncryptedPin));
  EXPECT_THAT(printed_, AllOf(HasSubstr("0\nstarted\n"),
                              HasSubstr("image    /tmp/image")));
}

// Of another machine, or altered: it is no PIN that the token could count.
TEST_F(Unit, SendsNoPinThatDoesNotDecrypt) {
  Try(absl::StrCat(kEncrypt, R"sh(
    sed -i '2s/^..../AAAA/' /etc/bootseal/pin.cred
    systemctl start bootseald || echo "not started"
    journal cat)sh"),
      ReadText(kEncryptedPin));
  EXPECT_THAT(printed_, AllOf(HasSubstr("not started"),
                              HasSubstr("status=243/CREDENTIALS"),
                              Not(HasSubstr("reason=PIN_"))));
}

TEST_F(Unit, IsStartedAgainWhenItHangs) {
  Try(R"sh(
    systemctl start bootseald
    first=$(show MainPID)
    kill -STOP $first
    until_is 'show NRestarts' 1
    until_is 'show ActiveState' active
    sign --target p256 --version 1.0.0 -o /tmp/image payload.bin && echo served
    journalctl --sync
    journal cat | grep -o 'Watchdog timeout'
    [ $first != $(show MainPID) ] && echo another)sh",
      "WatchdogSec=2\nRestartSec=100ms");
  EXPECT_THAT(printed_, AllOf(HasSubstr("served\nWatchdog timeout"),
                              HasSubstr("another")));
}

}  // namespace
}  // namespace bootseal::tests
