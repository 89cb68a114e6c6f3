// Packages byte for byte as Debian's fiptool makes them, and the other way
// round.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/fip_package.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using namespace image::host;
namespace fip = image::fip;
namespace uuids = image::fip::uuids;

constexpr char kOther[] = "00112233-4455-6677-8899-aabbccddeeff";
constexpr char kAnother[] = "ffeeddcc-bbaa-9988-7766-554433221100";

std::string Slurp(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

const FipName* GeneralName(const fip::Uuid& uuid) {
  for (const FipName& name : GeneralFipNames()) {
    if (name.uuid == uuid) return &name;
  }
  return nullptr;
}

class Fiptool {
 public:
  std::string path(const std::string& name) const { return folder_.File(name); }

  std::string Put(const std::string& name, const std::string& content) const {
    std::ofstream(path(name), std::ios::binary) << content;
    return path(name);
  }
  Outcome Tool(std::vector<std::string> words) const {
    words.insert(words.begin(), "fiptool");
    return Run(words);
  }
  // With --option FILE or --blob for each image; the package that results.
  std::string Make(const std::string& verb, const FipPackage& package,
                   std::vector<std::string> words = {}) const {
    words.insert(words.begin(), verb);
    for (const FipImage& image : package.images) {
      const std::string file = Put(FipFileName(image.uuid), image.content);
      if (const FipName* name = GeneralName(image.uuid)) {
        words.push_back(absl::StrCat("--", name->option));
        words.push_back(file);
      } else {
        words.push_back("--blob");
        words.push_back(absl::StrCat(
            "uuid=", absl::AsciiStrToLower(FormatFipUuid(image.uuid)),
            ",file=", file));
      }
    }
    words.push_back(path("package.fip"));
    const Outcome outcome = Tool(words);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
    return Slurp(path("package.fip"));
  }

 private:
  TemporaryFolder folder_;
};

FipPackage Stm32Package() {
  FipPackage package;
  std::size_t size = 100;
  for (const auto& uuid :
       {uuids::kNtFw, uuids::kTosFwExtra1, uuids::kTosFw, uuids::kFwConfig,
        uuids::kHwConfig, uuids::kTosFwKeyCertificate, uuids::kNtFwCertificate,
        uuids::kTrustedKeyCertificate, uuids::kNtFwKeyCertificate,
        uuids::kTosFwCertificate, uuids::kConfigCertificate}) {
    package.images.push_back(
        {uuid, std::string(size, static_cast<char>('a' + size % 26))});
    size = size * 3 % 5000 + 1;
  }
  return package;
}

TEST(FipOfFiptool, IsMadeByteForByte) {
  const Fiptool fiptool;
  const FipPackage package = Stm32Package();
  EXPECT_EQ(*WriteFip(package), fiptool.Make("create", package));
  for (const char* align : {"1", "2", "16", "512", "0x1000"}) {
    EXPECT_EQ(*WriteFip(package, std::stoul(align, nullptr, 0)),
              fiptool.Make("create", package, {"--align", align}))
        << align;
  }
}

TEST(FipOfFiptool, OfEveryImageItKnowsIsMadeByteForByte) {
  const Fiptool fiptool;
  FipPackage package;
  for (const FipName& name : FipNames()) {
    // Backwards, but for the two that Debian's tool takes as they are given.
    const bool debian_knows = GeneralName(name.uuid) != nullptr;
    package.images.insert(
        debian_knows ? package.images.begin() : package.images.end(),
        {name.uuid, std::string("content of ") + name.option});
  }
  EXPECT_EQ(*WriteFip(package, 8),
            fiptool.Make("create", package, {"--align", "8"}));
}

TEST(FipOfFiptool, WithFlagsBlobsAndEmptyImagesIsMadeByteForByte) {
  const Fiptool fiptool;
  FipPackage package = Stm32Package();
  package.platform_flags = 0xbeef;
  package.images.insert(package.images.begin(),
                        {*ParseFipUuid(kOther), "blob"});
  package.images.push_back({*ParseFipUuid(kAnother), "another"});
  package.images.push_back({uuids::kTosFwExtra2, ""});
  package.images.push_back({uuids::kTosFwConfig, ""});
  EXPECT_EQ(*WriteFip(package, 64),
            fiptool.Make("create", package,
                         {"--align", "64", "--plat-toc-flags", "beef"}));
}

TEST(FipOfFiptool, WithoutAnyImageIsMadeByteForByte) {
  const Fiptool fiptool;
  EXPECT_EQ(*WriteFip({}), fiptool.Make("create", {}));
  EXPECT_EQ(*WriteFip({}, 4096), fiptool.Make("create", {}, {"--align=4096"}));
}

TEST(FipOfFiptool, OfRandomImagesIsMadeByteForByte) {
  const Fiptool fiptool;
  std::mt19937 random(6);
  for (int round = 0; round < 20; ++round) {
    FipPackage package;
    for (const FipName& name : FipNames().first(FipNames().size() - 2)) {
      if (random() % 4 != 0) continue;
      package.images.push_back(
          {name.uuid,
           std::string(random() % 700, static_cast<char>(random()))});
    }
    const unsigned align = 1u << random() % 10;
    EXPECT_EQ(
        *WriteFip(package, align),
        fiptool.Make("create", package, {"--align", std::to_string(align)}));
  }
}

TEST(FipOfFiptool, IsUpdatedByteForByte) {
  const Fiptool fiptool;
  FipPackage package = Stm32Package();
  package.platform_flags = 3;
  package.images.push_back({*ParseFipUuid(kOther), "blob"});
  ASSERT_EQ(*WriteFip(package),
            fiptool.Make("create", package, {"--plat-toc-flags", "3"}));
  FipPackage changes;
  changes.images = {{uuids::kNtFw, "new, and shorter"},
                    {uuids::kNtFwConfig, "added"},
                    {*ParseFipUuid(kAnother), "another"},
                    {*ParseFipUuid(kOther), "blob, changed"}};
  const auto read = ReadFip(Slurp(fiptool.path("package.fip")));
  ASSERT_TRUE(read.ok()) << read.status();
  const FipPackage updated = UpdatedFip(*read, changes.images);
  EXPECT_EQ(*WriteFip(updated), fiptool.Make("update", changes));
  EXPECT_EQ(updated.platform_flags, 3);
}

TEST(FipOfFiptool,
     WithoutTheCertificateThatDebianDoesNotKnowIsUpdatedByteForByte) {
  const Fiptool fiptool;
  FipPackage package = Stm32Package();
  package.images.pop_back();
  package.images.push_back({*ParseFipUuid(kOther), "blob"});
  fiptool.Make("create", package, {"--plat-toc-flags", "3"});
  FipPackage changes;
  changes.images = {{uuids::kNtFw, "new, and shorter"},
                    {uuids::kHwConfig, ""},
                    {*ParseFipUuid(kAnother), "another"}};
  const FipPackage updated =
      UpdatedFip(*ReadFip(Slurp(fiptool.path("package.fip"))), changes.images);
  EXPECT_EQ(*WriteFip(updated, 32),
            fiptool.Make("update", changes, {"--align", "32"}));
}

TEST(FipOfFiptool, LosesAnImageByteForByte) {
  const Fiptool fiptool;
  const FipPackage package = Stm32Package();
  const std::string bytes = fiptool.Make("create", package);
  ASSERT_EQ(fiptool
                .Tool({"remove", "--align", "16", "--tos-fw-extra1",
                       fiptool.path("package.fip")})
                .exit_code,
            0);
  const auto less = WithoutFipImage(*ReadFip(bytes), uuids::kTosFwExtra1);
  ASSERT_TRUE(less.ok()) << less.status();
  EXPECT_EQ(*WriteFip(*less, 16), Slurp(fiptool.path("package.fip")));
  EXPECT_EQ(
      base::ReasonOf(WithoutFipImage(*less, uuids::kTosFwExtra1).status()),
      "FIP_NO_ENTRY");
}

TEST(FipOfFiptool, IsUnpackedByTheToolAsWeMadeIt) {
  const Fiptool fiptool;
  FipPackage package = Stm32Package();
  package.images.push_back({*ParseFipUuid(kOther), "blob"});
  const std::string path = fiptool.Put("ours.fip", *WriteFip(package, 4096));
  ASSERT_EQ(fiptool.Tool({"unpack", "--out", fiptool.path(""), "--force", path})
                .exit_code,
            0);
  for (const FipImage& image : package.images) {
    const std::string file = FipFileName(image.uuid);
    EXPECT_EQ(Slurp(fiptool.path(file)), image.content) << file;
  }
}

TEST(FipOfFiptool, IsDescribedAsTheToolDescribesIt) {
  const Fiptool fiptool;
  const std::string bytes = fiptool.Make("create", Stm32Package());
  const Outcome outcome = fiptool.Tool({"info", fiptool.path("package.fip")});
  const auto entries = ListFip(bytes);
  ASSERT_TRUE(entries.ok());
  EXPECT_EQ(outcome.out, FormatFipEntries(*entries, FipDigests::kLeftOut));
  const Outcome verbose =
      fiptool.Tool({"--verbose", "info", fiptool.path("package.fip")});
  EXPECT_EQ(verbose.out, FormatFipEntries(*entries, FipDigests::kShown));
}

std::string WriteError(const FipPackage& package, std::uint64_t align = 1) {
  return base::ReasonOf(WriteFip(package, align).status());
}

TEST(FipPackage, IsRefusedWithAnotherAlignmentThanAPowerOfTwo) {
  for (const std::uint64_t align :
       {std::uint64_t{0}, std::uint64_t{3}, std::uint64_t{4095},
        std::uint64_t{1} << 31, ~std::uint64_t{0}}) {
    EXPECT_EQ(WriteError(Stm32Package(), align), "ALIGNMENT") << align;
  }
}

TEST(FipPackage, IsRefusedWithAnImageTwice) {
  FipPackage package = Stm32Package();
  package.images.push_back(package.images[2]);
  EXPECT_EQ(WriteError(package), "DUPLICATE_IMAGE");
}

TEST(FipPackage, IsRefusedWithMoreImagesThanAreRead) {
  FipPackage package;
  for (std::uint32_t i = 1; i <= fip::kMaxEntries + 1; ++i) {
    package.images.push_back({fip::MakeUuid(i, 0, 0, 0, 0), "x"});
  }
  EXPECT_EQ(WriteError(package), "TOO_MANY_IMAGES");
  package.images.pop_back();
  EXPECT_EQ(WriteError(package), "");
}

TEST(FipPackage, OfOtherBytesIsNotRead) {
  const auto error = [](const std::string& bytes) {
    return base::ReasonOf(ReadFip(bytes).status());
  };
  EXPECT_EQ(error(""), "TRUNCATED");
  EXPECT_EQ(error(std::string(100, 'x')), "FIP_NAME");
  const std::string bytes = *WriteFip(Stm32Package());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_NE(error(bytes.substr(0, size)), "") << size;
  }
  EXPECT_EQ(error(bytes.substr(0, bytes.size() - 1)), "FIP_TERMINATOR");
  EXPECT_EQ(error(bytes + std::string(512, '\xff')), "");
}

TEST(FipUuid, IsReadAndWrittenInPrintedOrder) {
  EXPECT_EQ(*ParseFipUuid("05d0e189-53dc-1347-8d2b-500a4b7a3e38"),
            uuids::kTosFw);
  EXPECT_EQ(FormatFipUuid(uuids::kTosFw),
            "05D0E189-53DC-1347-8D2B-500A4B7A3E38");
  for (const char* text : {"", "05d0e189", "05d0e18953dc13478d2b500a4b7a3e38",
                           "05d0e189-53dc-1347-8d2b-500a4b7a3e3g",
                           "05d0e189-53dc-1347-8d2b-500a4b7a3e380",
                           "00000000-0000-0000-0000-000000000000"}) {
    EXPECT_FALSE(ParseFipUuid(text).has_value()) << text;
  }
}

TEST(FipName, BelongsToOneImage) {
  for (const FipName& a : FipNames()) {
    EXPECT_EQ(FindFipName(a.uuid), &a) << a.option;
    EXPECT_EQ(FindFipName(absl::string_view(a.option)), &a) << a.option;
  }
  EXPECT_EQ(FindFipName(absl::string_view("tos")), nullptr);
  EXPECT_EQ(FindFipName(fip::Uuid()), nullptr);
}

}  // namespace
}  // namespace bootseal::tests
