#include "client/imgtool/server_key.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "base/file.h"
#include "base/status.h"
#include "client/imgtool/key.h"

namespace bootseal::imgtool {
namespace {

constexpr absl::string_view kPrefix = "bootseal:";
constexpr absl::string_view kBegin = "-----BEGIN ";
constexpr std::size_t kMostBytes = std::size_t{64} * 1024;

absl::Status Refuse(absl::string_view reason, const std::string& path,
                    absl::string_view what) {
  return base::Invalid(reason, "--key",
                       absl::StrCat("key file ", path, " ", what));
}

// Private keys are not read twice, and what can be read only once is left
// alone.
std::string StartOf(const std::string& path) {
  constexpr std::size_t kMost = 24;  // shorter than the first line of PEM
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return {};
  std::string start(kMost, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(start.data(), static_cast<std::streamsize>(start.size()));
  start.resize(static_cast<std::size_t>(file.gcount()));
  return start;
}

// What an editor or another system's shell puts before the first line.
struct Mark {
  absl::string_view bytes;
  absl::string_view name;
};
constexpr std::array<Mark, 3> kMarks{
    {{"\xef\xbb\xbf", "a byte order mark"},
     {"\xff\xfe", "the byte order mark of UTF-16"},
     {"\xfe\xff", "the byte order mark of UTF-16"}}};

// Empty: it is no key file of the server at all.
absl::string_view WhatPrecedes(std::string start) {
  absl::string_view name = "blanks";
  for (const Mark& mark : kMarks) {
    if (!absl::StartsWith(start, mark.bytes)) continue;
    name = mark.name;
    start.erase(0, mark.bytes.size());
  }
  start.erase(std::remove(start.begin(), start.end(), '\0'), start.end());
  const absl::string_view text = absl::StripLeadingAsciiWhitespace(start);
  return absl::StartsWith(text, kPrefix) ? name : "";
}

absl::Status CheckStart(const std::string& path, const std::string& start) {
  const absl::string_view before = WhatPrecedes(start);
  if (before.empty()) return absl::OkStatus();
  return Refuse("KEY_FILE_START", path,
                absl::StrCat("has ", before, " before \"", kPrefix,
                             "\", expected its first line to be "
                             "bootseal:TARGET and nothing else, in UTF-8 "
                             "without byte order mark"));
}

bool IsNamePart(char character) {
  return absl::ascii_isgraph(static_cast<unsigned char>(character));
}

absl::StatusOr<std::string> ReadSigner(const std::string& path,
                                       absl::string_view line) {
  const std::string signer(absl::StripTrailingAsciiWhitespace(line));
  if (!signer.empty() &&
      std::all_of(signer.begin(), signer.end(), IsNamePart)) {
    return signer;
  }
  return Refuse("KEY_FILE_SIGNER", path,
                absl::StrCat("names no target in its first line, which says "
                             "\"",
                             kPrefix, absl::CEscape(signer),
                             "\", expected bootseal:TARGET or "
                             "bootseal:key/NAME"));
}

absl::Status RefuseContent(const std::string& path, absl::string_view line) {
  return Refuse("KEY_FILE_CONTENT", path,
                absl::StrCat("goes on with \"", absl::CEscape(line),
                             "\", expected the public key in PEM that bootseal "
                             "keys show NAME --format pem prints, or nothing"));
}

absl::string_view LineOf(absl::string_view text) {
  constexpr std::size_t kShown = 60;
  return text.substr(0, std::min(text.find_first_of("\r\n"), kShown));
}

// What is left behind the PEM block that `text` starts with.
absl::string_view BehindBlock(absl::string_view text) {
  constexpr absl::string_view kEnd = "-----END ";
  const std::size_t end = text.find(kEnd);
  if (end == absl::string_view::npos) return {};
  const std::size_t line = text.find('\n', end);
  if (line == absl::string_view::npos) return {};
  return absl::StripAsciiWhitespace(text.substr(line));
}

absl::StatusOr<std::string> ReadPublicKey(const std::string& path,
                                          absl::string_view text) {
  if (!absl::StartsWith(text, kBegin)) return RefuseContent(path, LineOf(text));
  if (absl::StrContains(LineOf(text), "PRIVATE KEY")) {
    return Refuse("KEY_FILE_PRIVATE", path,
                  "holds a private key; the one that signs lies in the HSM, "
                  "and its public half alone belongs here");
  }
  if (const absl::string_view rest = BehindBlock(text); !rest.empty()) {
    return RefuseContent(path, LineOf(rest));
  }
  const absl::StatusOr<Key> key = Key::Parse(text, [] {
    return base::Precondition("KEY_INVALID", "an encrypted key");
  });
  if (key.ok()) return key->device_der();
  return Refuse("KEY_FILE_CONTENT", path,
                absl::StrCat("holds no public key that signs images: ",
                             key.status().message()));
}

absl::StatusOr<ServerKey> ReadServerKeyFile(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string content, base::ReadFile(path, kMostBytes));
  absl::string_view text = content;
  absl::ConsumePrefix(&text, kPrefix);
  const std::size_t end = std::min(text.find('\n'), text.size());
  ServerKey key;
  ASSIGN_OR_RETURN(key.signer, ReadSigner(path, text.substr(0, end)));
  text = absl::StripAsciiWhitespace(text.substr(end));
  if (text.empty()) return key;
  ASSIGN_OR_RETURN(key.public_key, ReadPublicKey(path, text));
  return key;
}

}  // namespace

absl::StatusOr<std::optional<ServerKey>> FindServerKey(const std::string& key) {
  if (absl::StartsWith(key, kPrefix)) {
    return ServerKey{key.substr(kPrefix.size()), ""};
  }
  const std::string start = StartOf(key);
  if (!absl::StartsWith(start, kPrefix)) {
    RETURN_IF_ERROR(CheckStart(key, start));
    return std::nullopt;
  }
  ASSIGN_OR_RETURN(ServerKey named, ReadServerKeyFile(key));
  return named;
}

}  // namespace bootseal::imgtool
