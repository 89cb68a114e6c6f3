#include "client/fwu/report.h"

#include <jansson.h>

#include <cstdlib>
#include <memory>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"

namespace bootseal::fwu {
namespace {

using image::fwu::BankState;
using image::fwu::Replica;
using image::fwu::State;

struct JsonDeleter {
  void operator()(json_t* value) const { json_decref(value); }
};
using JsonPtr = std::unique_ptr<json_t, JsonDeleter>;

std::string Dump(const JsonPtr& json) {
  char* text =
      json_dumps(json.get(), JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII);
  std::string line = text == nullptr ? "{}" : text;
  std::free(text);
  return line + "\n";
}

const char* NameOf(BankState state) {
  switch (state) {
    case BankState::kInvalid:
      return "invalid";
    case BankState::kValid:
      return "valid";
    case BankState::kAccepted:
      return "accepted";
  }
  return "unknown";
}

const char* NameOf(Content content) {
  switch (content) {
    case Content::kUnknown:
      return "unknown";
    case Content::kVerified:
      return "verified";
    case Content::kDamaged:
      return "damaged";
  }
  return "unknown";
}

// Of the primary when it counts, else of the other one.
std::string ReplicaWords(const StoredMetadata& stored, Replica replica) {
  if (stored.from == replica || stored.other == image::Error::kOk) return "OK";
  return image::host::NameOf(stored.other);
}

std::string Words(image::Error error) {
  return error == image::Error::kOk ? "OK" : image::host::NameOf(error);
}

json_t* FallbackJson(const Fallback& fallback) {
  return json_pack("{s:s, s:b, s:s}", "reason", NameOf(fallback.reason),
                   "certain", int{fallback.certain}, "words",
                   fallback.words.c_str());
}

json_t* BankJson(const BankCondition& bank, std::size_t index) {
  json_t* json =
      json_pack("{s:i, s:s, s:s}", "bank", static_cast<int>(index), "state",
                NameOf(bank.state), "content", NameOf(bank.content));
  if (!bank.release) return json;
  json_object_set_new(
      json, "version",
      json_string(image::host::FormatVersion(bank.release->version).c_str()));
  json_object_set_new(json, "securityCounter",
                      json_integer(bank.release->security_counter));
  return json;
}

std::string BankText(const Condition& condition, const DeviceFacts& facts,
                     std::size_t index) {
  const BankCondition& bank = condition.banks[index];
  std::string line =
      absl::StrCat("bank ", index, "          ", NameOf(bank.state));
  if (index == facts.boot.bank) absl::StrAppend(&line, ", running");
  if (index == condition.stored.metadata.active) {
    absl::StrAppend(&line, ", active");
  }
  if (!bank.release) return absl::StrCat(line, ", no release recorded\n");
  return absl::StrCat(line, ", ",
                      image::host::FormatVersion(bank.release->version),
                      ", counter ", bank.release->security_counter, ", ",
                      NameOf(bank.content), "\n");
}

}  // namespace

const char* NameOf(State state) {
  switch (state) {
    case State::kRegular:
      return "regular";
    case State::kStaging:
      return "staging";
    case State::kTrialPending:
      return "trial-pending";
    case State::kTrial:
      return "trial";
    case State::kFallenBack:
      return "fallen-back";
    case State::kReturnPending:
      return "return-pending";
  }
  return "unknown";
}

std::string NextStep(const Condition& condition, const DeviceFacts& facts) {
  const bool damaged = condition.stored.other != image::Error::kOk ||
                       facts.gpt.value_or(GptHealth()) != GptHealth();
  const std::uint32_t active = condition.stored.metadata.active;
  switch (condition.state) {
    case State::kRegular:
      return damaged ? "repair: a copy is damaged" : "nothing";
    case State::kStaging:
      return "install: an update was cut short, the same bundle finishes it";
    case State::kTrialPending:
      return absl::StrCat("reset the device: bank ", active,
                          " is tried then; or reject");
    case State::kTrial:
      return absl::StrCat(
          "accept or reject: ",
          facts.boot.trials == 0
              ? "the next reset falls back"
              : absl::StrCat("after ", int{facts.boot.trials},
                             " more resets the next one falls back"));
    case State::kFallenBack:
      return "check: makes the running bank the active one";
    case State::kReturnPending:
      return absl::StrCat("reset the device: it returns to bank ", active);
  }
  return "nothing";
}

std::string ConditionText(const Condition& condition,
                          const DeviceFacts& facts) {
  const StoredMetadata& stored = condition.stored;
  std::string text = absl::StrCat(
      "product         ", facts.product, "\nstate           ",
      NameOf(condition.state), "\ncounter         ", facts.security_counter,
      "\ntrials left     ", int{facts.boot.trials},
      "\nmetadata        version ", stored.metadata.version, ", previous bank ",
      stored.metadata.previous, "\nmetadata1       ",
      ReplicaWords(stored, Replica::kPrimary), "\nmetadata2       ",
      ReplicaWords(stored, Replica::kSecondary), "\n");
  for (std::size_t i = 0; i < condition.banks.size(); ++i) {
    absl::StrAppend(&text, BankText(condition, facts, i));
  }
  if (facts.gpt) {
    absl::StrAppend(&text, "GPT             primary ",
                    Words(facts.gpt->primary), ", backup ",
                    Words(facts.gpt->backup), "\n");
  }
  if (condition.fallback) {
    absl::StrAppend(&text, "fell back       ",
                    NameOf(condition.fallback->reason), ": ",
                    condition.fallback->words, "\n");
  }
  absl::StrAppend(&text, "next            ", NextStep(condition, facts), "\n");
  return text;
}

std::string ConditionJson(const Condition& condition,
                          const DeviceFacts& facts) {
  const StoredMetadata& stored = condition.stored;
  json_t* banks = json_array();
  for (std::size_t i = 0; i < condition.banks.size(); ++i) {
    json_array_append_new(banks, BankJson(condition.banks[i], i));
  }
  const std::string primary = ReplicaWords(stored, Replica::kPrimary);
  const std::string secondary = ReplicaWords(stored, Replica::kSecondary);
  JsonPtr json(json_pack(
      "{s:s, s:s, s:I, s:i, s:i, s:i, s:i, s:i, s:s, s:s, s:o, s:s}", "product",
      facts.product.c_str(), "state", NameOf(condition.state),
      "securityCounter", static_cast<json_int_t>(facts.security_counter),
      "trials", int{facts.boot.trials}, "running", int{facts.boot.bank},
      "active", static_cast<int>(stored.metadata.active), "previous",
      static_cast<int>(stored.metadata.previous), "metadataVersion",
      static_cast<int>(stored.metadata.version), "metadata1", primary.c_str(),
      "metadata2", secondary.c_str(), "banks", banks, "next",
      NextStep(condition, facts).c_str()));
  if (facts.gpt) {
    json_object_set_new(
        json.get(), "gpt",
        json_pack("{s:s, s:s}", "primary", Words(facts.gpt->primary).c_str(),
                  "backup", Words(facts.gpt->backup).c_str()));
  }
  if (condition.fallback) {
    json_object_set_new(json.get(), "fallback",
                        FallbackJson(*condition.fallback));
  }
  return Dump(json);
}

std::string OutcomeText(const Outcome& outcome) {
  return absl::StrCat(outcome.words, "\n");
}

std::string OutcomeJson(const Outcome& outcome) {
  const JsonPtr json(
      json_pack("{s:s, s:s, s:i, s:b, s:b}", "done", outcome.words.c_str(),
                "state", NameOf(outcome.state), "active", int{outcome.bank},
                "resetNeeded", int{outcome.reset_needed}, "fellBack",
                int{outcome.fallback.has_value()}));
  if (outcome.fallback) {
    json_object_set_new(json.get(), "fallback",
                        FallbackJson(*outcome.fallback));
  }
  return Dump(json);
}

std::string ErrorJson(const absl::Status& status) {
  const std::string message(status.message());
  return Dump(JsonPtr(json_pack(
      "{s:{s:s, s:s, s:s}}", "error", "reason", base::ReasonOf(status).c_str(),
      "field", base::FieldOf(status).c_str(), "message", message.c_str())));
}

}  // namespace bootseal::fwu
