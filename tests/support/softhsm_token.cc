#include "tests/support/softhsm_token.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "hsm/pkcs11/module.h"
#include "hsm/pkcs11/uri.h"

namespace bootseal::tests {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "test token: %s\n", what.c_str());
  std::abort();
}

void WritePrivate(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
}

// The string or truth value of `field` in one flat JSON object.
std::string JsonField(const std::string& json, const std::string& field) {
  const std::string name = absl::StrCat("\"", field, "\":");
  const auto found = json.find(name);
  if (found == std::string::npos) Die(absl::StrCat("no ", field, " in ", json));
  const std::string rest = json.substr(found + name.size());
  return rest.front() == '"' ? rest.substr(1, rest.find('"', 1) - 1)
                             : rest.substr(0, rest.find_first_of(",}"));
}

void Check(const Outcome& outcome) {
  if (outcome.exit_code != 0) Die(outcome.err);
}

}  // namespace

SoftHsmToken::SoftHsmToken(const std::string& folder, const std::string& label)
    : folder_(folder), label_(label) {
  fs::create_directories(objects_path());
  WritePrivate(pin_path(), pin() + "\n");
  WritePrivate(so_pin_path(), "87654321\n");
  std::ofstream(folder_ + "/softhsm2.conf")
      << "directories.tokendir = " << objects_path()
      << "\nobjectstore.backend = file\nlog.level = ERROR\n";
  for (const auto& [name, value] : environment()) {
    setenv(name.c_str(), value.c_str(), 1);
  }
  Check(
      Run({BOOTSEAL_TOKEN_PROGRAM, "init", "--module", module_path(), "--label",
           label_, "--pin-file", pin_path(), "--so-pin-file", so_pin_path()},
          environment()));
}

std::string SoftHsmToken::module_path() {
  const auto path = hsm::pkcs11::FindModule("softhsm2");
  if (!path.ok()) Die(path.status().ToString());
  return *path;
}

std::string SoftHsmToken::uri() const {
  return absl::StrCat("pkcs11:token=", hsm::pkcs11::UriEscape(label_),
                      "?module-path=", module_path());
}

std::string SoftHsmToken::KeyUri(const std::string& key) const {
  return absl::StrCat("pkcs11:token=", hsm::pkcs11::UriEscape(label_),
                      ";object=", hsm::pkcs11::UriEscape(key));
}

Environment SoftHsmToken::environment() const {
  return {{"SOFTHSM2_CONF", folder_ + "/softhsm2.conf"}};
}

hsm::TokenOptions SoftHsmToken::Options() const {
  hsm::TokenOptions options;
  options.uri = uri();
  options.pin = base::Secret(pin());
  return options;
}

hsm::KeyInfo SoftHsmToken::GenerateKey(const std::string& label,
                                       hsm::Algorithm algorithm,
                                       hsm::RsaPadding padding) const {
  Check(Tool({"generate", "--label", label, "--algorithm",
              std::string(hsm::NameOf(algorithm)), "--padding",
              padding == hsm::RsaPadding::kPkcs1 ? "pkcs1" : "pss"}));
  return Show(label);
}

hsm::KeyInfo SoftHsmToken::ImportKey(const std::string& label,
                                     const std::string& pem_path) const {
  Check(Tool({"import", "--accept-imported", "--label", label, pem_path}));
  return Show(label);
}

Outcome SoftHsmToken::Tool(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), BOOTSEAL_TOKEN_PROGRAM);
  arguments.insert(arguments.end(), {"--module", module_path(), "--token",
                                     label_, "--pin-file", pin_path()});
  return Run(arguments, environment());
}

hsm::KeyInfo SoftHsmToken::Show(const std::string& label) const {
  const Outcome shown = Tool({"show", "--json", "--label", label});
  Check(shown);
  const auto flag = [&shown](const char* field) {
    return JsonField(shown.out, field) == "true";
  };
  hsm::KeyInfo info;
  info.name = label;
  info.label = JsonField(shown.out, "label");
  info.id = absl::HexStringToBytes(JsonField(shown.out, "id"));
  const auto algorithm = hsm::ParseAlgorithm(JsonField(shown.out, "algorithm"));
  if (!algorithm.ok()) Die(algorithm.status().ToString());
  info.algorithm = *algorithm;
  absl::Base64Unescape(JsonField(shown.out, "public_key"), &info.public_key);
  info.sensitive = flag("sensitive");
  info.always_sensitive = flag("always_sensitive");
  info.extractable = flag("extractable");
  info.never_extractable = flag("never_extractable");
  info.local = flag("local");
  info.token_label = JsonField(shown.out, "token_label");
  info.token_serial = JsonField(shown.out, "token_serial");
  return info;
}

}  // namespace bootseal::tests
