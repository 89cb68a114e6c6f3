#include "client/release/readers.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "client/cli/exit_status.h"
#include "server/trust/metadata_reader.h"

namespace bootseal::release {

using cli::Json;
using image::host::MetadataReader;

absl::StatusOr<std::vector<MetadataReader>> ParseReaders(
    const std::vector<std::string>& names) {
  std::vector<MetadataReader> readers;
  for (const std::string& name : names) {
    const auto reader = image::host::ParseReader(name);
    if (!reader) {
      std::vector<std::string> known;
      for (const MetadataReader each : image::host::AllReaders()) {
        known.push_back(image::host::NameOf(each));
      }
      return cli::UsageError(
          "READER_UNKNOWN",
          absl::StrCat("no reader named \"", absl::Utf8SafeCEscape(name),
                       "\"; there are: ", absl::StrJoin(known, ", ")));
    }
    readers.push_back(*reader);
  }
  return readers;
}

absl::StatusOr<std::vector<MetadataReader>> ReadersOf(
    const v1::ReleaseFormat& format) {
  std::vector<MetadataReader> readers;
  for (const int reader : format.readers()) {
    const auto known = trust::ToImage(static_cast<v1::MetadataReader>(reader));
    if (!known) {
      return base::Invalid("PROFILE_INVALID", "readers",
                           absl::StrCat("reader ", reader,
                                        " of the target is unknown to this "
                                        "version; use a newer one"));
    }
    readers.push_back(*known);
  }
  return readers;
}

std::vector<Reading> TryReaders(const std::vector<MetadataReader>& readers,
                                const FoundMetadata& found) {
  std::vector<Reading> readings;
  for (const MetadataReader reader : readers) {
    readings.push_back(
        {reader, image::host::CheckReadableBy(reader, found.metadata,
                                              found.vendor_data.size())});
  }
  return readings;
}

absl::Status CheckAllRead(const std::vector<Reading>& readings) {
  for (const Reading& reading : readings) RETURN_IF_ERROR(reading.status);
  return absl::OkStatus();
}

absl::Status CheckOneReads(const std::vector<Reading>& readings) {
  const bool one =
      std::any_of(readings.begin(), readings.end(),
                  [](const Reading& reading) { return reading.status.ok(); });
  if (one) return absl::OkStatus();
  return base::Precondition("METADATA_UNREADABLE",
                            "no reader takes this metadata");
}

Rows ReadingRows(const std::vector<Reading>& readings) {
  Rows rows{{"READER", "READS", "WHY NOT"}};
  for (const Reading& reading : readings) {
    rows.push_back({image::host::NameOf(reading.reader),
                    reading.status.ok() ? "yes" : "no",
                    std::string(reading.status.message())});
  }
  return rows;
}

Json ReadingJson(const std::vector<Reading>& readings) {
  std::vector<Json> rows;
  for (const Reading& reading : readings) {
    rows.push_back(
        cli::JsonObject()
            .Add("reader", Json::Text(image::host::NameOf(reading.reader)))
            .Add("reads", Json::Truth(reading.status.ok()))
            .Add("reason", reading.status.ok()
                               ? Json::Null()
                               : Json::Text(reading.status.message()))
            .Build());
  }
  return Json::Array(rows);
}

}  // namespace bootseal::release
