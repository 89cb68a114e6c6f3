#include "tests/firmware/image/host/loader_case.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"

namespace bootseal::tests {

using image::Algorithm;
using image::HashAlgorithm;
using image::host::AsBytes;
using image::host::CryptoLibrary;
using image::host::NameOf;
using image::host::PredictedBoot;
using image::host::Prediction;
using image::host::PredictMcuboot;
using image::host::ToString;
using namespace image::mcuboot;

std::string U16(std::size_t value) {
  return {static_cast<char>(value & 0xff), static_cast<char>(value >> 8)};
}
std::string U32(std::uint32_t value) {
  return U16(value & 0xffff) + U16(value >> 16);
}

const SigningKey& OtherKey(Algorithm algorithm) {
  static auto* keys = new std::map<Algorithm, std::unique_ptr<SigningKey>>;
  auto& key = (*keys)[algorithm];
  if (!key) key = std::make_unique<SigningKey>(algorithm);
  return *key;
}

std::string HashOfKey(const SigningKey& key, HashAlgorithm hash) {
  return ToString(image::HashOf(hash, AsBytes(key.public_key())).bytes());
}

std::ostream& operator<<(std::ostream& out, const LoaderRow& row) {
  return out << row.name;
}

std::string Summary(const std::vector<Prediction>& predictions) {
  const auto end = [](const Prediction& one) -> std::string {
    if (one.boot == PredictedBoot::kStarts) return kStarts;
    const std::string stop = one.boot == PredictedBoot::kStops ? "stops:" : "";
    return stop + one.step->code;
  };
  if (predictions.size() == 1) return end(predictions[0]);
  std::set<std::string> parts;
  for (const Prediction& one : predictions) {
    for (const CryptoLibrary library : one.libraries) {
      parts.insert(absl::StrCat(NameOf(library), ":", end(one)));
    }
  }
  std::string text;
  for (const std::string& part : parts) {
    absl::StrAppend(&text, text.empty() ? "" : " ", part);
  }
  return text;
}

void ExpectPrediction(const LoaderRow& row) {
  TestTarget target(SharedKey(row.algorithm));
  if (row.rules) row.rules(target.rules);
  ImageParts parts = MakeParts(target, TestPayload(301), {});
  LoaderCase one{target, parts};
  if (row.before) row.before(one);
  SignAgain(target, parts);
  if (row.after) row.after(one);
  std::string image = Join(parts);
  if (row.bytes) row.bytes(image);
  EXPECT_EQ(Summary(PredictMcuboot(target.rules, AsBytes(image))),
            row.expected);
}

void Protect(LoaderCase& one, const std::vector<RawTlv>& tlvs) {
  one.parts.protected_area = Area(kProtectedMagic, tlvs);
}

}  // namespace bootseal::tests
