#include "hsm/commands/ceremony_check.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/file.h"
#include "base/status.h"
#include "base/transcript.h"
#include "hsm/ceremony_probe.h"
#include "hsm/commands/report.h"
#include "hsm/judgement.h"
#include "hsm/pkcs11/keys.h"

namespace bootseal::hsm::commands {
namespace {

absl::Status CheckKey(Token& token, const std::string& text,
                      const base::Transcript& transcript,
                      const base::TranscriptKey& key) {
  const pkcs11::Selector selector{key.label, {}};
  ASSIGN_OR_RETURN(const auto found,
                   token.Run([&selector](const pkcs11::Session& session) {
                     return pkcs11::FindKey(session, selector);
                   }));
  const std::string hash =
      absl::BytesToHexString(Sha256(found.info.public_key));
  if (hash != key.public_key_sha256) {
    return base::Precondition(
        "TRANSCRIPT_OTHER_KEY",
        absl::StrCat("the token's key \"", key.label, "\" has public key ",
                     hash, " (SHA-256), the transcript says ",
                     key.public_key_sha256));
  }
  RETURN_IF_ERROR(JudgeAttributes(found.info, Origin::kToken));
  return CheckProbe(text, transcript, key.label, *found.public_key);
}

std::string Result(const CeremonyOptions& options, const std::string& text,
                   const base::Transcript& transcript) {
  const std::string hash = absl::BytesToHexString(Sha256(text));
  if (options.form == Form::kJson) {
    return absl::StrCat(
        "{\"transcript\":", JsonString(options.check),
        ",\"transcript_sha256\":\"", hash, "\",\"keys\":[",
        absl::StrJoin(transcript.keys, ",",
                      [](std::string* out, const base::TranscriptKey& key) {
                        absl::StrAppend(out,
                                        "{\"label\":", JsonString(key.label),
                                        ",\"public_key_sha256\":\"",
                                        key.public_key_sha256, "\"}");
                      }),
        "]}\n");
  }
  std::string lines;
  for (const base::TranscriptKey& key : transcript.keys) {
    absl::StrAppend(&lines, "key \"", key.label,
                    "\" is in the token as the transcript says, ",
                    key.public_key_sha256, "\n");
  }
  return absl::StrCat(lines, "transcript ", options.check,
                      ", SHA-256 of the file ", hash, "\n");
}

}  // namespace

absl::Status CheckCeremony(const CeremonyOptions& options) {
  ASSIGN_OR_RETURN(const std::string text,
                   base::ReadFile(options.check, base::kMaxTranscriptBytes));
  ASSIGN_OR_RETURN(const base::Transcript transcript,
                   base::ReadTranscript(text));
  RETURN_IF_ERROR(base::CheckComplete(transcript));
  ASSIGN_OR_RETURN(const auto token, Open(options.token));
  for (const base::TranscriptKey& key : transcript.keys) {
    RETURN_IF_ERROR(CheckKey(*token, text, transcript, key));
  }
  return Deliver("", Result(options, text, transcript));
}

}  // namespace bootseal::hsm::commands
