#include "client/review/policy_changes.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace bootseal::review {
namespace {

using google::protobuf::Message;

constexpr std::size_t kMaxShown = 100;  // bytes of a value
constexpr std::size_t kMaxListed = 8;   // values of a list

struct Collection {
  const char* field;
  const char* element;
};
constexpr Collection kCollections[] = {
    {"people", "person"},  {"roles", "role"},
    {"issuers", "issuer"}, {"trust_domains", "trust domain"},
    {"keys", "key"},       {"targets", "target"},
};

std::string Short(const std::string& text) {
  if (text.size() <= kMaxShown) return text;
  std::size_t end = kMaxShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) {
    --end;
  }
  return absl::StrCat(text.substr(0, end), "...");
}

std::string Listed(const Values& values) {
  const std::size_t shown = std::min(values.size(), kMaxListed);
  std::string text = absl::StrJoin(
      values.begin(), values.begin() + static_cast<std::ptrdiff_t>(shown), ", ",
      [](std::string* out, const std::string& each) {
        absl::StrAppend(out, Short(each));
      });
  if (shown == values.size()) return text;
  return absl::StrCat(text, " and ", values.size() - shown, " more");
}

Values Without(const Values& all, const Values& others) {
  Values rest;
  std::set_difference(all.begin(), all.end(), others.begin(), others.end(),
                      std::back_inserter(rest));
  return rest;
}

std::string Change(const Values& before, const Values& after) {
  if (before.size() <= 1 && after.size() <= 1) {
    return absl::StrCat(before.empty() ? "nothing" : Short(before.front()),
                        " -> ",
                        after.empty() ? "nothing" : Short(after.front()));
  }
  const Values gone = Without(before, after);
  const Values come = Without(after, before);
  return absl::StrCat(gone.empty() ? "" : "without ", Listed(gone),
                      gone.empty() || come.empty() ? "" : ", ",
                      come.empty() ? "" : "with ", Listed(come));
}

bool Counts(const TrustField& field, const Values& before,
            const Values& after) {
  return field.loosens == nullptr ? before != after
                                  : field.loosens(before, after);
}

// One element of a policy, or the policy itself, before and after.
struct Pair {
  std::string name;  // "target \"app\""
  const Message* before = nullptr;
  const Message* after = nullptr;
};

// What one side has alone. What only loosens has nothing to be looser than.
std::string Alone(const TrustField& field, const Message& element) {
  if (field.loosens != nullptr) return "";
  const Values values = ValuesOf(element, field.path);
  if (values.empty()) return "";
  return absl::StrCat(field.path, " ", Listed(values));
}

std::string ChangeOf(const TrustField& field, const Pair& pair) {
  if (pair.before == nullptr) return Alone(field, *pair.after);
  if (pair.after == nullptr) return Alone(field, *pair.before);
  const Values before = ValuesOf(*pair.before, field.path);
  const Values after = ValuesOf(*pair.after, field.path);
  if (!Counts(field, before, after)) return "";
  return absl::StrCat(field.path, " ", Change(before, after));
}

std::string Sentence(const Pair& pair, const std::vector<std::string>& fields) {
  const std::string all = absl::StrJoin(fields, ", ");
  if (pair.before == nullptr) {
    return absl::StrCat("new ", pair.name, " (", all, ")");
  }
  if (pair.after == nullptr) {
    return absl::StrCat("no more ", pair.name, " (", all, ")");
  }
  return pair.name.empty() ? all : absl::StrCat(pair.name, ": ", all);
}

class Comparison {
 public:
  void Compare(absl::string_view of, const Pair& pair) {
    std::map<TrustKind, std::vector<std::string>> fields;
    for (const TrustField& field : TrustFields()) {
      if (field.of != of) continue;
      std::string change = ChangeOf(field, pair);
      if (!change.empty()) fields[field.kind].push_back(std::move(change));
    }
    for (const auto& [kind, changes] : fields) {
      std::string& text = texts_[kind];
      absl::StrAppend(&text, text.empty() ? "" : "; ", Sentence(pair, changes));
    }
  }

  void CompareAll(const Collection& of, const v1::Policy& before,
                  const v1::Policy& after) {
    std::map<std::string, Pair> pairs;
    for (const Message* each : ElementsOf(of, before)) {
      pairs[NameIn(*each)].before = each;
    }
    for (const Message* each : ElementsOf(of, after)) {
      pairs[NameIn(*each)].after = each;
    }
    for (auto& [name, pair] : pairs) {
      pair.name = absl::StrCat(of.element, " \"", Short(name), "\"");
      Compare(of.field, pair);
    }
  }

  std::map<TrustKind, std::string> Take() { return std::move(texts_); }

 private:
  static std::vector<const Message*> ElementsOf(const Collection& of,
                                                const v1::Policy& policy) {
    const auto& reflection = *policy.GetReflection();
    const auto* field = policy.GetDescriptor()->FindFieldByName(of.field);
    const int size = reflection.FieldSize(policy, field);
    std::vector<const Message*> elements;
    elements.reserve(static_cast<std::size_t>(size));
    for (int i = 0; i < size; ++i) {
      elements.push_back(&reflection.GetRepeatedMessage(policy, field, i));
    }
    return elements;
  }
  static std::string NameIn(const Message& element) {
    return element.GetReflection()->GetString(
        element, element.GetDescriptor()->FindFieldByName("name"));
  }

  std::map<TrustKind, std::string> texts_;
};

std::string LoadedBy(const v1::Caller& caller) {
  if (caller.identity().empty()) return "";
  return absl::StrCat(" was loaded by ", caller.identity(), " and");
}

}  // namespace

std::map<TrustKind, std::string> TrustChanges(const v1::Policy& before,
                                              const v1::Policy& after) {
  Comparison comparison;
  comparison.Compare("", {"", &before, &after});
  for (const Collection& each : kCollections) {
    comparison.CompareAll(each, before, after);
  }
  return comparison.Take();
}

absl::Status PolicyChanges::Take(const Position& at, Findings& findings) {
  if (!at.entry.has_policy() || at.policy == nullptr) return absl::OkStatus();
  const trust::Policy* const before = before_;
  before_ = at.policy;
  if (before == nullptr || before == at.policy) return absl::OkStatus();
  for (const auto& [kind, changes] :
       TrustChanges(before->proto(), at.policy->proto())) {
    findings.Warn(
        FindingClass::kPolicy, at.index, "TRUST_CHANGED",
        absl::StrCat("policy version ", at.policy->proto().version(),
                     LoadedBy(at.entry.caller()), " changes ", NameOf(kind),
                     " of version ", before->proto().version(), ": ", changes,
                     "; confirm it with those who answer for the policy"));
  }
  return absl::OkStatus();
}

}  // namespace bootseal::review
