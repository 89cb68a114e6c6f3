#include "tests/integration/installation.h"

#include <openssl/evp.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace bootseal::tests {
namespace {

constexpr char kOrigin[] = "bootseal.example/integration";
constexpr char kModule[] = "/usr/lib/softhsm/libsofthsm2.so";

std::string Program(const std::string& name) {
  return absl::StrCat(BOOTSEAL_BIN_DIR, "/", name);
}

void Check(const Outcome& outcome, const std::string& what) {
  if (outcome.exit_code == 0) return;
  std::fprintf(stderr, "%s failed (%d):\n%s%s", what.c_str(), outcome.exit_code,
               outcome.out.c_str(), outcome.err.c_str());
  std::abort();
}

std::string Sha256Hex(const std::string& bytes) {
  unsigned char digest[32];
  unsigned int size = sizeof(digest);
  EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr);
  return absl::BytesToHexString(
      std::string(reinterpret_cast<const char*>(digest), size));
}

}  // namespace

TestTarget BoardTarget(const std::string& algorithm) {
  return {algorithm, algorithm,
          "header_size: 0x400 slot_size: 0x80000 security_counter: REQUIRED "
          "default_security_counter: 1"};
}

TestTarget TfmSecureTarget() {
  return {"nucleo-l552ze-q/tfm-s", "rsa3072",
          "header_size: 0x400 slot_size: 0x2d000 align: 8 "
          "strategy: OVERWRITE_ONLY padding: PAD key_format: FULL "
          "security_counter: REQUIRED default_security_counter: 1 "
          "security_counter_ceiling: 512 boot_record: REQUIRED "
          "software_type: \"SPE\" max_boot_record_size: 132 "
          "dependency: REQUIRED "
          "dependencies { image_id: 1 minimum_version: \"0.0.0+0\" } "
          "image_count: 2"};
}

Installation::Installation(const std::vector<TestTarget>& targets)
    : policy_path_(File("policy.textproto")) {
  MakeToken(targets);
  Check(Run({absl::StrCat(BOOTSEAL_SOURCE_DIR, "/deploy/pki/create"),
             File("pki")}),
        "deploy/pki/create");
  MakePolicy(targets);
  Write("server.textproto",
        absl::StrFormat(
            "listen: \"127.0.0.1:0\" port_file: \"port\"\n"
            "tls { certificate_path: \"pki/server.pem\""
            " key_path: \"pki/server.key\" }\n"
            "policy_path: \"policy.textproto\"\n"
            "hsm { pkcs11 { uri: \"pkcs11:token=bootseal?module-path=%s\""
            " pin_path: \"pin\" } }\n"
            "log { origin: \"%s\" checkpoint_key: \"log\""
            " sqlite { path: \"audit.sqlite\" } }\n",
            kModule, kOrigin));
}

Installation::~Installation() = default;

void Installation::MakeToken(const std::vector<TestTarget>& targets) {
  std::filesystem::create_directory(File("objects"));
  Write("softhsm2.conf",
        absl::StrCat("directories.tokendir = ", File("objects"),
                     "\nobjectstore.backend = file\n"));
  for (const char* name : {"pin", "so-pin"}) {
    Write(name, "12345678\n");
    std::filesystem::permissions(File(name),
                                 std::filesystem::perms::owner_read |
                                     std::filesystem::perms::owner_write);
  }
  Check(TokenTool({"init", "--label", "bootseal", "--pin-file", File("pin"),
                   "--so-pin-file", File("so-pin")}),
        "bootseal-token init");
  const auto generate = [this](const std::string& label,
                               const std::string& algorithm) {
    Check(TokenTool({"generate", "--token", "bootseal", "--pin-file",
                     File("pin"), "--label", label, "--algorithm", algorithm}),
          "bootseal-token generate");
  };
  generate("log", "ed25519");
  for (const TestTarget& target : targets) {
    generate(target.name, target.algorithm);
  }
  const Outcome key = TokenTool({"export-public", "--token", "bootseal",
                                 "--pin-file", File("pin"), "--label", "log",
                                 "--format", "vkey", "--origin", kOrigin});
  Check(key, "bootseal-token export-public");
  log_key_ = std::string(absl::StripAsciiWhitespace(key.out));
}

std::string Installation::KeyPin(const std::string& label) const {
  Check(TokenTool({"export-public", "--token", "bootseal", "--pin-file",
                   File("pin"), "--label", label, "--format", "der", "--output",
                   File("key.der")}),
        "bootseal-token export-public");
  return Sha256Hex(Read("key.der"));
}

void Installation::MakePolicy(const std::vector<TestTarget>& targets) {
  std::string policy = absl::StrCat(
      "version: 1\n"
      "trust_domains { name: \"dev.bootseal.example\" ca_pem: \"",
      absl::StrReplaceAll(Read("pki/ca.pem"), {{"\n", "\\n"}}), "\" }\n");
  for (const char* person : {"ci", "developer", "release-manager", "auditor"}) {
    const bool reads_log = std::string(person) == "auditor";
    absl::StrAppendFormat(
        &policy,
        "people { name: \"%s\" subjects: \"spiffe://dev.bootseal.example/%s\" "
        "}\nroles { name: \"%s\" members: \"%s\" permissions: READ_KEYS %s }\n",
        person, person, person, person,
        reads_log ? "permissions: READ_LOG" : "");
  }
  const auto add_key = [&](const std::string& name,
                           const std::string& algorithm,
                           const std::string& purpose) {
    // RFC 7512 leaves "/" in a path attribute to be escaped.
    absl::StrAppendFormat(
        &policy,
        "keys { name: \"%s\" uri: \"pkcs11:token=bootseal;object=%s\" "
        "algorithm: %s purpose: %s public_key_sha256: \"%s\" }\n",
        name, absl::StrReplaceAll(name, {{"/", "%2F"}}),
        absl::AsciiStrToUpper(algorithm), purpose, KeyPin(name));
  };
  add_key("log", "ed25519", "CHECKPOINT");
  for (const TestTarget& target : targets) {
    add_key(target.name, target.algorithm, "FIRMWARE");
    absl::StrAppendFormat(
        &policy,
        "targets { name: \"%s\" key: \"%s\" requesters: "
        "\"ci\" lower_version: PASS "
        "mcuboot { %s } "
        "}\n",
        target.name, target.name,
        absl::StrReplaceAll(target.format, {{"@LOG_KEY@", log_key_}}));
  }
  Write("policy.textproto", policy);
}

int Installation::StartServer() {
  std::filesystem::remove(File("port"));
  server_ = std::make_unique<Background>(
      std::vector<std::string>{Program("bootseald"), "--config",
                               File("server.textproto")},
      Environment{{"SOFTHSM2_CONF", File("softhsm2.conf")}},
      File("bootseald.log"));
  for (int i = 0; i < 1500; ++i) {
    if (const int code = server_->Wait(std::chrono::seconds(0)); code >= 0) {
      return code;
    }
    // The port file appears whole once the port is bound.
    if (Exists("port")) {
      address_ =
          absl::StrCat("127.0.0.1:", absl::StripAsciiWhitespace(Read("port")));
      return -1;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  std::fprintf(stderr, "bootseald does not start:\n%s", ServerLog().c_str());
  std::abort();
}

std::string Installation::ServerLog() const { return Read("bootseald.log"); }

Environment Installation::ClientEnvironment(const std::string& person) const {
  return {{"BOOTSEAL_SERVER", address_},
          {"BOOTSEAL_CA", File("pki/ca.pem")},
          {"BOOTSEAL_CERT", File(absl::StrCat("pki/", person, ".pem"))},
          {"BOOTSEAL_KEY", File(absl::StrCat("pki/", person, ".key"))},
          {"BOOTSEAL_LOG_KEY", log_key_},
          {"BOOTSEAL_STATE", File("state")},
          {"HOME", folder_.path()}};
}

Outcome Installation::Client(const std::vector<std::string>& arguments,
                             const std::string& person) const {
  std::vector<std::string> command{Program("bootseal")};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return Run(command, ClientEnvironment(person));
}

Outcome Installation::ClientWith(
    const Environment& extra, const std::vector<std::string>& arguments) const {
  std::vector<std::string> command{Program("bootseal")};
  command.insert(command.end(), arguments.begin(), arguments.end());
  Environment environment = ClientEnvironment("ci");
  for (const auto& [name, value] : extra) environment[name] = value;
  return Run(command, environment);
}

Outcome Installation::TokenTool(
    const std::vector<std::string>& arguments) const {
  std::vector<std::string> command{Program("bootseal-token")};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return Run(command, {{"SOFTHSM2_CONF", File("softhsm2.conf")}});
}

std::string Installation::Write(const std::string& name,
                                const std::string& content) const {
  std::ofstream(File(name), std::ios::binary) << content;
  return File(name);
}

std::string Installation::Read(const std::string& name) const {
  std::ifstream in(File(name), std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

bool Installation::Exists(const std::string& name) const {
  return std::filesystem::exists(File(name));
}

std::string Payload(std::size_t size) {
  std::string payload(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    payload[i] = static_cast<char>(i & 0xff);
  }
  const std::string vectors("\x00\x00\x10\x38\x09\x04\x10\x10", 8);
  return payload.replace(0, vectors.size(), vectors).substr(0, size);
}

}  // namespace bootseal::tests
