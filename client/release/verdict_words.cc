#include "client/release/verdict_words.h"

#include <string>

#include "absl/strings/escaping.h"
#include "base/status.h"
#include "client/cli/text.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/dsse.h"

namespace bootseal::release {
namespace {

using image::host::ReleaseVerdict;

constexpr std::int64_t kMilliseconds = 1000;

std::string NotAfter(const ReleaseVerdict& verdict) {
  return cli::FormatUnixMilliseconds(verdict.not_after * kMilliseconds);
}

}  // namespace

bool LooksLikeVerdict(absl::string_view envelope) {
  const auto opened = image::host::ReadEnvelope(envelope);
  return opened.ok() && image::host::IsVerdict(opened->payload);
}

absl::StatusOr<ReleaseVerdict> ReadUnprovenVerdict(absl::string_view envelope) {
  ASSIGN_OR_RETURN(const auto opened, image::host::ReadEnvelope(envelope));
  return image::host::ReadVerdict(opened.payload);
}

Rows VerdictRows(const ReleaseVerdict& verdict) {
  return {{"verdict", std::string(image::host::NameOf(verdict.end))},
          {"product", cli::Printable(verdict.product)},
          {"target", cli::Printable(verdict.target)},
          {"version", image::host::FormatVersion(verdict.version)},
          {"release", absl::BytesToHexString(verdict.release_sha256)},
          {"not after", NotAfter(verdict)}};
}

cli::JsonObject VerdictJson(const ReleaseVerdict& verdict) {
  using cli::Json;
  cli::JsonObject json;
  json.Add("verdict", Json::Text(image::host::NameOf(verdict.end)))
      .Add("product", Json::Text(verdict.product))
      .Add("target", Json::Text(verdict.target))
      .Add("version", Json::Text(image::host::FormatVersion(verdict.version)))
      .Add("release_sha256", Json::Hex(verdict.release_sha256))
      .Add("not_after", Json::Text(NotAfter(verdict)));
  return json;
}

}  // namespace bootseal::release
