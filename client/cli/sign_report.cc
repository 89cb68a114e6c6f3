#include "client/cli/sign_report.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "client/cli/json.h"
#include "client/cli/text.h"
#include "firmware/image/transparency/note.h"

namespace bootseal::cli {
namespace {

std::uint64_t IndexOf(const std::string& receipt) {
  return image::transparency::ParseProofFile(receipt)->index;
}

std::string FormatJson(const WrittenRelease& written) {
  const v1::SignHeader& header = written.order.header;
  const v1::SignReply& reply = written.release.reply;
  std::vector<Json> warnings;
  for (const std::string& warning : written.warnings) {
    warnings.push_back(Json::Text(warning));
  }
  JsonObject json;
  json.Add("target", Json::Text(header.target()))
      .Add("version", Json::Text(header.version()));
  if (!written.image.empty()) {
    json.Add("image", Json::Text(written.image))
        .Add("image_bytes", Json::Number(written.release.image.bytes.size()));
  }
  if (!written.signature.empty()) {
    json.Add("signature", Json::Text(written.signature));
  }
  json.Add("encrypted", Json::Truth(header.encrypted()))
      .Add("payload_sha256", Json::Hex(written.order.payload_sha256))
      .Add("key", Json::Text(reply.profile().target().key()))
      .Add("request_id", Json::Text(header.request_id()))
      .Add("replayed", Json::Truth(reply.replayed()))
      .Add("log_index", Json::Number(IndexOf(reply.receipt())))
      .Add("log_size", Json::Number(written.release.checkpoint.size))
      .Add("warnings", Json::Array(warnings));
  if (!written.receipt.empty()) {
    json.Add("receipt", Json::Text(written.receipt));
  }
  return json.Build().text() + "\n";
}

std::string FormatText(const WrittenRelease& written) {
  const v1::SignHeader& header = written.order.header;
  const v1::SignReply& reply = written.release.reply;
  std::vector<std::vector<std::string>> rows;
  if (!written.image.empty()) {
    rows.push_back(
        {"image", absl::StrCat(Printable(written.image), " (",
                               written.release.image.bytes.size(), " bytes, ",
                               header.encrypted() ? "bootable once decrypted"
                                                  : "bootable",
                               ")")});
  }
  if (!written.signature.empty()) {
    rows.push_back({"signature", Printable(written.signature)});
  }
  const std::vector<std::vector<std::string>> rest = {
      {"target", absl::StrCat(header.target(), " ", header.version(), ", key ",
                              Printable(reply.profile().target().key()))},
      {"payload", absl::StrCat("sha256 ", absl::BytesToHexString(
                                              written.order.payload_sha256))},
      {"log",
       absl::StrCat("entry ", IndexOf(reply.receipt()), " of ",
                    written.release.checkpoint.size,
                    reply.replayed() ? ", recorded by an earlier call" : "")},
  };
  rows.insert(rows.end(), rest.begin(), rest.end());
  return FormatTable(rows);
}

}  // namespace

std::string FormatRelease(const WrittenRelease& written, Format format) {
  return format == Format::kJson ? FormatJson(written) : FormatText(written);
}

}  // namespace bootseal::cli
