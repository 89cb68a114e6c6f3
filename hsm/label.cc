#include "hsm/label.h"

#include <algorithm>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"

namespace bootseal::hsm {
namespace {

// CK_TOKEN_INFO (PKCS#11 2.40 section 3.2).
constexpr std::size_t kTokenLabelSize = 32;

bool IsPrintable(char c) { return c >= ' ' && c <= '~'; }

// What is wrong with it; empty when nothing is.
std::string Complaint(absl::string_view label) {
  if (label.empty()) return "is empty";
  const auto bad = std::find_if_not(label.begin(), label.end(), IsPrintable);
  if (bad != label.end()) {
    return absl::StrFormat("has byte 0x%02x", static_cast<unsigned char>(*bad));
  }
  if (label.front() == ' ' || label.back() == ' ') {
    return "begins or ends with a space";
  }
  return "";
}

absl::Status Refusal(absl::string_view reason, absl::string_view label,
                     absl::string_view complaint, absl::string_view expected) {
  return base::Invalid(reason, "--label",
                       absl::StrCat("the label \"", absl::CHexEscape(label),
                                    "\" ", complaint, ", expected ", expected,
                                    "printable ASCII characters, no space at "
                                    "either end"));
}

}  // namespace

absl::Status CheckTokenLabel(absl::string_view label) {
  std::string complaint = Complaint(label);
  if (complaint.empty() && label.size() > kTokenLabelSize) {
    complaint = absl::StrCat("has ", label.size(), " bytes");
  }
  if (complaint.empty()) return absl::OkStatus();
  return Refusal("TOKEN_LABEL", label, complaint, "1 to 32 ");
}

absl::Status CheckKeyLabel(absl::string_view label) {
  const std::string complaint = Complaint(label);
  if (complaint.empty()) return absl::OkStatus();
  return Refusal("KEY_LABEL", label, complaint, "");
}

}  // namespace bootseal::hsm
