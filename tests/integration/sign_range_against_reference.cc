// The external signer's contract with imgtool itself in its two phases, and a
// real server between them:
//
//   IMGTOOL=.../scripts/imgtool.py build/release/tests/sign_range_reference
//
// For each target imgtool exports the range, sign-range has it signed, imgtool
// puts the signature in; the image must be the one that sign-range assembled,
// bootable for the target, and good by imgtool's own verify. What it exports
// without the key is refused where it is another range. Every failure is
// printed; the exit status is 1 when there was one. It needs Python with
// imgtool's modules; PYTHON names another than python3.
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/integration/imgtool_lines.h"

namespace bootseal::tests {
namespace {

std::string Variable(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

struct Case {
  TestTarget target;
  Arguments line;  // of both phases
  Arguments more;  // of the second one
  bool has_room = false;
  bool names_signer = false;  // in what is signed
  bool encrypts = false;
};

Arguments Line(const std::string& counter) {
  return {"-v", "1.2.3+4", "-H", "0x400", "-S", "0x80000", "-s", counter};
}
const Arguments kPadHeader{"--pad-header"};

std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (const char* algorithm :
       {"rsa2048", "rsa3072", "p256", "p384", "ed25519"}) {
    cases.push_back({BoardTarget(algorithm), Line("7") + kPadHeader, {}});
  }
  // Everything of kSecure but --pad, which is no part of what is signed.
  cases.push_back(
      {TfmSecureTarget(),
       {"-v", "1.3.0", "-H", "0x400", "-S", "0x2d000", "--align", "8", "-s",
        "1", "--pad-header", "--overwrite-only", "--public-key-format", "full",
        "--boot-record", "SPE", "-d", "(1,0.0.0)"},
       {"--pad"},
       false,
       true});
  cases.push_back({GatewayTarget(),
                   Line("1") + kPadHeader +
                       Arguments{"-F", "0x20000", "--vid", "acme.example",
                                 "--cid", "board-1", "--custom-tlv", "0xa0",
                                 "own", "--custom-tlv", "0xa5", "asked"},
                   {}});
  // No target with pure: imgtool has no --pure for a signature made elsewhere.
  cases.push_back({RoomTarget(), Line("3"), {}, true});
  cases.push_back({MaybeEncryptedTarget(),
                   {"-v", "1.0", "-H", "0x400", "-S", "0x80000", "--pad-header",
                    "--overwrite-only", "-E", "device.pem"},
                   {"--pad"},
                   false,
                   false,
                   true});
  return cases;
}

class Proof {
 public:
  explicit Proof(const std::vector<TestTarget>& targets) : on_(targets) {
    Expect(on_.StartServer() == -1, "server", on_.ServerLog());
    on_.Write("any.b64", "AAAA");
    Ok(on_.Client({"imgtool", "keygen", "-t", "ecdsa-p256", "-k",
                   on_.File("device.pem")}),
       "device key");
  }

  void Try(const Case& each) {
    const std::string& name = each.target.name;
    on_.Write("app.bin",
              std::string(each.has_room ? 0x400 : 0, '\0') + Payload(5000));
    const Outcome key = on_.Client({"keys", "show", name, "--format", "pem"});
    Ok(key, name);
    on_.Write("public.pem", key.out);
    RefuseWithoutSigner(each);
    Export(each, {"--fix-sig", on_.File("any.b64"), "--fix-sig-pubkey",
                  on_.File("public.pem")});
    Arguments sign{
        "sign-range",          "--target",           name, "--signature",
        on_.File("signature"), on_.File("range.bin")};
    if (!each.encrypts) sign = sign + Arguments{"-o", on_.File("ours.bin")};
    Ok(on_.Client(sign), name + " sign-range");
    Ok(Imgtool(each.line + each.more +
               Arguments{"--fix-sig", on_.File("signature"), "--fix-sig-pubkey",
                         on_.File("public.pem"), on_.File("app.bin"),
                         on_.File("theirs.bin")}),
       name + " --fix-sig");
    Compare(each);
  }

  int failures() const { return failures_; }

 private:
  void Expect(bool is_so, const std::string& what, const std::string& text) {
    if (is_so) return;
    ++failures_;
    std::cout << "FAILED " << what << ": " << text << "\n";
  }
  void Ok(const Outcome& outcome, const std::string& what) {
    Expect(outcome.exit_code == 0, what, outcome.out + outcome.err);
  }

  Outcome Imgtool(Arguments arguments) {
    for (std::string& word : arguments) {
      if (word == "device.pem") word = on_.File(word);
    }
    return Run(Arguments{Variable("PYTHON", "python3"), Variable("IMGTOOL", ""),
                         "sign"} +
               arguments);
  }
  void Export(const Case& each, const Arguments& key) {
    Ok(Imgtool(each.line + Arguments{"--vector-to-sign", "payload"} + key +
               Arguments{on_.File("app.bin"), on_.File("range.bin")}),
       each.target.name + " --vector-to-sign");
  }

  void RefuseWithoutSigner(const Case& each) {
    if (!each.names_signer) return;
    Export(each, {"--fix-sig-pubkey", on_.File("public.pem")});
    const Outcome refused =
        on_.Client({"sign-range", "--target", each.target.name, "--signature",
                    on_.File("signature"), on_.File("range.bin")});
    Expect(refused.exit_code == 1 &&
               absl::StrContains(refused.err, "RANGE_SIGNER_ZERO"),
           each.target.name + " without signer", refused.err);
  }

  void Compare(const Case& each) {
    const std::string& name = each.target.name;
    std::cout << name << ": " << on_.Read("theirs.bin").size() << " bytes\n";
    // Only the device can look into that one; its imgtool cannot either.
    if (each.encrypts) return;
    Expect(on_.Read("theirs.bin") == on_.Read("ours.bin"), name,
           "the images differ");
    Ok(on_.Client({"verify", "--target", name, on_.File("theirs.bin")}),
       name + " verify");
    Ok(Run({Variable("PYTHON", "python3"), Variable("IMGTOOL", ""), "verify",
            "-k", on_.File("public.pem"), on_.File("theirs.bin")}),
       name + " imgtool verify");
  }

  Installation on_;
  int failures_ = 0;
};

int Prove() {
  const std::vector<Case> cases = Cases();
  std::vector<TestTarget> targets;
  for (const Case& each : cases) targets.push_back(each.target);
  Proof proof(targets);
  for (const Case& each : cases) proof.Try(each);
  std::cout << cases.size() << " targets, " << proof.failures()
            << " failures\n";
  return proof.failures() == 0 ? 0 : 1;
}

}  // namespace
}  // namespace bootseal::tests

int main() { return bootseal::tests::Prove(); }
