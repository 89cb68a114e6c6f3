#include "client/review/trust_fields.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "client/review/trust_values.h"

namespace bootseal::review {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::OneofDescriptor;

std::uint64_t NumberIn(const Values& values) {
  std::uint64_t number = 0;
  if (!values.empty() && !absl::SimpleAtoi(values.front(), &number)) return 0;
  return number;
}

std::uint64_t LimitIn(const Values& values) {
  const std::uint64_t limit = NumberIn(values);
  return limit == 0 ? std::numeric_limits<std::uint64_t>::max() : limit;
}

bool IsRaised(const Values& before, const Values& after) {
  return NumberIn(after) > NumberIn(before);
}

bool IsLowered(const Values& before, const Values& after) {
  return NumberIn(after) < NumberIn(before);
}

// 0 is no limit.
bool IsLimitRaised(const Values& before, const Values& after) {
  return LimitIn(after) > LimitIn(before);
}

bool IsCleared(const Values& before, const Values& after) {
  return NumberIn(before) != 0 && NumberIn(after) == 0;
}

bool IsLost(const Values& before, const Values& after) {
  return !std::includes(after.begin(), after.end(), before.begin(),
                        before.end());
}

bool IsGained(const Values& before, const Values& after) {
  return IsLost(after, before);
}

// REQUIRED and FORBIDDEN are checks; OPTIONAL is none.
bool IsUndemanded(const Values& before, const Values& after) {
  return before != after && !before.empty() && before.front() != "OPTIONAL";
}

bool IsOfRequired(const Values& before, const Values& after) {
  return std::any_of(
      before.begin(), before.end(), [&after](const std::string& each) {
        return absl::EndsWith(each, " REQUIRED") &&
               !std::binary_search(after.begin(), after.end(), each);
      });
}

bool PassesLower(const Values& before, const Values& after) {
  constexpr absl::string_view kStrictestFirst[] = {"REFUSE", "ASK", "PASS"};
  const auto rank = [&kStrictestFirst](const Values& values) {
    return std::distance(
        std::begin(kStrictestFirst),
        std::find(std::begin(kStrictestFirst), std::end(kStrictestFirst),
                  values.empty() ? "REFUSE" : values.front()));
  };
  return rank(after) > rank(before);
}

constexpr TrustField kFields[] = {
    {"trust_domains", "ca_pem", TrustKind::kIssuers, nullptr},
    {"issuers", "url", TrustKind::kIssuers, nullptr},
    {"issuers", "audience", TrustKind::kIssuers, nullptr},
    {"issuers", "jwks_sha256", TrustKind::kIssuers, nullptr},
    {"issuers", "algorithms", TrustKind::kIssuers, nullptr},
    {"issuers", "max_age_seconds", TrustKind::kIssuers, nullptr},
    {"issuers", "behind_claim", TrustKind::kIssuers, nullptr},
    {"people", "subjects", TrustKind::kPeople, nullptr},
    {"people", "workloads", TrustKind::kPeople, nullptr},
    {"people", "accounts", TrustKind::kPeople, nullptr},
    {"people", "approver_keys", TrustKind::kApproverKeys, nullptr},
    {"people", "behind", TrustKind::kPeople, nullptr},
    {"people", "nobody_behind", TrustKind::kPeople, nullptr},
    {"roles", "members", TrustKind::kRoles, nullptr},
    {"roles", "permissions", TrustKind::kRoles, nullptr},
    {"keys", "purpose", TrustKind::kKeys, nullptr},
    {"keys", "public_key_sha256", TrustKind::kKeys, nullptr},
    {"keys", "accept_imported", TrustKind::kKeys, nullptr},
    {"targets", "key", TrustKind::kKeys, nullptr},
    {"targets", "overlap_keys", TrustKind::kKeys, nullptr},
    {"targets", "requesters", TrustKind::kRequesters, nullptr},
    {"targets", "approvals", TrustKind::kApprovals, nullptr},
    {"targets", "approvers", TrustKind::kApprovals, nullptr},
    {"targets", "approval_seconds", TrustKind::kApprovals, IsRaised},
    {"targets", "lower_version", TrustKind::kRules, PassesLower},
    {"targets", "format", TrustKind::kRules, nullptr},
    {"targets", "mcuboot.security_counter", TrustKind::kRules, IsUndemanded},
    {"targets", "mcuboot.security_counter_ceiling", TrustKind::kRules,
     IsLimitRaised},
    {"targets", "mcuboot.boot_record", TrustKind::kRules, IsUndemanded},
    {"targets", "mcuboot.dependency", TrustKind::kRules, IsUndemanded},
    {"targets", "mcuboot.dependencies", TrustKind::kRules, IsLost},
    {"targets", "mcuboot.non_bootable", TrustKind::kRules, IsGained},
    {"targets", "mcuboot.allow_list", TrustKind::kRules, IsLost},
    {"targets", "mcuboot.request_tlvs", TrustKind::kRules, IsGained},
    {"targets", "mcuboot.slot_address", TrustKind::kRules, IsCleared},
    {"targets", "mcuboot.ram_size", TrustKind::kRules, IsCleared},
    {"targets", "mcuboot.rom_fixed_address", TrustKind::kRules, IsCleared},
    {"targets", "mcuboot.vendor_id", TrustKind::kRules, IsLost},
    {"targets", "mcuboot.class_id", TrustKind::kRules, IsLost},
    {"targets", "mcuboot.encryption.presence", TrustKind::kRules, IsUndemanded},
    {"targets", "mcuboot.encryption.key_bits", TrustKind::kRules, IsLowered},
    {"targets", "mcuboot.receipt.presence", TrustKind::kRules, IsUndemanded},
    {"targets", "mcuboot.receipt.log_keys", TrustKind::kKeys, nullptr},
    {"targets", "release.security_counter_ceiling", TrustKind::kRules,
     IsLimitRaised},
    {"targets", "release.security_counter_step", TrustKind::kRules,
     IsLimitRaised},
    {"targets", "release.verdict_requesters", TrustKind::kRequesters, nullptr},
    {"targets", "capsule.certificate_pem", TrustKind::kKeys, nullptr},
    {"targets", "capsule.must_be_accepted", TrustKind::kRules, IsLost},
    {"targets", "capsule.with_version", TrustKind::kRules, IsLost},
    {"targets", "capsule.lowest_supported_version", TrustKind::kRules,
     IsLowered},
    {"targets", "fip.trusted_world_key", TrustKind::kKeys, nullptr},
    {"targets", "fip.non_trusted_world_key", TrustKind::kKeys, nullptr},
    {"targets", "fip.tos_fw_key", TrustKind::kKeys, nullptr},
    {"targets", "fip.nt_fw_key", TrustKind::kKeys, nullptr},
    {"targets", "fip.images", TrustKind::kRules, IsOfRequired},
    {"targets", "fip.security_counter_ceiling", TrustKind::kRules,
     IsLimitRaised},
    {"targets", "fip.security_counter_step", TrustKind::kRules, IsLimitRaised},
    {"targets", "stm32_header.public_keys", TrustKind::kKeys, nullptr},
    {"targets", "stm32_header.open_chips", TrustKind::kRules, IsGained},
    {"targets", "stm32_header.security_counter_ceiling", TrustKind::kRules,
     IsLimitRaised},
    {"targets", "stm32_header.security_counter_step", TrustKind::kRules,
     IsLimitRaised},
    {"", "key_approvals.approvals", TrustKind::kApprovals, nullptr},
    {"", "key_approvals.approvers", TrustKind::kApprovals, nullptr},
    {"", "key_approvals.approval_seconds", TrustKind::kApprovals, IsRaised},
    {"", "denied_certificates", TrustKind::kRules, IsLost},
    {"", "revoked_approvals", TrustKind::kRules, IsLost},
};

constexpr const char* kNames[] = {
    "approver keys",         "approvals",  "people", "roles",
    "CAs and token issuers", "requesters", "keys",   "rules that are looser",
};

Values Leaf(const Message& message, const FieldDescriptor& field) {
  Values values;
  const int size = field.is_repeated()
                       ? message.GetReflection()->FieldSize(message, &field)
                       : 1;
  for (int i = 0; i < size; ++i) {
    std::string word = WordOf(message, field, i);
    if (!word.empty()) values.push_back(std::move(word));
  }
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

}  // namespace

const char* NameOf(TrustKind kind) {
  return kNames[static_cast<std::size_t>(kind)];
}

std::span<const TrustField> TrustFields() { return kFields; }

Values ValuesOf(const Message& message, absl::string_view path) {
  const std::size_t dot = path.find('.');
  const std::string name(path.substr(0, dot));
  const auto& type = *message.GetDescriptor();
  const auto& reflection = *message.GetReflection();
  if (const OneofDescriptor* const oneof = type.FindOneofByName(name)) {
    const FieldDescriptor* const set =
        reflection.GetOneofFieldDescriptor(message, oneof);
    return set == nullptr ? Values{} : Values{set->name()};
  }
  const FieldDescriptor& field = *type.FindFieldByName(name);
  if (dot == absl::string_view::npos) return Leaf(message, field);
  if (!reflection.HasField(message, &field)) return {};
  return ValuesOf(reflection.GetMessage(message, &field), path.substr(dot + 1));
}

}  // namespace bootseal::review
