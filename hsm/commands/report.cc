#include "hsm/commands/report.h"

#include <openssl/asn1.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "hsm/judgement.h"
#include "hsm/known_keys.h"
#include "hsm/public_key.h"

namespace bootseal::hsm::commands {
namespace {

const char* YesNo(bool value) { return value ? "yes" : "no"; }

const char* Boolean(bool value) { return value ? "true" : "false"; }

// What the key itself says; whether the policy lists it is its own matter.
std::string Verdict(const KeyInfo& key) {
  if (FindKnownKey(Sha256(key.public_key))) return "KEY_PUBLICLY_KNOWN";
  const absl::Status status = JudgeAttributes(key, Origin::kToken);
  return status.ok() ? "may serve" : base::ReasonOf(status);
}

constexpr unsigned long kLastCharacter = 0x10ffff;

// One character for a JSON string.
std::string Escaped(absl::string_view text, unsigned long character) {
  if (character < 0x20 || character == 0x7f) {
    return absl::StrFormat("\\u%04x", character);
  }
  if (text == "\"" || text == "\\") return absl::StrCat("\\", text);
  return std::string(text);
}

std::string HashOf(const KeyInfo& key) {
  return absl::BytesToHexString(KeyHash(key.algorithm, key.public_key));
}

}  // namespace

std::string Line(const KeyInfo& key) {
  return absl::StrFormat("%s  %s  id %s  %s\n", absl::CHexEscape(key.label),
                         std::string(NameOf(key.algorithm)),
                         absl::BytesToHexString(key.id), Verdict(key));
}

std::string Details(const KeyInfo& key) {
  return absl::StrCat(
      "label              ", absl::CHexEscape(key.label), "\n",     //
      "id                 ", absl::BytesToHexString(key.id), "\n",  //
      "algorithm          ", NameOf(key.algorithm), "\n",           //
      "public key hash    ", HashOf(key), "\n",                     //
      "public key SHA-256 ", absl::BytesToHexString(Sha256(key.public_key)),
      "\n",                                                       //
      "sensitive          ", YesNo(key.sensitive), "\n",          //
      "always sensitive   ", YesNo(key.always_sensitive), "\n",   //
      "extractable        ", YesNo(key.extractable), "\n",        //
      "never extractable  ", YesNo(key.never_extractable), "\n",  //
      "born in the token  ", YesNo(key.local), "\n",              //
      "needs a login      ", YesNo(key.needs_login), "\n",        //
      "PIN each time      ", YesNo(key.pin_each_time), "\n",      //
      "signs              ", YesNo(key.signs), "\n",              //
      "token              ", absl::CHexEscape(key.token_label), " (serial ",
      key.token_serial,
      ")\n",  //
      "verdict            ", Verdict(key), "\n");
}

std::string Json(const KeyInfo& key) {
  return absl::StrCat(
      "{\"label\":", JsonString(key.label),                        //
      ",\"id\":\"", absl::BytesToHexString(key.id),                //
      "\",\"algorithm\":\"", NameOf(key.algorithm),                //
      "\",\"public_key\":\"", absl::Base64Escape(key.public_key),  //
      "\",\"public_key_hash\":\"", HashOf(key),                    //
      "\",\"public_key_sha256\":\"",
      absl::BytesToHexString(Sha256(key.public_key)),             //
      "\",\"sensitive\":", Boolean(key.sensitive),                //
      ",\"always_sensitive\":", Boolean(key.always_sensitive),    //
      ",\"extractable\":", Boolean(key.extractable),              //
      ",\"never_extractable\":", Boolean(key.never_extractable),  //
      ",\"local\":", Boolean(key.local),                          //
      ",\"needs_login\":", Boolean(key.needs_login),              //
      ",\"pin_each_time\":", Boolean(key.pin_each_time),          //
      ",\"signs\":", Boolean(key.signs),                          //
      ",\"token_label\":", JsonString(key.token_label),           //
      ",\"token_serial\":", JsonString(key.token_serial),         //
      ",\"verdict\":", JsonString(Verdict(key)), "}");
}

std::string JsonString(absl::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    unsigned long character = 0;
    const int size =
        UTF8_getc(reinterpret_cast<const unsigned char*>(text.data()),
                  static_cast<int>(text.size()), &character);
    const bool valid = size > 0 && character <= kLastCharacter;
    const std::size_t taken = valid ? static_cast<std::size_t>(size) : 1;
    absl::StrAppend(&quoted, valid ? Escaped(text.substr(0, taken), character)
                                   : std::string("\\ufffd"));
    text.remove_prefix(taken);
  }
  return quoted + "\"";
}

}  // namespace bootseal::hsm::commands
