#include "client/review/approval_rules.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "base/status.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/trust/behind.h"

namespace bootseal::review {
namespace {

std::vector<std::string> Listed(
    const google::protobuf::RepeatedPtrField<std::string>& names) {
  return {names.begin(), names.end()};
}

std::int64_t Milliseconds(std::uint32_t seconds) {
  constexpr std::uint32_t kDefaultSeconds = 604'800;
  return std::int64_t{seconds == 0 ? kDefaultSeconds : seconds} * 1000;
}

struct Case {
  const trust::Policy& policy;
  const Question& question;
  const trust::SignedStatement& signed_by;
  const v1::ApprovalStatement& statement;
};

// Empty when there is nothing to object.
using Objection = std::string;

Objection RetiredKey(const Case& on) {
  if (!on.signed_by.retired) return "";
  return "its key was retired by the policy in force";
}

Objection Revoked(const Case& on) {
  if (!on.policy.IsRevoked(on.signed_by.sha256)) return "";
  return "the policy in force revokes it";
}

Objection OfRequester(const Case& on) {
  const auto& excluded = on.question.excluded;
  if (std::find(excluded.begin(), excluded.end(), on.statement.approver()) ==
      excluded.end()) {
    return "";
  }
  return "its approver asked for this, or stands behind the job that did";
}

Objection Role(const Case& on) {
  const auto roles = on.policy.RolesOf(on.statement.approver());
  const auto& may = on.question.roles;
  for (const std::string& role : roles) {
    if (std::find(may.begin(), may.end(), role) != may.end()) return "";
  }
  return absl::StrCat("its approver has roles ", absl::StrJoin(roles, ", "),
                      ", expected one of ", absl::StrJoin(may, ", "));
}

Objection Origin(const Case& on) {
  const std::string& origin = on.question.origin;
  if (on.statement.origin() == origin) return "";
  return absl::StrCat("it is for the log ", on.statement.origin());
}

Objection OtherSubject(const Case& on) {
  if (on.statement.subject_sha256() == SubjectOf(on.question.entry)) return "";
  return absl::StrCat("it is about ",
                      absl::BytesToHexString(on.statement.subject_sha256()),
                      ", not about this");
}

// The subject covers all of it but what people read.
Objection OtherContent(const Case& on) {
  const v1::Entry& entry = on.question.entry;
  const v1::ApprovalStatement& said = on.statement;
  if (said.requester() != entry.caller().identity()) {
    return absl::StrCat("it names the requester ", said.requester());
  }
  if (entry.has_key()) {
    return google::protobuf::util::MessageDifferencer::Equals(
               said.key_change(), entry.key().change())
               ? ""
               : "it is about another key change";
  }
  const v1::SigningEvent& event = entry.signing();
  if (said.target() != event.target()) {
    return absl::StrCat("it is for target ", said.target());
  }
  if (said.version() != event.version() ||
      said.security_counter() != event.security_counter()) {
    return absl::StrCat("it is for version ", said.version(),
                        " and security counter ", said.security_counter());
  }
  return said.payload_sha256() == event.payload_sha256()
             ? ""
             : "it is for another payload";
}

Objection TooLong(const Case& on) {
  const std::int64_t life =
      on.statement.not_after_unix_ms() - on.statement.not_before_unix_ms();
  if (life <= on.question.longest_ms) return "";
  return absl::StrCat("it lives for ", life, " ms, the policy lets it for ",
                      on.question.longest_ms);
}

Objection NotYet(const Case& on) {
  if (on.statement.not_before_unix_ms() - kSkewMs <=
      on.question.entry.time_unix_ms()) {
    return "";
  }
  return absl::StrCat(
      "it counts from ",
      absl::FormatTime(absl::FromUnixMillis(on.statement.not_before_unix_ms())),
      " on, later than this");
}

Objection Expired(const Case& on) {
  if (on.question.entry.time_unix_ms() - kSkewMs <
      on.statement.not_after_unix_ms()) {
    return "";
  }
  return absl::StrCat(
      "it ended at ",
      absl::FormatTime(absl::FromUnixMillis(on.statement.not_after_unix_ms())),
      ", before this");
}

struct Rule {
  const char* reason;
  Objection (*check)(const Case&);
};
constexpr Rule kRules[] = {
    {"APPROVAL_RETIRED_KEY", RetiredKey},
    {"APPROVAL_REVOKED", Revoked},
    {"APPROVAL_OF_REQUESTER", OfRequester},
    {"APPROVER_ROLE", Role},
    {"APPROVAL_ORIGIN", Origin},
    {"APPROVAL_OTHER_REQUEST", OtherSubject},
    {"APPROVAL_OTHER_REQUEST", OtherContent},
    {"APPROVAL_TOO_LONG", TooLong},
    {"APPROVAL_NOT_YET", NotYet},
    {"APPROVAL_EXPIRED", Expired},
};

}  // namespace

Question QuestionOf(const std::string& origin, const trust::Policy& policy,
                    const v1::Entry& entry) {
  Question question{origin, entry, 0,
                    {},     0,     trust::PeopleBehind(policy, entry.caller())};
  question.excluded.push_back(entry.caller().identity());
  if (entry.has_key()) {
    const v1::KeyApprovals& rule = policy.proto().key_approvals();
    question.needed =
        std::max(rule.approvals(), entry.key().approvals_needed());
    question.roles = Listed(rule.approvers());
    question.longest_ms = Milliseconds(rule.approval_seconds());
    return question;
  }
  question.needed = entry.signing().approvals_needed();
  const v1::Target* const target = policy.FindTarget(entry.signing().target());
  if (target == nullptr) return question;
  question.needed = std::max(question.needed, target->approvals());
  question.roles = Listed(target->approvers());
  question.longest_ms = Milliseconds(target->approval_seconds());
  return question;
}

std::string SubjectOf(const v1::Entry& entry) {
  const std::string& requester = entry.caller().identity();
  return entry.has_key() ? trust::SubjectOf(requester, entry.key().change())
                         : trust::SubjectOf(requester, entry.signing());
}

const std::string& StatedSubjectOf(const v1::Entry& entry) {
  return entry.has_key() ? entry.key().subject_sha256()
                         : entry.signing().subject_sha256();
}

absl::StatusOr<trust::SignedStatement> OpenApproval(
    const trust::Policy& policy, const v1::ApprovalEvent& event) {
  ASSIGN_OR_RETURN(trust::SignedStatement opened,
                   trust::OpenEnvelope(policy, event.envelope()));
  const v1::ApprovalStatement& said = opened.statement;
  if (said.subject_sha256() == event.subject_sha256() &&
      said.target() == event.target() && said.approver() == event.approver() &&
      said.verdict() == event.verdict()) {
    return opened;
  }
  return base::Precondition("APPROVAL_MISSTATED",
                            "the entry says something else than the statement "
                            "that was signed");
}

absl::StatusOr<trust::SignedStatement> CheckWord(
    const trust::Policy& policy, const Question& question,
    const v1::ApprovalEvent& event) {
  ASSIGN_OR_RETURN(trust::SignedStatement opened, OpenApproval(policy, event));
  const Case on{policy, question, opened, opened.statement};
  for (const Rule& rule : kRules) {
    const Objection objection = rule.check(on);
    if (!objection.empty()) return base::Precondition(rule.reason, objection);
  }
  return opened;
}

absl::StatusOr<trust::SignedStatement> CountApproval(
    const trust::Policy& policy, const Question& question,
    const v1::ApprovalEvent& event) {
  ASSIGN_OR_RETURN(trust::SignedStatement word,
                   CheckWord(policy, question, event));
  if (word.statement.verdict() == v1::APPROVE) return word;
  return base::Precondition("APPROVAL_DENIES", "it is a denial");
}

}  // namespace bootseal::review
