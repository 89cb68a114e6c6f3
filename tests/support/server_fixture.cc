#include "tests/support/server_fixture.h"

#include <google/protobuf/text_format.h>
#include <grpcpp/create_channel.h>
#include <signal.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "base/file.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/transparency/note.h"

namespace bootseal::tests {
namespace {

constexpr char kDomain[] = "dev.bootseal.example";
constexpr char kOrigin[] = "bootseal.example/test";
constexpr std::chrono::seconds kStartLimit(20);

void Check(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << status << std::endl;
  std::abort();
}

std::string Read(const std::string& path) {
  auto text = base::ReadFile(path, 16 << 20);
  return text.ok() ? *std::move(text) : std::string();
}

std::string SpiffeId(const std::string& path) {
  return absl::StrCat("spiffe://", kDomain, "/", path);
}

template <typename Message>
std::string ToText(const Message& message) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(message, &text);
  return text;
}

v1::Algorithm WireAlgorithm(hsm::Algorithm algorithm) {
  switch (algorithm) {
    case hsm::Algorithm::kRsa2048:
      return v1::RSA2048;
    case hsm::Algorithm::kRsa3072:
      return v1::RSA3072;
    case hsm::Algorithm::kP256:
      return v1::P256;
    case hsm::Algorithm::kP384:
      return v1::P384;
    case hsm::Algorithm::kEd25519:
      return v1::ED25519;
    case hsm::Algorithm::kBrainpoolP256t1:
      return v1::BRAINPOOL_P256T1;
  }
  return v1::ALGORITHM_UNSPECIFIED;
}

// The log's key as clients have it, from the SPKI of an Ed25519 key: its last
// 32 bytes are the raw key (RFC 8410).
std::string VerifierKey(const std::string& spki) {
  const std::string raw = spki.substr(spki.size() - 32);
  const std::uint32_t id =
      image::transparency::KeyId(kOrigin, image::host::AsBytes(raw));
  return absl::StrFormat("%s+%08x+%s", kOrigin, id,
                         absl::Base64Escape(absl::StrCat("\x01", raw)));
}

v1::Role& RoleOf(v1::Policy& policy, const std::string& name) {
  for (v1::Role& role : *policy.mutable_roles()) {
    if (role.name() == name) return role;
  }
  v1::Role& added = *policy.add_roles();
  added.set_name(name);
  return added;
}

v1::Person& AddMember(v1::Policy& policy, const std::string& name,
                      const std::string& role) {
  RoleOf(policy, role).add_members(name);
  v1::Person& person = *policy.add_people();
  person.set_name(name);
  person.add_subjects(SpiffeId(name));
  // Certificates of tests are those of machines.
  person.set_nobody_behind(true);
  return person;
}

}  // namespace

ServerFixture::ServerFixture()
    : token_(folder_.path()),
      ca_("Bootseal test CA"),
      other_ca_("Bootseal test CA") {
  MakePolicy();
  MakeConfig();
  MakeCallers();
}

ServerFixture::~ServerFixture() = default;

hsm::KeyInfo ServerFixture::AddKey(const std::string& label,
                                   hsm::Algorithm algorithm,
                                   hsm::RsaPadding padding) {
  hsm::KeyInfo info = token_.GenerateKey(label, algorithm, padding);
  v1::PinnedKey& key = *policy_.add_keys();
  key.set_name(label);
  key.set_uri(absl::StrCat("pkcs11:object=", label));
  key.set_algorithm(WireAlgorithm(algorithm));
  key.set_purpose(v1::FIRMWARE);
  const image::Digest digest = image::HashOf(
      image::HashAlgorithm::kSha256, image::host::AsBytes(info.public_key));
  key.set_public_key_sha256(
      absl::BytesToHexString(image::host::ToString(digest.bytes())));
  return info;
}

v1::Target& ServerFixture::AddTarget(const std::string& name,
                                     const std::string& key) {
  v1::Target& target = *policy_.add_targets();
  if (policy_.targets_size() > 1) target = policy_.targets(0);
  target.set_name(name);
  target.set_key(key);
  return target;
}

void ServerFixture::AddCaller(const std::string& name,
                              const std::vector<v1::Permission>& permissions) {
  AddMember(policy_, name, name);
  v1::Role& role = RoleOf(policy_, name);
  for (const v1::Permission permission : permissions) {
    role.add_permissions(permission);
  }
  Store(name, ca_.Issue(ForSpiffe(SpiffeId(name))));
}

v1::Person& ServerFixture::AddPerson(const std::string& name,
                                     const std::string& role) {
  Store(name, ca_.Issue(ForSpiffe(SpiffeId(name))));
  return AddMember(policy_, name, role);
}

void ServerFixture::MakePolicy() {
  policy_.set_version(1);
  v1::TrustDomain& domain = *policy_.add_trust_domains();
  domain.set_name(kDomain);
  domain.set_ca_pem(ca_.certificate_pem());
  AddMember(policy_, "ci", "ci");
  AddMember(policy_, "developer", "developer");
  AddMember(policy_, "auditor", "auditor");
  policy_.mutable_roles(2)->add_permissions(v1::READ_LOG);
  policy_.mutable_roles(2)->add_permissions(v1::READ_KEYS);
  AddKey("app", hsm::Algorithm::kP256);
  const hsm::KeyInfo log = AddKey("log", hsm::Algorithm::kEd25519);
  policy_.mutable_keys(1)->set_purpose(v1::CHECKPOINT);
  log_key_ = VerifierKey(log.public_key);
  v1::Target& app = AddTarget("app", "app");
  app.add_requesters("ci");
  // Tests sign what they like, in any order.
  app.set_lower_version(v1::PASS);
  v1::McubootFormat& format = *app.mutable_mcuboot();
  format.set_header_size(0x400);
  format.set_slot_size(256 << 10);
  format.set_strategy(v1::SINGLE_SLOT);
  AddTarget("room", "app").mutable_mcuboot()->set_payload_has_header_room(true);
}

void ServerFixture::MakeConfig() {
  config_.set_listen("127.0.0.1:0");
  config_.mutable_tls()->set_certificate_path("server.pem");
  config_.mutable_tls()->set_key_path("server.key");
  config_.set_policy_path("policy.textproto");
  v1::Pkcs11& pkcs11 = *config_.mutable_hsm()->mutable_pkcs11();
  pkcs11.set_uri(token_.uri());
  pkcs11.set_pin_path(token_.pin_path());
  config_.mutable_log()->set_origin(kOrigin);
  config_.mutable_log()->set_checkpoint_key("log");
  config_.mutable_log()->mutable_sqlite()->set_path("log.sqlite");
  config_.set_port_file("port");
}

void ServerFixture::MakeCallers() {
  Check(base::WriteFileAtomically(ca_path(), ca_.certificate_pem()));
  CertificateRequest server;
  server.addresses = {"127.0.0.1"};
  Store("server", ca_.Issue(server));
  for (const char* name : {"ci", "developer", "auditor", "stranger"}) {
    Store(name, ca_.Issue(ForSpiffe(SpiffeId(name))));
  }
  Store("expired", ca_.Issue(Expired(ForSpiffe(SpiffeId("ci")))));
  Store("impostor", other_ca_.Issue(ForSpiffe(SpiffeId("ci"))));
}

void ServerFixture::Store(const std::string& name,
                          const Credential& credential) const {
  Check(base::WriteFileAtomically(certificate_path(name),
                                  credential.certificate_pem));
  Check(base::WriteFileAtomically(key_path(name), credential.key_pem,
                                  base::FileMode::kPrivate));
}

std::string ServerFixture::certificate_path(const std::string& caller) const {
  return folder_.File(absl::StrCat(caller, ".pem"));
}

std::string ServerFixture::key_path(const std::string& caller) const {
  return folder_.File(absl::StrCat(caller, ".key"));
}

void ServerFixture::WritePolicy() { WritePolicyText(ToText(policy_)); }

void ServerFixture::WritePolicyText(const std::string& text) {
  Check(base::WriteFileAtomically(folder_.File("policy.textproto"), text));
}

std::string ServerFixture::program() { return BOOTSEALD_PATH; }

void ServerFixture::Launch() {
  Check(base::WriteFileAtomically(folder_.File("server.textproto"),
                                  ToText(config_)));
  // What an earlier process wrote must not be taken for this one's.
  remove(folder_.File("port").c_str());
  remove(folder_.File("server.log").c_str());
  process_ = std::make_unique<Background>(
      std::vector<std::string>{program(), "--config",
                               folder_.File("server.textproto")},
      token_.environment(), folder_.File("server.log"));
}

void ServerFixture::Start() {
  WritePolicy();
  Launch();
  if (WaitForLog(" listening ", kStartLimit)) return;
  std::cerr << "bootseald does not listen:\n" << ServerLog() << std::endl;
  std::abort();
}

bool ServerFixture::StartUnlessItEnds() {
  WritePolicy();
  Launch();
  const auto deadline = std::chrono::steady_clock::now() + kStartLimit;
  while (!WaitForLog(" listening ", std::chrono::seconds(0))) {
    if (process_->Wait(std::chrono::seconds(0)) != -1) return false;
    if (std::chrono::steady_clock::now() > deadline) std::abort();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

int ServerFixture::StartAndFail() {
  if (!std::ifstream(folder_.File("policy.textproto"))) WritePolicy();
  Launch();
  return process_->Wait(kStartLimit);
}

void ServerFixture::Stop() {
  process_->Signal(SIGTERM);
  process_->Wait(kStartLimit);
}

std::string ServerFixture::ServerLog() const {
  return Read(folder_.File("server.log"));
}

bool ServerFixture::WaitForLog(const std::string& text,
                               std::chrono::seconds limit) const {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (ServerLog().find(text) == std::string::npos) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

std::string ServerFixture::address() const {
  const std::string port = Read(folder_.File("port"));
  return absl::StrCat("127.0.0.1:", absl::StripSuffix(port, "\n"));
}

Environment ServerFixture::ClientEnvironment(const std::string& caller) const {
  Environment environment{{"BOOTSEAL_SERVER", address()},
                          {"BOOTSEAL_CA", ca_path()},
                          {"BOOTSEAL_LOG_KEY", log_key_}};
  if (caller.empty()) return environment;
  environment["BOOTSEAL_CERT"] = certificate_path(caller);
  environment["BOOTSEAL_KEY"] = key_path(caller);
  return environment;
}

std::shared_ptr<grpc::ChannelCredentials> ServerFixture::CredentialsOf(
    const std::string& caller) const {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = ca_.certificate_pem();
  if (!caller.empty()) {
    options.pem_cert_chain = Read(certificate_path(caller));
    options.pem_private_key = Read(key_path(caller));
  }
  return grpc::SslCredentials(options);
}

std::shared_ptr<grpc::Channel> ServerFixture::Channel(
    const std::string& caller, const grpc::ChannelArguments& arguments) const {
  return ChannelTo(address(), caller, arguments);
}

std::shared_ptr<grpc::Channel> ServerFixture::ChannelTo(
    const std::string& server, const std::string& caller,
    const grpc::ChannelArguments& arguments) const {
  return grpc::CreateCustomChannel(server, CredentialsOf(caller), arguments);
}

std::shared_ptr<grpc::Channel> ServerFixture::TokenChannel(
    const std::string& token, const std::string& caller) const {
  return grpc::CreateChannel(
      address(),
      grpc::CompositeChannelCredentials(CredentialsOf(caller),
                                        grpc::AccessTokenCredentials(token)));
}

void ServerFixture::AddIssuer(const std::string& name,
                              const TokenIssuer& issuer) {
  const std::string file = absl::StrCat(name, ".jwks");
  Check(base::WriteFileAtomically(folder_.File(file), issuer.KeySet()));
  *policy_.add_issuers() = issuer.Entry(name, file);
}

}  // namespace bootseal::tests
