// A real bootseald for one test: SoftHSM2 token, development PKI, policy and
// SQLite log in a temporary folder, a child process on a free port of the
// loopback. Everything is gone with the object.
//
//   ServerFixture server;             files and keys; edit policy() or config()
//   server.Start();
//   auto stub = v1::SigningService::NewStub(server.Channel("ci"));
//
// Callers, each with certificate and key in the folder: "ci" (role ci, may ask
// for the targets), "developer" (a role without targets), "auditor" (READ_LOG,
// READ_KEYS), "stranger" (a good certificate of nobody in the policy),
// "expired", "impostor" (the name of ci from another CA), and "" for no
// certificate at all.
#ifndef BOOTSEAL_TESTS_SUPPORT_SERVER_FIXTURE_H_
#define BOOTSEAL_TESTS_SUPPORT_SERVER_FIXTURE_H_

#include <grpcpp/channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "bootseal/v1/config.pb.h"
#include "bootseal/v1/policy.pb.h"
#include "hsm/signer.h"
#include "tests/support/pki.h"
#include "tests/support/process.h"
#include "tests/support/softhsm_token.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/token_issuer.h"

namespace bootseal::tests {

class ServerFixture {
 public:
  // Target "app": P-256 key "app", header put in front, slot of 256 KiB, image
  // may be retried; lower versions pass. Target "room": the same key, payload
  // with header room.
  ServerFixture();
  ~ServerFixture();

  v1::Policy& policy() { return policy_; }
  v1::ServerConfig& config() { return config_; }
  SoftHsmToken& token() { return token_; }
  const TemporaryFolder& folder() const { return folder_; }

  // Generates a key in the token and pins it in the policy under its label.
  hsm::KeyInfo AddKey(const std::string& label, hsm::Algorithm algorithm,
                      hsm::RsaPadding padding = hsm::RsaPadding::kPss);
  // A copy of target "app" for `key`.
  v1::Target& AddTarget(const std::string& name, const std::string& key);

  // A person of that name, alone in a role of that name, with a certificate in
  // the folder.
  void AddCaller(const std::string& name,
                 const std::vector<v1::Permission>& permissions);
  // A person with a certificate, a new caller, in a role that is made when it
  // is not there.
  v1::Person& AddPerson(const std::string& name, const std::string& role);

  // Writes policy() where the server reads it.
  void WritePolicy();
  void WritePolicyText(const std::string& text);
  // Writes both files and starts the process; aborts the test program when it
  // does not listen within 20 seconds.
  void Start();
  // The same; false when it ended before it listened.
  bool StartUnlessItEnds();
  // Starts it and waits for its end: the exit status.
  int StartAndFail();
  void Stop();  // SIGTERM, and waits

  // The bootseald under test.
  static std::string program();
  Background& process() { return *process_; }
  // What the server wrote to standard error so far.
  std::string ServerLog() const;
  // Waits until its log has `text`; false after `limit`.
  bool WaitForLog(const std::string& text,
                  std::chrono::seconds limit = std::chrono::seconds(10)) const;

  std::string address() const;  // "127.0.0.1:PORT"
  // The CA that issued "impostor"; in no policy unless a test puts it there.
  const std::string& other_ca_pem() const {
    return other_ca_.certificate_pem();
  }
  std::string ca_path() const { return folder_.File("ca.pem"); }
  std::string certificate_path(const std::string& caller) const;
  std::string key_path(const std::string& caller) const;
  // "origin+id+key", as clients are configured.
  const std::string& log_key() const { return log_key_; }
  // What the CLI reads: BOOTSEAL_SERVER, _CA, _CERT, _KEY, _LOG_KEY.
  Environment ClientEnvironment(const std::string& caller) const;
  std::shared_ptr<grpc::Channel> Channel(
      const std::string& caller,
      const grpc::ChannelArguments& arguments = {}) const;
  // The same with a token in the metadata of every call; `caller` may be "".
  std::shared_ptr<grpc::Channel> TokenChannel(
      const std::string& token, const std::string& caller = "") const;

  // Writes the issuer's keys where the policy names them and puts it into the
  // policy.
  void AddIssuer(const std::string& name, const TokenIssuer& issuer);
  // To another server with the same certificates.
  std::shared_ptr<grpc::Channel> ChannelTo(
      const std::string& server, const std::string& caller,
      const grpc::ChannelArguments& arguments = {}) const;

 private:
  void MakePolicy();
  void MakeConfig();
  void MakeCallers();
  void Store(const std::string& name, const Credential& credential) const;
  std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(
      const std::string& caller) const;
  void Launch();

  TemporaryFolder folder_;
  SoftHsmToken token_;
  CertificateAuthority ca_;
  CertificateAuthority other_ca_;
  v1::Policy policy_;
  v1::ServerConfig config_;
  std::string log_key_;
  std::unique_ptr<Background> process_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_SERVER_FIXTURE_H_
