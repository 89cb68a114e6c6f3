// client/integrations/github and gitlab: their steps run as the runners run
// them, with the ID tokens of an issuer that the server's policy knows.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <cstdlib>
#include <thread>

#include "tests/client/integrations/ci_fixture.h"
#include "tests/integration/installation.h"
#include "tests/support/token_issuer.h"

namespace bootseal::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

constexpr char kRef[] = "refs/tags/v1.2.3";

// A server whose policy knows jobs for a tag, and one target for them.
class CiJobs : public CiFiles {
 protected:
  CiJobs() : on_({BoardTarget("p256")}), issuer_("https://issuer.example") {
    on_.Write("jobs.jwks", issuer_.KeySet());
    std::string issuer;
    google::protobuf::TextFormat::PrintToString(
        issuer_.Entry("jobs", "jobs.jwks"), &issuer);
    on_.Write(
        "policy.textproto",
        absl::StrCat(on_.Read("policy.textproto"), "issuers {\n", issuer, "}\n",
                     "people { name: \"job\" workloads { issuer: \"jobs\" ",
                     "claims { claim: \"ref\" equals: \"", kRef, "\" } } }\n",
                     "roles { name: \"release\" members: \"job\" }\n",
                     "targets { name: \"gateway\" key: \"p256\" ",
                     "requesters: [\"release\", \"ci\"] lower_version: PASS ",
                     "mcuboot { ", BoardTarget("p256").format, " } }\n"));
    EXPECT_EQ(on_.StartServer(), -1) << on_.ServerLog();
    on_.Write("app.bin", Payload(4096));
    service_.Get("/token", [this](const httplib::Request& request,
                                  httplib::Response& response) {
      audience_ = request.get_param_value("audience");
      authorization_ = request.get_header_value("Authorization");
      response.set_content(absl::StrCat("{\"value\":\"", token_, "\"}"),
                           "application/json");
    });
    port_ = service_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { service_.listen_after_bind(); });
    while (!service_.is_running()) std::this_thread::yield();
    IssueFor(kRef);
  }
  ~CiJobs() override {
    service_.stop();
    thread_.join();
  }

  void IssueFor(const std::string& ref) {
    token_ = issuer_.Sign(issuer_.Claims({{"ref", JsonText(ref)}}));
  }

  // What both runners give a job, and nobody's certificate.
  Environment JobEnvironment() const {
    return {{"BOOTSEAL_CI_CHECKS", BOOTSEAL_CI_CHECKS},
            {"BOOTSEAL_STATE", on_.File("state")},
            {"HOME", on_.File(".")},
            {"PATH", absl::StrCat(BOOTSEAL_BIN_DIR ":", std::getenv("PATH"))}};
  }

  // The signature, by which a token would be usable.
  std::string Secret() const { return token_.substr(token_.rfind('.') + 1); }

  Outcome Verify() {
    return on_.Client({"verify", "--target", "gateway", "--receipt",
                       on_.File("out/app image.bin.receipt"),
                       on_.File("out/app image.bin")});
  }

  Installation on_;
  TokenIssuer issuer_;
  std::string token_;
  std::string audience_;
  std::string authorization_;
  int port_ = 0;
  httplib::Server service_;
  std::thread thread_;
};

class GithubJobs : public CiJobs {
 protected:
  Outcome RunAction(const Environment& changes = {},
                    const Environment& more = {}) {
    const Environment client = on_.ClientEnvironment("ci");
    Environment inputs{{"server", client.at("BOOTSEAL_SERVER")},
                       {"ca", client.at("BOOTSEAL_CA")},
                       {"log-key", client.at("BOOTSEAL_LOG_KEY")},
                       {"audience", TokenIssuer::kAudience},
                       {"target", "gateway"},
                       {"payload", on_.File("app.bin")},
                       {"output", on_.File("out/app image.bin")}};
    for (const auto& [name, value] : changes) inputs[name] = value;
    std::vector<std::string> command{"node", Script("run_action.js"),
                                     absl::StrCat(kGithub, "/sign/action.yml")};
    for (const auto& [name, value] : inputs) {
      command.push_back(absl::StrCat(name, "=", value));
    }
    Environment environment = JobEnvironment();
    environment["ACTIONS_ID_TOKEN_REQUEST_URL"] =
        absl::StrCat("http://127.0.0.1:", port_, "/token?api-version=2.0");
    environment["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = "runner-secret";
    environment["GITHUB_REF"] = kRef;
    environment["GITHUB_REF_TYPE"] = "tag";
    environment["GITHUB_REF_NAME"] = "v1.2.3";
    environment["GITHUB_OUTPUT"] = on_.Write("github_output", "");
    environment["GITHUB_STEP_SUMMARY"] = on_.Write("summary", "");
    for (const auto& [name, value] : more) environment[name] = value;
    return tests::Run(command, environment);
  }

  void ExpectNothing(const Outcome& run, int exit_code, const char* error) {
    EXPECT_EQ(run.exit_code, exit_code) << run.err;
    EXPECT_THAT(run.out,
                AllOf(HasSubstr("::error title=Bootseal::"), HasSubstr(error)));
    EXPECT_FALSE(on_.Exists("out/app image.bin"));
    EXPECT_FALSE(on_.Exists("out/app image.bin.receipt"));
    EXPECT_EQ(on_.Read("github_output"), "");
  }
};

TEST_F(GithubJobs, SignWithTheTokenThatTheRunnerGivesThem) {
  const Outcome run = RunAction();
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_EQ(audience_, TokenIssuer::kAudience);
  EXPECT_THAT(run.out + run.err,
              AllOf(Not(HasSubstr(Secret())), Not(HasSubstr("runner-secret"))));
  const Outcome verify = Verify();
  EXPECT_THAT(verify.out,
              AllOf(HasSubstr("version 1.2.3"), HasSubstr("in the log")))
      << verify.err;
  const std::string outputs = on_.Read("github_output");
  const Outcome digest =
      tests::Run({"sha256sum", on_.File("out/app image.bin")});
  EXPECT_THAT(outputs,
              AllOf(HasSubstr(absl::StrCat(
                        "image=", on_.File("out/app image.bin"), "\nreceipt=")),
                    HasSubstr(absl::StrCat("sha256=", digest.out.substr(0, 64),
                                           "\n"))));
  EXPECT_THAT(on_.Read("summary"), HasSubstr("Signed for `gateway` 1.2.3"));
}

TEST_F(GithubJobs, WithoutASignatureLeaveNothingAndSayWhy) {
  fs::create_directory(on_.File("out"));
  on_.Write("out/app image.bin", "of an earlier run");
  on_.Write("out/app image.bin.receipt", "of an earlier run");
  ExpectNothing(RunAction({}, {{"ACTIONS_ID_TOKEN_REQUEST_URL", ""}}), 2,
                "give it \"permissions: id-token: write\"");
  ExpectNothing(RunAction({{"program", "bootseal-of-nobody"}}), 2,
                "there is no program bootseal-of-nobody");
  ExpectNothing(RunAction({}, {{"GITHUB_REF_TYPE", "branch"},
                               {"GITHUB_REF", "refs/heads/main"}}),
                2, "no version, and refs/heads/main is no tag");
  ExpectNothing(RunAction({{"payload", on_.File("nothing.bin")}}), 5,
                "gateway 1.2.3 is not signed");
  ExpectNothing(RunAction({{"target", "production"}}), 1,
                "production 1.2.3 is not signed");
  IssueFor("refs/heads/main");
  const Outcome other = RunAction();
  ExpectNothing(other, 1, "gateway 1.2.3 is not signed");
  EXPECT_THAT(other.err,
              AllOf(HasSubstr("CLAIM_MISMATCH"), Not(HasSubstr(Secret()))));
}

TEST_F(GithubJobs, RunNothingThatAnInputSays) {
  const std::string trap = absl::StrCat("\"; touch ", on_.File("trapped"),
                                        "; $(touch ", on_.File("trapped"), ")");
  for (const char* input : {"target", "version", "payload", "components",
                            "profile", "wait", "security-counter", "log-key"}) {
    SCOPED_TRACE(input);
    EXPECT_NE(RunAction({{input, trap}}).exit_code, 0);
    EXPECT_FALSE(on_.Exists("trapped"));
  }
}

// The runner reads commands from what a step prints.
TEST_F(GithubJobs, GiveTheRunnerNoCommandThatAnInputSays) {
  for (const char* input :
       {"target", "version", "program", "payload", "output", "components"}) {
    for (const char* line_break : {"\n", "\r"}) {
      SCOPED_TRACE(input);
      const Outcome run =
          RunAction({{input, absl::StrCat("x", line_break,
                                          "::warning title=forged::100%")}});
      EXPECT_NE(run.exit_code, 0);
      const std::string all = absl::StrCat("\n", run.out, run.err);
      EXPECT_THAT(all, AllOf(Not(HasSubstr("\n::warning")),
                             Not(HasSubstr("\r::warning"))));
    }
  }
  const Outcome run = RunAction({{"target", "x\n::warning::100%"}});
  EXPECT_THAT(run.out, HasSubstr("::error title=Bootseal::x%0A::warning::100%25"
                                 " 1.2.3 is not signed"));
}

TEST_F(GithubJobs, KeepAnInputThatTheImageWouldReplace) {
  const std::string payload = on_.File("app.bin");
  fs::create_symlink(payload, on_.File("link.receipt"));
  for (const Environment& inputs :
       {Environment{{"output", payload}},
        Environment{{"output", on_.File("link")}},
        Environment{{"output", payload}, {"payload", ""}, {"profile", payload}},
        Environment{{"output", payload},
                    {"payload", ""},
                    {"components", absl::StrCat("a=b\nnt-fw=", payload)}}}) {
    const Outcome run = RunAction(inputs);
    ExpectNothing(run, 2, "OUTPUT_IS_INPUT: output ");
    EXPECT_EQ(on_.Read("app.bin"), Payload(4096));
  }
}

class GitlabJobs : public CiJobs {
 protected:
  GitlabJobs() {
    fs::copy(kGitlab, folder_.File("project"), fs::copy_options::recursive);
    EXPECT_EQ(tests::Run({"git", "init", "-q", folder_.File("project")})
                  .exit_code,
              0);
    Expand("payload: " + on_.File("app.bin"));
  }

  // The example's component with inputs for this server, and `inputs`.
  void Expand(const std::string& inputs) {
    const std::string project = folder_.File("project");
    const Environment client = on_.ClientEnvironment("ci");
    std::ofstream(project + "/.gitlab-ci.yml") << absl::StrReplaceAll(
        Read(absl::StrCat(kGitlab, "/.gitlab-ci.yml")),
        {{"signing.example.com:8443", client.at("BOOTSEAL_SERVER")},
         {"signing/ca.pem", client.at("BOOTSEAL_CA")},
         {"signing/log.vkey", client.at("BOOTSEAL_LOG_KEY")},
         {"payload: app.bin", inputs},
         {"output: app.signed.bin", "output: " + on_.File("out/app image.bin")},
         {"      profile: signing/gateway.profile\n", ""}});
    const Outcome preview = Preview(project);
    EXPECT_EQ(preview.exit_code, 0) << preview.err;
    std::ofstream(expanded_) << preview.out;
  }

  Outcome RunJob(const Environment& more = {}) {
    Environment environment = JobEnvironment();
    environment["CI_COMMIT_TAG"] = "v1.2.3";
    environment["ISSUED_TOKEN"] = token_;
    for (const auto& [name, value] : more) environment[name] = value;
    return tests::Run({"sh", "-c", "exec node \"$1\" bootseal-sign <\"$2\"",
                       "run", Script("run_job.js"), expanded_},
                      environment);
  }

  const std::string expanded_ = folder_.File("expanded.yml");
};

TEST_F(GitlabJobs, SignWithTheTokenThatTheRunnerGivesThem) {
  const Outcome run = RunJob();
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_THAT(run.out + run.err, Not(HasSubstr(Secret())));
  const Outcome verify = Verify();
  EXPECT_THAT(verify.out,
              AllOf(HasSubstr("version 1.2.3"), HasSubstr("in the log")))
      << verify.err;
}

TEST_F(GitlabJobs, WithoutASignatureLeaveNothingAndSayWhy) {
  fs::create_directory(on_.File("out"));
  on_.Write("out/app image.bin", "of an earlier run");
  const Outcome tokenless = RunJob({{"ISSUED_TOKEN", ""}});
  EXPECT_EQ(tokenless.exit_code, 2);
  EXPECT_THAT(tokenless.err, HasSubstr("the job has no ID token"));
  const Outcome untagged = RunJob({{"CI_COMMIT_TAG", ""}});
  EXPECT_EQ(untagged.exit_code, 2);
  EXPECT_THAT(untagged.err, HasSubstr("no version, and no tag"));
  IssueFor("refs/heads/main");
  const Outcome other = RunJob();
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err,
              AllOf(HasSubstr("CLAIM_MISMATCH"), Not(HasSubstr(Secret()))));
  EXPECT_FALSE(on_.Exists("out/app image.bin"));
}

TEST_F(GitlabJobs, KeepAnInputThatTheImageWouldReplace) {
  fs::create_directory(on_.File("out"));
  for (const char* output : {"app image.bin", "app image.bin.receipt"}) {
    const std::string link = on_.File(absl::StrCat("out/", output));
    fs::create_symlink(on_.File("app.bin"), link);
    const Outcome run = RunJob();
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_THAT(run.err, HasSubstr("bootseal-sign: OUTPUT_IS_INPUT: output "));
    EXPECT_TRUE(fs::is_symlink(link));
    EXPECT_EQ(on_.Read("app.bin"), Payload(4096));
    fs::remove(link);
  }
}

// The server says which they are: this target has one image.
TEST_F(GitlabJobs, GiveEachComponentOfItsLine) {
  const std::string payload = on_.File("app.bin");
  Expand(absl::StrCat("components: \"nt-fw=", payload, "\\n\\ntos-fw=",
                      payload, "\""));
  const Outcome run = RunJob();
  EXPECT_EQ(run.exit_code, 1) << run.out << run.err;
  EXPECT_THAT(run.err, HasSubstr("gateway"));
  EXPECT_THAT(run.err, HasSubstr("component"));
}

TEST_F(GitlabJobs, KeepAComponentThatTheImageWouldReplace) {
  fs::create_directory(on_.File("out"));
  const std::string image = on_.Write("out/app image.bin", "a component");
  for (const std::string& components :
       {absl::StrCat("fw=", image), absl::StrCat("a=b\\nfw=", image),
        absl::StrCat("a=b\\nfw=", image, ".receipt")}) {
    on_.Write("out/app image.bin.receipt", "another");
    Expand(absl::StrCat("components: \"", components, "\""));
    const Outcome run = RunJob();
    EXPECT_EQ(run.exit_code, 2) << run.out << run.err;
    EXPECT_THAT(run.err, HasSubstr("bootseal-sign: OUTPUT_IS_INPUT: output "));
    EXPECT_EQ(on_.Read("out/app image.bin"), "a component");
    EXPECT_EQ(on_.Read("out/app image.bin.receipt"), "another");
  }
}

}  // namespace
}  // namespace bootseal::tests
