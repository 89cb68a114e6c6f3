#include "client/cli/whole_explanation.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/plain_variant.h"

namespace bootseal::cli {
namespace {

using image::host::Explanation;
using image::host::Finding;
using image::host::Outcome;

Finding NothingComesOut(const absl::Status& status) {
  return {.code = image::Error::kDecompression,
          .outcome = Outcome::kFail,
          .rule = "once decompressed: there is an image",
          .detail =
              absl::StrCat(status.message(), " (", base::ReasonOf(status), ")"),
          .demanded_by = "MCUBOOT_DECOMPRESS_IMAGES",
          .fix =
              "compress and sign the payload anew with bootseal sign "
              "--compress"};
}

}  // namespace

Explanation ExplainWhole(const image::mcuboot::Rules& rules, image::Bytes image,
                         const image::host::Additions& additions) {
  Explanation whole = image::host::Explain(rules, image, additions);
  if (!whole.bootable()) return whole;
  const auto plain = image::host::PlainVariantOf(rules, image);
  if (!plain.ok()) {
    whole.findings.push_back(NothingComesOut(plain.status()));
    whole.verdict = image::Error::kDecompression;
    return whole;
  }
  if (!plain->has_value()) return whole;
  Explanation inner =
      image::host::Explain(image::host::WithoutReceipt(rules),
                           image::host::AsBytes(**plain), additions);
  whole.verdict = inner.verdict;
  for (Finding& finding : inner.findings) {
    finding.rule = absl::StrCat("once decompressed: ", finding.rule);
    whole.findings.push_back(std::move(finding));
  }
  return whole;
}

}  // namespace bootseal::cli
