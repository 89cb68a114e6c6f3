#include "hsm/commands/ceremony_run.h"

#include <iostream>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/shell_word.h"
#include "base/status.h"
#include "hsm/commands/ceremony_record.h"
#include "hsm/commands/ceremony_steps.h"
#include "hsm/commands/interruption.h"
#include "hsm/commands/report.h"
#include "hsm/commands/transcript_file.h"
#include "hsm/pkcs11/uri.h"

namespace bootseal::hsm::commands {
namespace {

absl::Status Ask(const std::string& person, absl::string_view question) {
  std::cerr << person << ": " << question << " Type yes: " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  if (const char* signal = Interruption::Name()) {
    return base::Refused(
        "CEREMONY_DECLINED",
        absl::StrCat(signal, " came before ", person, " said yes"));
  }
  if (answer == "yes") return absl::OkStatus();
  return base::Refused("CEREMONY_DECLINED",
                       absl::StrCat(person, " did not say yes"));
}

// The same status with more behind its message.
absl::Status Extended(const absl::Status& status, absl::string_view more) {
  absl::Status told(status.code(), absl::StrCat(status.message(), more));
  status.ForEachPayload(
      [&told](absl::string_view url, const absl::Cord& value) {
        told.SetPayload(url, value);
      });
  return told;
}

class Ceremony {
 public:
  Ceremony(const CeremonyOptions& options, std::vector<PlannedKey> plan)
      : options_(options),
        plan_(std::move(plan)),
        record_(options.form == Form::kJson ? stderr : stdout) {}

  // Every step until one fails.
  absl::Status Hold();
  // What is left, and the result; `held` is what Hold gave.
  absl::Status End(const absl::Status& held);

  std::string transcript() const {
    return base::SealTranscript(record_.lines());
  }
  const std::vector<pkcs11::FoundKey>& made() const { return made_; }
  // Shows the transcript's last line: with those above it is whole.
  void ShowSeal() const;
  // The command that destroys this key and no other.
  std::string Removal(const pkcs11::FoundKey& key) const;
  const std::shared_ptr<Token>& token() const { return token_; }

 private:
  absl::Status Look();
  absl::Status Make(const PlannedKey& plan);
  absl::Status SignLines(absl::string_view step, const PlannedKey& plan,
                         const pkcs11::FoundKey& key);
  absl::Status Close();
  absl::Status Agree(absl::string_view step, absl::string_view question);

  const CeremonyOptions& options_;
  const std::vector<PlannedKey> plan_;
  CeremonyRecord record_;
  std::shared_ptr<Token> token_;
  std::vector<pkcs11::FoundKey> made_;
};

absl::Status Ceremony::Agree(absl::string_view step,
                             absl::string_view question) {
  return record_.Step(step, [&](Seen& details) -> absl::Status {
    if (options_.unattended) {
      details = {{"nobody-asked", "--yes"}};
      return absl::OkStatus();
    }
    for (const std::string& person : options_.people) {
      RETURN_IF_ERROR(Ask(person, question));
      details.push_back({"confirmed", person});
    }
    return absl::OkStatus();
  });
}

absl::Status Ceremony::Look() {
  RETURN_IF_ERROR(record_.Step("program", SeeProgram));
  RETURN_IF_ERROR(record_.Step("token", [this](Seen& details) -> absl::Status {
    ASSIGN_OR_RETURN(token_, Open(options_.token));
    return SeeToken(options_, plan_, *token_, details);
  }));
  RETURN_IF_ERROR(record_.Step(
      "random", [this](Seen& details) { return SeeRandom(*token_, details); }));
  RETURN_IF_ERROR(record_.Step("known-keys", SeeKnownKeys));
  return Agree("agree-plan",
               "are the people, the plan, the program and the token those that "
               "were agreed?");
}

absl::Status Ceremony::SignLines(absl::string_view step, const PlannedKey& plan,
                                 const pkcs11::FoundKey& key) {
  const std::string before = record_.lines();
  return record_.Step(step, [&](Seen& details) {
    return Probe(plan, key, before, token_, details);
  });
}

absl::Status Ceremony::Make(const PlannedKey& plan) {
  RETURN_IF_ERROR(record_.Step("generate", [&](Seen& details) -> absl::Status {
    ASSIGN_OR_RETURN(pkcs11::FoundKey key, Generate(plan, *token_, details));
    made_.push_back(std::move(key));
    return absl::OkStatus();
  }));
  const pkcs11::FoundKey& key = made_.back();
  RETURN_IF_ERROR(record_.Step("attributes", [&](Seen& details) {
    return SeeAttributes(key, *token_, details);
  }));
  RETURN_IF_ERROR(record_.Step("not-known", [&](Seen& details) {
    return SeeThatItIsNew(key, *token_, details);
  }));
  RETURN_IF_ERROR(SignLines("probe", plan, key));
  RETURN_IF_ERROR(record_.Step(
      "hashes", [&](Seen& details) { return SeeHashes(key, details); }));
  return record_.Step("policy", [&](Seen& details) {
    return SeePolicy(options_, plan, key, *token_, details);
  });
}

absl::Status Ceremony::Hold() {
  for (const std::string& person : options_.people) {
    record_.Line(absl::StrCat("person ", person));
  }
  for (const PlannedKey& key : plan_) record_.Line(key.Line());
  RETURN_IF_ERROR(Look());
  for (const PlannedKey& key : plan_) RETURN_IF_ERROR(Make(key));
  RETURN_IF_ERROR(record_.Step("reminders", Remind));
  RETURN_IF_ERROR(
      Agree("agree-result",
            "are these the keys, and did you write down their hashes?"));
  return Close();
}

// What the probes came too early for: hashes, policy lines, the agreement.
absl::Status Ceremony::Close() {
  for (std::size_t i = 0; i < plan_.size(); ++i) {
    RETURN_IF_ERROR(SignLines("closing", plan_[i], made_[i]));
  }
  return absl::OkStatus();
}

std::string Ceremony::Removal(const pkcs11::FoundKey& key) const {
  const std::string uri =
      absl::StrCat("pkcs11:serial=", pkcs11::UriEscape(token_->serial()));
  return absl::StrCat("bootseal-token destroy --token-uri ",
                      base::ShellWord(uri), " --pin-file FILE --id ",
                      absl::BytesToHexString(key.info.id),
                      " --public-key-sha256 ",
                      absl::BytesToHexString(Sha256(key.info.public_key)));
}

void Ceremony::ShowSeal() const {
  const std::string whole = transcript();
  record_.Show(absl::StripSuffix(
      absl::string_view(whole).substr(record_.lines().size()), "\n"));
}

absl::Status Ceremony::End(const absl::Status& held) {
  if (held.ok()) {
    record_.Line(absl::StrCat("result done ", CeremonyTime()));
    return held;
  }
  std::vector<std::string> left;
  (void)record_.Step("left", [&](Seen& details) {
    for (const pkcs11::FoundKey& key : made_) {
      details.push_back({"key", key.info.label});
      details.push_back({"remove", Removal(key)});
      left.push_back(absl::StrCat("key \"", key.info.label,
                                  "\" is left in the token; remove it with ",
                                  Removal(key)));
    }
    if (made_.empty()) details.push_back({"nothing", "no key was made"});
    return absl::OkStatus();
  });
  record_.Line(absl::StrCat("result failed ", CeremonyTime()));
  return Extended(held,
                  absl::StrCat("; ", left.empty() ? "no key was made"
                                                  : absl::StrJoin(left, "; ")));
}

std::string HashOf(const Ceremony& ceremony) {
  return absl::BytesToHexString(Sha256(ceremony.transcript()));
}

// With the keys; `path` is null when there is no such file.
std::string ResultJson(const Ceremony& ceremony, absl::string_view path) {
  std::vector<std::string> keys;
  for (pkcs11::FoundKey key : ceremony.made()) {
    key.info.token_label = ceremony.token()->label();
    key.info.token_serial = ceremony.token()->serial();
    keys.push_back(Json(key.info));
  }
  return absl::StrCat("{\"transcript\":", path, ",\"transcript_sha256\":\"",
                      HashOf(ceremony), "\",\"keys\":[",
                      absl::StrJoin(keys, ","), "]}\n");
}

absl::Status Say(const CeremonyOptions& options, const Ceremony& ceremony) {
  const std::string said =
      options.form == Form::kJson
          ? ResultJson(ceremony, JsonString(options.transcript))
          : absl::StrCat("transcript ", options.transcript,
                         ", SHA-256 of the file ", HashOf(ceremony), "\n");
  return base::Annotate(
      Deliver("", said),
      absl::StrCat("the keys are made, and ", options.transcript,
                   " is their transcript"));
}

// The keys are there and the file is not: what was shown is the transcript.
absl::Status SayUnwritten(const CeremonyOptions& options,
                          const Ceremony& ceremony,
                          const absl::Status& written) {
  const std::string hash = HashOf(ceremony);
  ceremony.ShowSeal();
  // A screen that is gone as well changes nothing about the error.
  Deliver("", options.form == Form::kJson
                  ? ResultJson(ceremony, "null")
                  : absl::StrCat("no transcript file, SHA-256 of the lines ",
                                 "above ", hash, "\n"))
      .IgnoreError();
  std::vector<std::string> removals;
  for (const pkcs11::FoundKey& key : ceremony.made()) {
    removals.push_back(ceremony.Removal(key));
  }
  return Extended(
      written,
      absl::StrCat("; the keys are made and in the token; fix: save the lines "
                   "above without the questions, from \"",
                   base::kTranscriptTitle,
                   "\" to \"sha256 ...\" (SHA-256 of the file ", hash,
                   "), and hold them against the token with bootseal-token "
                   "ceremony --pin-file FILE --check TRANSCRIPT; or remove "
                   "what was made with ",
                   absl::StrJoin(removals, "; ")));
}

absl::Status Conclude(const CeremonyOptions& options, const Ceremony& ceremony,
                      const absl::Status& ended, const absl::Status& written) {
  if (written.ok()) return ended.ok() ? Say(options, ceremony) : ended;
  if (ended.ok()) return SayUnwritten(options, ceremony, written);
  ceremony.ShowSeal();
  return Extended(ended, absl::StrCat("; the lines above are the transcript"
                                      ", there is no file of them: ",
                                      written.message()));
}

}  // namespace

absl::Status HoldCeremony(const CeremonyOptions& options) {
  ASSIGN_OR_RETURN(auto plan, PlanOf(options));
  const Interruption interruption;
  ASSIGN_OR_RETURN(auto file, TranscriptFile::Reserve(options.transcript));
  Ceremony ceremony(options, std::move(plan));
  const absl::Status ended = ceremony.End(ceremony.Hold());
  const absl::Status written = file.Fill(ceremony.transcript());
  return Conclude(options, ceremony, ended, written);
}

}  // namespace bootseal::hsm::commands
