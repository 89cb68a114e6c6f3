// What explain says about each rule: one row per code of the verifier.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_RULE_WORDS_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_RULE_WORDS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "firmware/image/host/explain.h"
#include "firmware/image/mcuboot/facts.h"
#include "firmware/image/mcuboot/rules.h"
#include "firmware/image/result.h"

namespace bootseal::image::host {

// What the target wants of an image, and what there is of it.
struct Wanted {
  const mcuboot::Rules& rules;
  const Additions& additions;
  const mcuboot::Facts& facts;
};

// A null function stands for "nothing to say".
struct RuleWords {
  Error code;
  const char* rule;  // as a statement that holds or not
  // What was found, compared with what the target wants.
  std::string (*detail)(const mcuboot::Rules&, const mcuboot::Facts&);
  // The build switch of the bootloader; empty when the target leaves it off.
  std::string (*demanded_by)(const mcuboot::Rules&);
  std::string (*fix)(const Wanted&);
  // The protected TLV that the rule is about; 0: about something else.
  std::uint16_t about = 0;
};

// Every fix names imgtool's option and says what bootseal does instead.
std::string Fix(absl::string_view imgtool, absl::string_view bootseal);

// The row of `code`; its text from result.h where there is no row.
RuleWords WordsOf(Error code);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_RULE_WORDS_H_
