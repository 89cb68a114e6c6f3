#include "firmware/image/host/mcuboot_prediction.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/mcuboot_loader.h"
#include "firmware/image/host/mcuboot_slot.h"
#include "firmware/image/host/mcuboot_validation.h"

namespace bootseal::image::host {
namespace {

using mcuboot::Rules;

// Over the bytes of the slot, which it maps: a signature over a plaintext is
// wrong there, whatever the device's key is.
LoaderVerdict ValidatePure(const Rules& rules, const SlotImage& image,
                           CryptoLibrary library) {
  LoaderVerdict verdict = ValidateImage(rules, image, library);
  if (verdict && verdict->step == LoaderStepId::kSignature) {
    absl::StrAppend(&verdict->reason,
                    ": MCUBOOT_SIGN_PURE verifies the slot's bytes, and they "
                    "are encrypted");
  }
  return verdict;
}

LoaderVerdict Predict(const Rules& rules, const SlotImage& image,
                      CryptoLibrary library) {
  if (LoaderVerdict verdict = LoadHeader(rules, image)) {
    if (!rules.pure || verdict->boot != PredictedBoot::kUndecided) {
      return verdict;
    }
    const LoaderVerdict pure = ValidatePure(rules, image, library);
    return pure ? pure : verdict;
  }
  if (LoaderVerdict verdict = ValidateImage(rules, image, library)) {
    return verdict;
  }
  return StartImage(rules, image);
}

Prediction ToPrediction(const LoaderVerdict& verdict, CryptoLibrary library) {
  if (!verdict) {
    return {{library}, PredictedBoot::kStarts, nullptr, {}};
  }
  return {{library},
          verdict->boot,
          &LoaderSteps()[static_cast<std::size_t>(verdict->step)],
          verdict->reason};
}

bool Same(const Prediction& a, const Prediction& b) {
  return a.boot == b.boot && a.step == b.step && a.reason == b.reason;
}

std::string Libraries(const Prediction& prediction) {
  return absl::StrJoin(prediction.libraries, ", ",
                       [](std::string* out, CryptoLibrary library) {
                         absl::StrAppend(out, NameOf(library));
                       });
}

std::string HowItEnds(const Prediction& prediction) {
  if (prediction.step == nullptr) return "would boot this";
  const char* verb =
      prediction.boot == PredictedBoot::kRefused ? "refuses it in "
      : prediction.boot == PredictedBoot::kStops ? "takes it and stops in "
                                                 : "needs the device's key in ";
  return absl::StrCat(verb, prediction.step->function, " (",
                      prediction.step->code, "): ", prediction.reason);
}

}  // namespace

const char* NameOf(PredictedBoot boot) {
  switch (boot) {
    case PredictedBoot::kStarts:
      return "starts";
    case PredictedBoot::kRefused:
      return "refused";
    case PredictedBoot::kStops:
      return "stops";
    case PredictedBoot::kUndecided:
      return "undecided";
  }
  return "";
}

std::vector<Prediction> PredictMcuboot(const Rules& rules, Bytes image) {
  const SlotImage slot(image);
  std::vector<Prediction> predictions;
  for (const CryptoLibrary library : LibrariesFor(rules.algorithm)) {
    Prediction one = ToPrediction(Predict(rules, slot, library), library);
    const auto same =
        std::find_if(predictions.begin(), predictions.end(),
                     [&one](const Prediction& p) { return Same(p, one); });
    if (same == predictions.end()) {
      predictions.push_back(std::move(one));
    } else {
      same->libraries.push_back(library);
    }
  }
  return predictions;
}

std::string CompareWithVerdict(const Explanation& explanation,
                               const std::vector<Prediction>& predictions) {
  const Error verdict = explanation.verdict;
  const std::string refusal =
      absl::StrCat(Text(verdict), " (", NameOf(verdict), ")");
  std::vector<std::string> parts;
  for (const Prediction& each : predictions) {
    parts.push_back(
        predictions.size() == 1
            ? HowItEnds(each)
            : absl::StrCat("with ", Libraries(each), " ", HowItEnds(each)));
  }
  const auto any = [&predictions](PredictedBoot boot) {
    return std::any_of(
        predictions.begin(), predictions.end(),
        [boot](const Prediction& each) { return each.boot == boot; });
  };
  const bool starts = any(PredictedBoot::kStarts);
  const std::string mcuboot =
      absl::StrCat("MCUboot itself ", absl::StrJoin(parts, "; "));
  if (verdict == Error::kVectorTable && starts) {
    return absl::StrCat(mcuboot,
                        ", as it does not look at the vectors: it jumps, and "
                        "the core faults; Bootseal refuses it because: ",
                        refusal);
  }
  if (verdict != Error::kOk) {
    const bool alone = starts || any(PredictedBoot::kUndecided);
    return absl::StrCat(mcuboot,
                        alone ? "; Bootseal refuses it because: "
                              : "; so does Bootseal, because: ",
                        refusal);
  }
  if (explanation.payload_encrypted) {
    return absl::StrCat(mcuboot,
                        "; Bootseal's verifier would take what can be judged "
                        "without the device's key");
  }
  const bool agree = predictions.size() == 1 && starts;
  return absl::StrCat(mcuboot, agree ? ", and so does Bootseal's verifier"
                                     : "; Bootseal's verifier would take it");
}

}  // namespace bootseal::image::host
