// For machines: the same as the text, every number a number.
#include <algorithm>

#include "client/cli/explain_report.h"
#include "client/cli/explain_words.h"
#include "client/cli/json.h"
#include "firmware/image/host/convert.h"

namespace bootseal::cli {
namespace {

using image::host::DependencyFact;
using image::host::Diagnosis;
using image::host::Finding;
using image::host::FormatVersion;
using image::host::PredictedBoot;
using image::host::Prediction;
using image::host::SlotFacts;
using image::host::TrailerFacts;

template <typename T>
Json Optional(const std::optional<T>& number) {
  return number ? Json::Number(*number) : Json::Null();
}

Json TextOrNull(const std::string& text) {
  return text.empty() ? Json::Null() : Json::Text(text);
}

Json ToJson(const Finding& finding) {
  return JsonObject()
      .Add("code", Json::Text(image::host::NameOf(finding.code)))
      .Add("outcome", Json::Text(WordsOf(finding.outcome).json))
      .Add("rule", Json::Text(finding.rule))
      .Add("detail", Json::Text(finding.detail))
      .Add("offset", Optional(finding.offset))
      .Add("demanded_by", Json::Text(finding.demanded_by))
      .Add("fix", Json::Text(finding.fix))
      .Build();
}

Json ToJson(const Diagnosis& one) {
  return JsonObject()
      .Add("code", Json::Text(one.code))
      .Add("found", Json::Text(one.found))
      .Add("offset", Optional(one.offset))
      .Add("expected", Json::Text(one.expected))
      .Add("fix", Json::Text(one.fix))
      .Add("command", TextOrNull(one.command))
      .Build();
}

Json ToJson(const TrailerFacts& trailer) {
  return JsonObject()
      .Add("magic", Json::Text(NameOf(trailer.magic)))
      .Add("magic_offset", Json::Number(trailer.magic_offset))
      .Add("max_align", trailer.magic_align == 0
                            ? Json::Null()
                            : Json::Number(trailer.magic_align))
      .Add("image_ok", Json::Text(NameOf(trailer.image_ok)))
      .Add("copy_done", Json::Text(NameOf(trailer.copy_done)))
      .Add("swap_info", Optional(trailer.swap_info))
      .Build();
}

Json ToJson(const SlotFacts& slot) {
  return JsonObject()
      .Add("size", Json::Number(slot.slot_size))
      .Add("limit", Json::Number(slot.limit))
      .Add("imgtool_limit", Json::Number(slot.imgtool_limit))
      .Add("padded_for",
           slot.padded_for == 0 ? Json::Null() : Json::Number(slot.padded_for))
      .Build();
}

Json ToJson(const DependencyFact& one) {
  return JsonObject()
      .Add("image_id", Json::Number(one.image_id))
      .Add("minimum", Json::Text(FormatVersion(one.minimum)))
      .Add("present",
           one.present ? Json::Text(FormatVersion(*one.present)) : Json::Null())
      .Add("satisfied", Json::Truth(one.satisfied))
      .Add("offset", Json::Number(one.offset))
      .Add("text", Json::Text(one.text))
      .Build();
}

Json ToJson(const Prediction& one) {
  std::vector<Json> libraries;
  for (const image::host::CryptoLibrary library : one.libraries) {
    libraries.push_back(Json::Text(image::host::NameOf(library)));
  }
  const auto* step = one.step;
  return JsonObject()
      .Add("libraries", Json::Array(libraries))
      .Add("outcome", Json::Text(image::host::NameOf(one.boot)))
      .Add("step", step ? Json::Text(step->code) : Json::Null())
      .Add("function", step ? Json::Text(step->function) : Json::Null())
      .Add("rule", step ? Json::Text(step->rule) : Json::Null())
      .Add("reason", TextOrNull(one.reason))
      .Build();
}

template <typename T>
Json List(const std::vector<T>& values) {
  std::vector<Json> elements;
  elements.reserve(values.size());
  for (const T& value : values) elements.push_back(ToJson(value));
  return Json::Array(elements);
}

// Null where builds differ, or only the device can tell.
Json Boots(const std::vector<Prediction>& predictions) {
  const bool decided = predictions.size() == 1 &&
                       predictions[0].boot != PredictedBoot::kUndecided;
  if (decided) {
    return Json::Truth(predictions[0].boot == PredictedBoot::kStarts);
  }
  const bool refused = std::all_of(
      predictions.begin(), predictions.end(), [](const Prediction& one) {
        return one.boot == PredictedBoot::kRefused ||
               one.boot == PredictedBoot::kStops;
      });
  return refused ? Json::Truth(false) : Json::Null();
}

Json Mcuboot(const ExplainReport& report) {
  return JsonObject()
      .Add("boots", Boots(report.predictions))
      .Add("comparison", Json::Text(ComparisonOf(report)))
      .Add("predictions", List(report.predictions))
      .Build();
}

Json Layout(const ExplainReport& report) {
  if (!report.evidence.whole()) return Json::Null();
  const auto& facts = report.evidence.reading.facts;
  const auto& header = facts.header;
  const std::uint64_t payload_end =
      std::uint64_t{header.header_size} + header.image_size;
  return JsonObject()
      .Add("version", Json::Text(FormatVersion(header.version)))
      .Add("header_size", Json::Number(header.header_size))
      .Add("payload_end", Json::Number(payload_end))
      .Add("protected_end", Json::Number(image::mcuboot::SignedSize(header)))
      .Add("image_end", Json::Number(report.evidence.slot.image_end))
      .Build();
}

Json Upgrade(const ExplainReport& report) {
  return JsonObject()
      .Add("swap_type", Json::Text(image::host::NameOf(SwapTypeOf(report))))
      .Add("text", Json::Text(UpgradeOf(report)))
      .Add("version", TextOrNull(DowngradeOf(report)))
      .Add("dependencies", List(report.dependencies))
      .Build();
}

Json Commands(const ExplainReport& report) {
  return JsonObject()
      .Add("sign", Json::Text(SignCommandOf(report)))
      .Add("imgtool", Json::Text(ImgtoolCommandOf(report)))
      .Build();
}

}  // namespace

std::string FormatJson(const ExplainReport& report) {
  const auto& explanation = report.explanation;
  JsonObject json;
  json.Add("bootable", Json::Truth(report.bootable()))
      .Add("target", Json::Text(report.evidence.target.name))
      .Add("image", Json::Text(report.image))
      .Add("verdict", Json::Text(image::host::NameOf(explanation)))
      .Add("findings", List(explanation.findings))
      .Add("file_size", Json::Number(report.evidence.slot.file_size))
      .Add("layout", Layout(report))
      .Add("slot", ToJson(report.evidence.slot))
      .Add("trailer", ToJson(report.evidence.slot.trailer))
      .Add("primary_trailer",
           report.primary ? ToJson(report.primary->trailer) : Json::Null())
      .Add("upgrade", Upgrade(report))
      .Add("diagnoses", List(report.diagnoses))
      .Add("mcuboot", Mcuboot(report))
      .Add("commands", Commands(report));
  AddKey(report.key, json);
  return json.Build().text() + "\n";
}

}  // namespace bootseal::cli
