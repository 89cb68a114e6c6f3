#include "tests/server/trust/approver_keys.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tests/support/process.h"

namespace bootseal::tests {
namespace {

constexpr char kArmourBegin[] = "-----BEGIN SSH SIGNATURE-----";
constexpr char kArmourEnd[] = "-----END SSH SIGNATURE-----";

using Words = std::vector<std::string>;

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Words Joined(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

const std::map<std::string, Words, std::less<>>& OpensslOptions() {
  static const auto* const kOptions =
      new std::map<std::string, Words, std::less<>>{
          {"ed25519", {"-algorithm", "ed25519"}},
          {"p256", {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"}},
          {"p384", {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"}},
          {"rsa1024",
           {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"}},
          {"rsa2048",
           {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"}},
      };
  return *kOptions;
}

const std::map<std::string, Words, std::less<>>& SshOptionsOf() {
  static const auto* const kOptions =
      new std::map<std::string, Words, std::less<>>{
          {"ed25519", {"-t", "ed25519"}},
          {"p256", {"-t", "ecdsa", "-b", "256"}},
          {"p384", {"-t", "ecdsa", "-b", "384"}},
          {"p521", {"-t", "ecdsa", "-b", "521"}},
          {"rsa2048", {"-t", "rsa", "-b", "2048"}},
          {"rsa1024", {"-t", "rsa", "-b", "1024"}},
      };
  return *kOptions;
}

Words OptionsOf(const std::map<std::string, Words, std::less<>>& all,
                absl::string_view kind) {
  const auto found = all.find(kind);
  if (found == all.end()) {
    ADD_FAILURE() << "no key of kind " << kind;
    return {};
  }
  return found->second;
}

}  // namespace

std::string ApproverKeys::Must(const Words& command) {
  const Outcome outcome = Run(command);
  EXPECT_EQ(outcome.exit_code, 0) << command[0] << ": " << outcome.err;
  return outcome.out;
}

std::string ApproverKeys::Fresh() {
  return folder_.File(absl::StrCat("f", made_++));
}

std::string ApproverKeys::File(absl::string_view content) {
  const std::string path = Fresh();
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

std::string ApproverKeys::MakePem(absl::string_view kind) {
  const std::string path = Fresh();
  Must(Joined({"openssl", "genpkey", "-out", path},
              OptionsOf(OpensslOptions(), kind)));
  return path;
}

std::string ApproverKeys::MakeSsh(absl::string_view kind) {
  const std::string path = Fresh();
  Must(Joined({"ssh-keygen", "-q", "-N", "", "-C", "someone", "-f", path},
              OptionsOf(SshOptionsOf(), kind)));
  return path;
}

std::string ApproverKeys::PemOf(const std::string& key) {
  return Must({"openssl", "pkey", "-in", key, "-pubout"});
}

std::string ApproverKeys::LineOf(const std::string& key) {
  return Read(key + ".pub");
}

std::string ApproverKeys::FingerprintOf(const std::string& key) {
  const Words words = absl::StrSplit(Must({"ssh-keygen", "-lf", key}), ' ');
  return words.size() < 2 ? "" : words[1];
}

std::string ApproverKeys::SignPem(const std::string& key,
                                  absl::string_view kind,
                                  absl::string_view message) {
  const std::string text = File(message);
  const std::string signature = Fresh();
  if (kind == "ed25519") {
    Must({"openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", text,
          "-out", signature});
    return Read(signature);
  }
  Words command = {"openssl", "dgst", kind == "p384" ? "-sha384" : "-sha256",
                   "-sign",   key,    "-out",
                   signature};
  if (kind == "rsa2048") {
    command = Joined(command, {"-sigopt", "rsa_padding_mode:pss", "-sigopt",
                               "rsa_pss_saltlen:32"});
  }
  command.push_back(text);
  Must(command);
  return Read(signature);
}

std::string ApproverKeys::SignSsh(const std::string& key,
                                  absl::string_view message,
                                  const SshOptions& options) {
  const std::string text = File(message);
  Words command = {"ssh-keygen",       "-Y", "sign", "-n",
                   options.name_space, "-f", key};
  if (!options.hash.empty()) {
    command = Joined(command, {"-O", absl::StrCat("hashalg=", options.hash)});
  }
  command.push_back(text);
  Must(command);
  const std::string armoured = Read(text + ".sig");
  std::string blob;
  EXPECT_TRUE(absl::Base64Unescape(
      absl::StrReplaceAll(armoured, {{kArmourBegin, ""}, {kArmourEnd, ""}}),
      &blob));
  return blob;
}

bool ApproverKeys::SshKeygenAccepts(absl::string_view message,
                                    absl::string_view blob) {
  std::string base64;
  absl::Base64Escape(blob, &base64);
  std::string armoured = absl::StrCat(kArmourBegin, "\n");
  for (std::size_t at = 0; at < base64.size(); at += 70) {
    absl::StrAppend(&armoured, base64.substr(at, 70), "\n");
  }
  absl::StrAppend(&armoured, kArmourEnd, "\n");
  // ssh-keygen reads the message from its standard input.
  return Run({"sh", "-c",
              absl::StrCat("ssh-keygen -Y check-novalidate -n "
                           "bootseal.v1.approval -s ",
                           File(armoured), " < ", File(message))})
             .exit_code == 0;
}

}  // namespace bootseal::tests
