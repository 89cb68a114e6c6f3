#include "firmware/image/host/diagnosis.h"

#include "firmware/image/mcuboot/facts.h"

namespace bootseal::image::host {

Evidence Gather(const mcuboot::Rules& rules, Bytes file,
                const TargetWords& target, const FileWords& words) {
  Evidence evidence{
      rules, file, mcuboot::ReadImage(file, rules.hash), {}, target, words, {}};
  evidence.image = WordsOfImage(evidence.reading, target);
  const mcuboot::Facts& facts = evidence.reading.facts;
  const std::uint64_t end =
      evidence.whole()
          ? mcuboot::SignedSize(facts.header) + facts.unprotected_area.size()
          : 0;
  evidence.slot = ReadSlotFacts(rules, file, end, target.erased);
  return evidence;
}

std::string SignCommandFor(const Evidence& evidence) {
  if (!evidence.image.version) return {};
  return SignCommand(evidence.rules, evidence.target, evidence.image);
}

std::string ImgtoolCommandFor(const Evidence& evidence) {
  if (!evidence.image.version) return {};
  return ImgtoolCommand(evidence.rules, evidence.target, evidence.image);
}

std::vector<Diagnosis> Diagnose(const Evidence& evidence) {
  std::vector<Diagnosis> found;
  for (const auto detectors : {FileDetectors(), ContentDetectors(),
                               LayoutDetectors(), SignatureDetectors()}) {
    for (const Detector detector : detectors) {
      if (std::optional<Diagnosis> one = detector(evidence)) {
        found.push_back(*std::move(one));
      }
    }
  }
  return found;
}

}  // namespace bootseal::image::host
