#include "hsm/commands/ceremony_check.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/file.h"
#include "base/status.h"
#include "base/transcript.h"
#include "hsm/ceremony_probe.h"
#include "hsm/commands/ceremony_steps.h"
#include "hsm/commands/report.h"
#include "hsm/judgement.h"
#include "hsm/pkcs11/keys.h"

namespace bootseal::hsm::commands {
namespace {

const base::TranscriptStep* StepOf(const base::Transcript& transcript,
                                   absl::string_view name,
                                   absl::string_view label) {
  for (const base::TranscriptStep& step : transcript.steps) {
    if (step.name == name && step.Detail("key") == label) return &step;
  }
  return nullptr;
}

// What was read from a transcript is text already, and short enough.
std::string LineAt(const Seen& details, std::size_t index) {
  if (index >= details.size()) return "nothing more";
  return absl::StrCat(details[index].name, " ",
                      CeremonyRecord::Value(details[index].value));
}

// The step says what the token's key gives today, and nothing else.
absl::Status Compare(const base::TranscriptStep& step, const Seen& seen) {
  for (std::size_t i = 0; i < std::max(seen.size(), step.details.size()); ++i) {
    const std::string said = LineAt(step.details, i);
    const std::string expected = LineAt(seen, i);
    if (said == expected) continue;
    return base::Precondition(
        "TRANSCRIPT_OTHER_KEY",
        absl::StrCat("step ", step.name, " of the transcript says \"", said,
                     "\", the token's key gives \"", expected, "\""));
  }
  return absl::OkStatus();
}

absl::Status CheckFacts(const Token& token, const base::Transcript& transcript,
                        const base::TranscriptKey& key,
                        const pkcs11::FoundKey& found) {
  const base::TranscriptStep* hashes = StepOf(transcript, "hashes", key.label);
  const base::TranscriptStep* policy = StepOf(transcript, "policy", key.label);
  if (hashes == nullptr || policy == nullptr) {
    return base::Precondition(
        "TRANSCRIPT_INCOMPLETE",
        absl::StrCat("the transcript has no hashes and policy of key \"",
                     key.label, "\""));
  }
  Seen seen;
  RETURN_IF_ERROR(SeeHashes(found, seen));
  RETURN_IF_ERROR(Compare(*hashes, seen));
  PlannedKey plan;
  plan.label = key.label;
  plan.purpose = key.purpose;
  CeremonyOptions named;  // the log's name is in its vkey alone
  const std::string vkey = policy->Detail("vkey");
  named.origin = vkey.substr(0, vkey.find('+'));
  RETURN_IF_ERROR(SeePolicy(named, plan, found, token, seen));
  return Compare(*policy, seen);
}

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
  RETURN_IF_ERROR(CheckFacts(token, transcript, key, found));
  return CheckProbes(text, transcript, key.label, *found.public_key);
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
  RETURN_IF_ERROR(CheckEnd(text, transcript));
  return Deliver("", Result(options, text, transcript));
}

}  // namespace bootseal::hsm::commands
