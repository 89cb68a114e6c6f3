#include "server/trust/explanation.h"

#include <utility>

#include "server/trust/decision.h"
#include "server/trust/format.h"
#include "server/trust/package_format.h"

namespace bootseal::trust {
namespace {

// What the size rules of an image's target take at least.
std::uint64_t SmallestPayload(const v1::McubootFormat& format,
                              const v1::SignHeader& header) {
  const std::uint64_t room = HeaderRoom(format, header.compression());
  if (!header.encrypted()) return room + 1;
  constexpr std::uint64_t kBlockBytes = 16;
  return room + kBlockBytes - format.header_size() % kBlockBytes;
}

void AddComponent(const std::string& name, v1::SignHeader& header) {
  v1::Component& component = *header.add_components();
  component.set_name(name);
  component.set_size(1);
}

std::vector<std::string> NamesOf(const v1::ReleaseFormat& format) {
  std::vector<std::string> names;
  for (const v1::ReleaseImage& image : format.images()) {
    names.push_back(image.name());
  }
  return names;
}

// Those that every package has.
std::vector<std::string> NamesOf(const v1::FipFormat& format) {
  std::vector<std::string> names;
  for (const v1::FipImage* image : ImagesOf(format)) {
    if (image->presence() == v1::REQUIRED) names.push_back(image->name());
  }
  return names;
}

template <typename Format>
void AddComponents(const Format& format, v1::SignHeader& header) {
  if (header.components().empty()) {
    for (const std::string& name : NamesOf(format)) AddComponent(name, header);
  }
  std::uint64_t sum = 0;
  for (const v1::Component& each : header.components()) sum += each.size();
  header.set_payload_size(sum);
}

std::vector<RuleRow> RowsOf(const Ruling& ruling) {
  RuleOutcome outcome = RuleOutcome::kPass;
  std::vector<RuleRow> rows;
  for (std::string& rule : DecidingRules()) {
    const bool decided = ruling.decision != v1::ALLOWED && rule == ruling.rule;
    rows.push_back(
        {std::move(rule), decided ? RuleOutcome::kDecided : outcome});
    if (decided) outcome = RuleOutcome::kNotReached;
  }
  return rows;
}

}  // namespace

std::vector<std::string> DecidingRules() {
  std::vector<std::string> rules = AdmissionRules();
  // The ruling's rules, which decide of approvals, come in the place of that.
  rules.pop_back();
  for (std::string& rule : RulingRules()) rules.push_back(std::move(rule));
  return rules;
}

Explanation Explain(const Policy& policy, Question question) {
  const Judge judge(policy);
  const v1::SignHeader header = Completed(policy, std::move(question.header));
  v1::SigningEvent asked;
  asked.set_target(header.target());
  asked.set_version(header.version());
  asked.set_security_counter(
      judge.Admit(question.caller, header).security_counter);
  Facts facts;
  facts.last_release = std::move(question.last_release);
  Explanation explanation;
  explanation.ruling = judge.Decide(question.caller, header, asked, facts);
  explanation.rules = RowsOf(explanation.ruling);
  return explanation;
}

v1::SignHeader Completed(const Policy& policy, v1::SignHeader header) {
  if (header.request_id().empty()) header.set_request_id("question");
  if (header.payload_size() != 0) return header;
  const v1::Target* const target = policy.FindTarget(header.target());
  if (target == nullptr || header.has_verdict()) {
    header.set_payload_size(1);
    return header;
  }
  switch (target->format_case()) {
    case v1::Target::kMcuboot:
      header.set_payload_size(SmallestPayload(target->mcuboot(), header));
      break;
    case v1::Target::kRelease:
      AddComponents(target->release(), header);
      break;
    case v1::Target::kFip:
      AddComponents(target->fip(), header);
      break;
    case v1::Target::kCapsule:
    case v1::Target::kStm32Header:
      header.set_payload_size(1);
      break;
    case v1::Target::FORMAT_NOT_SET:
      break;
  }
  return header;
}

}  // namespace bootseal::trust
