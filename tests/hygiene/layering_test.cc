// Who may include whom: the table of DESIGN, held by reading every #include.
#include <gtest/gtest.h>

#include <ostream>
#include <regex>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/hygiene/source_tree.h"

namespace bootseal::tests {
namespace {

struct Layer {
  std::string folder;
  std::vector<std::string> may_include;  // beside itself
};

// Longest matching folder wins.
const std::vector<Layer>& Layers() {
  static const auto* layers = new std::vector<Layer>{
      {"base", {}},
      {"firmware/image", {}},
      {"firmware/image/host", {"base", "firmware/image"}},
      {"firmware/boot", {"firmware"}},
      {"firmware/crypto", {"firmware"}},
      {"firmware/arch", {"firmware"}},
      {"firmware/boards", {"firmware"}},
      {"firmware/upgrade", {"firmware"}},
      {"firmware/second_stage", {"firmware"}},
      {"hsm", {"base"}},
      {"server/trust", {"base", "proto", "firmware/image"}},
      {"server/edge", {"base"}},
      {"server", {"hsm", "base", "proto", "firmware/image"}},
      {"client", {"server/trust", "hsm", "base", "proto", "firmware/image"}},
      {"client/bootloader",
       {"client/cli", "client/tfm", "server/trust", "base", "proto",
        "firmware/image"}},
      {"client/package",
       {"client/cli", "client/release", "server/trust", "base", "proto",
        "firmware/image"}},
      {"client/review",
       {"client/cli", "server/trust", "base", "proto", "firmware/image"}},
      {"client/fwu", {"base", "firmware/image"}},
      {"client/token", {"base"}},
      {"client/login", {"client/cli", "base", "firmware/image"}},
      {"client/tfm", {"client/cli", "client/imgtool", "base"}},
      {"client/tiles", {"client/cli", "base", "firmware/image"}},
      {"client/witness", {"client/cli", "hsm", "base", "firmware/image"}},
      {"deploy/pages", {"client", "hsm", "server"}},
      {"tests",
       {"base", "proto", "firmware", "hsm", "server", "client", "deploy", "tests"}},
  };
  return *layers;
}

bool Below(const std::string& path, const std::string& folder) {
  return absl::StartsWith(path, absl::StrCat(folder, "/"));
}

const Layer* LayerOf(const std::string& path) {
  const Layer* found = nullptr;
  for (const Layer& layer : Layers()) {
    if (!Below(path, layer.folder)) continue;
    if (!found || layer.folder.size() > found->folder.size()) found = &layer;
  }
  return found;
}

// Generated headers are included as bootseal/v1/... and google/rpc/....
std::string Resolved(const std::string& include) {
  if (absl::StartsWith(include, "bootseal/v1/") ||
      absl::StartsWith(include, "google/rpc/")) {
    return absl::StrCat("proto/", include);
  }
  return include;
}

// A device may not see what hosts add to firmware/image.
bool Allowed(const Layer& from, const std::string& target) {
  const bool host_part = Below(target, "firmware/image/host");
  if (host_part && absl::StartsWith(from.folder, "firmware/") &&
      from.folder != "firmware/image/host") {
    return false;
  }
  if (const Layer* to = LayerOf(target); to == &from) return true;
  for (const std::string& folder : from.may_include) {
    if (Below(target, folder)) return true;
  }
  return Below(target, from.folder) && !host_part;
}

std::vector<std::string> Violations(const std::vector<SourceFile>& files) {
  static const std::regex kInclude("^\\s*#\\s*include\\s+\"([^\"]+)\"");
  std::vector<std::string> violations;
  for (const SourceFile& file : files) {
    const Layer* from = LayerOf(file.path);
    if (!from) continue;
    for (const std::string& line : file.lines) {
      std::smatch match;
      if (!std::regex_search(line, match, kInclude)) continue;
      const std::string target = Resolved(match[1]);
      // Third-party headers have no layer.
      if (!LayerOf(target) && !Below(target, "proto")) continue;
      if (Allowed(*from, target)) continue;
      violations.push_back(absl::StrCat(file.path, " includes ", target));
    }
  }
  return violations;
}

TEST(Layering, HoldsForEveryInclude) {
  EXPECT_EQ(absl::StrJoin(Violations(CodeFiles()), "\n"), "");
}

TEST(Layering, ReadsEnoughFilesToMeanSomething) {
  EXPECT_GT(CodeFiles().size(), 50U);
}

struct Forbidden {
  std::string file;
  std::string include;
};
void PrintTo(const Forbidden& forbidden, std::ostream* out) {
  *out << forbidden.file << " -> " << forbidden.include;
}

class LayeringForbids : public testing::TestWithParam<Forbidden> {};

TEST_P(LayeringForbids, TheInclude) {
  const SourceFile file{
      GetParam().file, {absl::StrCat("#include \"", GetParam().include, "\"")}};
  EXPECT_EQ(Violations({file}).size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(
    Examples, LayeringForbids,
    testing::Values(
        Forbidden{"firmware/image/result.cc", "base/status.h"},
        Forbidden{"firmware/image/result.cc", "firmware/image/host/convert.h"},
        Forbidden{"firmware/boot/boot.cc", "firmware/image/host/convert.h"},
        Forbidden{"firmware/boot/boot.cc", "base/log.h"},
        Forbidden{"firmware/second_stage/bank.cc", "base/log.h"},
        Forbidden{"firmware/second_stage/package.cc",
                  "firmware/image/host/fip_package.h"},
        Forbidden{"base/file.cc", "hsm/signer.h"},
        Forbidden{"hsm/signer.cc", "firmware/image/bytes.h"},
        Forbidden{"hsm/signer.cc", "bootseal/v1/keys.pb.h"},
        Forbidden{"server/edge/session.cc", "server/call.h"},
        Forbidden{"server/trust/policy.cc", "hsm/permit.h"},
        Forbidden{"server/trust/policy.cc", "server/audit/log.h"},
        Forbidden{"server/app.cc", "client/cli/sign.h"},
        Forbidden{"client/cli/sign.cc", "server/audit/log.h"},
        Forbidden{"client/login/store.cc", "bootseal/v1/signing.pb.h"},
        Forbidden{"client/fwu/main.cc", "bootseal/v1/audit.pb.h"},
        Forbidden{"client/tfm/layout.cc", "bootseal/v1/policy.pb.h"},
        Forbidden{"client/tfm/layout.cc", "server/trust/format.h"},
        Forbidden{"client/bootloader/build.cc", "hsm/signer.h"},
        Forbidden{"client/bootloader/build.cc", "client/imgtool/sign.h"},
        Forbidden{"client/package/chip.cc", "client/imgtool/sign.h"},
        Forbidden{"client/package/chip.cc", "hsm/signer.h"},
        Forbidden{"client/review/review.cc", "hsm/signer.h"},
        Forbidden{"client/review/review.cc", "client/imgtool/sign.h"},
        Forbidden{"client/tiles/folder_reader.cc", "bootseal/v1/audit.pb.h"},
        Forbidden{"client/tiles/folder_reader.cc", "hsm/signer.h"},
        Forbidden{"client/witness/witness.cc", "bootseal/v1/audit.pb.h"},
        Forbidden{"client/witness/witness.cc", "server/audit/tree.h"},
        Forbidden{"server/witnesses/witnesses.cc", "client/witness/witness.h"},
        Forbidden{"server/app.cc", "tests/support/pki.h"}));

}  // namespace
}  // namespace bootseal::tests
