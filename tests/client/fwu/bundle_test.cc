#include "client/fwu/bundle.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "tests/client/fwu/test_release.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::fwu {
namespace {

using tests::StatusIs;
using Code = absl::StatusCode;

const TestRelease& Small() {
  static const auto* release =
      new TestRelease(MakeRelease({.images = 2, .image_bytes = 700}));
  return *release;
}

absl::Status ReadAll(absl::string_view tar) {
  auto bundle = Bundle::Open(FromMemory(tar), TestTrust());
  if (!bundle.ok()) return bundle.status();
  return bundle->ReadImages([](std::size_t, std::uint64_t, image::Bytes) {
    return absl::OkStatus();
  });
}

struct Member {
  std::string path;
  std::string content;
  std::string link;  // not empty: a symbolic link
  std::string hard;  // not empty: a hard link
};

std::vector<Member> MembersOf(const TestRelease& release) {
  std::vector<Member> members{
      {"manifest.json", release.head.envelope, "", ""},
      {"receipt.txt", release.head.receipt, "", ""},
      {"metadata.bin", release.manifest.metadata, "", ""}};
  for (std::size_t i = 0; i < release.images.size(); ++i) {
    members.push_back({absl::StrCat("images/", release.manifest.images[i].name),
                       release.images[i], "", ""});
  }
  return members;
}

// Anything at all, as some other tar makes it.
std::string Tar(const std::vector<Member>& members,
                int (*format)(struct archive*) = archive_write_set_format_ustar,
                int filler = 1) {
  std::string buffer(4 << 20, '\0');
  std::size_t used = 0;
  struct archive* tar = archive_write_new();
  format(tar);
  archive_write_set_bytes_in_last_block(tar, filler);
  archive_write_open_memory(tar, buffer.data(), buffer.size(), &used);
  for (const Member& member : members) {
    struct archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, member.path.c_str());
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    if (!member.link.empty()) {
      archive_entry_set_filetype(entry, AE_IFLNK);
      archive_entry_set_symlink(entry, member.link.c_str());
    }
    if (!member.hard.empty()) {
      archive_entry_set_hardlink(entry, member.hard.c_str());
    }
    archive_entry_set_size(entry,
                           static_cast<la_int64_t>(member.content.size()));
    EXPECT_EQ(archive_write_header(tar, entry), ARCHIVE_OK);
    archive_write_data(tar, member.content.data(), member.content.size());
    archive_entry_free(entry);
  }
  archive_write_close(tar);
  archive_write_free(tar);
  buffer.resize(used);
  return buffer;
}

TEST(Bundle, GivesEveryImageInOrder) {
  Bundle bundle = OpenTestBundle(Small());
  std::vector<std::string> images(2);
  ASSERT_OK(bundle.ReadImages(
      [&](std::size_t image, std::uint64_t offset, image::Bytes bytes) {
        EXPECT_EQ(images[image].size(), offset);
        images[image].append(reinterpret_cast<const char*>(bytes.data()),
                             bytes.size());
        return absl::OkStatus();
      }));
  EXPECT_EQ(images, Small().images);
  EXPECT_EQ(bundle.manifest().product, kProduct);
}

TEST(Bundle, IsTheSameBytesForTheSameRelease) {
  EXPECT_EQ(TarOf(Small()), Small().bundle);
}

TEST(Bundle, IsWhatGnuTarReadsAndMakes) {
  const tests::TemporaryFolder folder;
  const BundleParts parts{
      Small().head,
      Small().manifest.metadata,
      {{"fip", std::shared_ptr<ByteSource>(FromMemory(Small().images[0]))},
       {"image-1",
        std::shared_ptr<ByteSource>(FromMemory(Small().images[1]))}}};
  ASSERT_OK(WriteBundleFile(parts, folder.File("a.tar")));
  ASSERT_EQ(
      tests::Run({"tar", "-xf", folder.File("a.tar"), "-C", folder.path()})
          .exit_code,
      0);
  ASSERT_EQ(tests::Run({"tar", "-cf", folder.File("b.tar"), "-C", folder.path(),
                        "manifest.json", "receipt.txt", "metadata.bin",
                        "images/fip", "images/image-1"})
                .exit_code,
            0);
  const auto made = base::ReadFile(folder.File("b.tar"), 1 << 20);
  ASSERT_OK(made);
  EXPECT_OK(ReadAll(*made));
  auto source = FromFile(folder.File("a.tar"));
  ASSERT_OK(source);
  EXPECT_OK(Bundle::Open(*std::move(source), TestTrust()));
}

TEST(Bundle, CutAtEachByteIsTruncated) {
  const std::string& whole = Small().bundle;
  ASSERT_OK(ReadAll(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    ASSERT_THAT(ReadAll(absl::string_view(whole).substr(0, size)),
                StatusIs(Code::kInvalidArgument, "BUNDLE_TRUNCATED"))
        << size;
  }
}

TEST(Bundle, WithAnyByteChangedIsRefusedOrSaysTheSame) {
  std::string tar = Small().bundle;
  std::size_t refused = 0;
  for (std::size_t i = 0; i < tar.size(); ++i) {
    tar[i] ^= 0x20;
    const absl::Status status = ReadAll(tar);
    if (!status.ok()) {
      ++refused;
      ASSERT_NE(base::ReasonOf(status), "") << i << " " << status;
    }
    tar[i] ^= 0x20;
  }
  // All but padding that nobody reads.
  EXPECT_GT(refused, tar.size() / 2);
}

TEST(Bundle, LeadingOutsideIsRefused) {
  for (const char* path : {"/manifest.json", "../manifest.json",
                           "images/../../etc/passwd", ".."}) {
    auto members = MembersOf(Small());
    members[0].path = path;
    EXPECT_THAT(ReadAll(Tar(members)),
                StatusIs(Code::kInvalidArgument, "BUNDLE_PATH"))
        << path;
  }
}

TEST(Bundle, WithALinkIsRefused) {
  auto members = MembersOf(Small());
  members[3] = {"images/fip", "", "/etc/passwd", ""};
  EXPECT_THAT(ReadAll(Tar(members)),
              StatusIs(Code::kInvalidArgument, "BUNDLE_LINK"));
  members[3] = {"images/fip", "", "", "manifest.json"};
  EXPECT_THAT(ReadAll(Tar(members)),
              StatusIs(Code::kInvalidArgument, "BUNDLE_LINK"));
}

TEST(Bundle, LackingAMemberIsRefused) {
  const auto members = MembersOf(Small());
  for (std::size_t i = 0; i < members.size(); ++i) {
    auto fewer = members;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_THAT(ReadAll(Tar(fewer)),
                StatusIs(Code::kInvalidArgument, "BUNDLE_MEMBER_MISSING"))
        << i;
  }
}

TEST(Bundle, WithAMemberTwiceIsRefused) {
  const auto members = MembersOf(Small());
  for (std::size_t i = 0; i < members.size(); ++i) {
    auto more = members;
    more.insert(more.begin() + static_cast<std::ptrdiff_t>(i), members[i]);
    EXPECT_THAT(ReadAll(Tar(more)),
                StatusIs(Code::kInvalidArgument, "BUNDLE_DUPLICATE"))
        << i;
  }
}

TEST(Bundle, WithAnUnknownMemberIsRefused) {
  const auto members = MembersOf(Small());
  for (std::size_t i = 0; i <= members.size(); ++i) {
    auto more = members;
    more.insert(more.begin() + static_cast<std::ptrdiff_t>(i),
                {"run.sh", "echo", "", ""});
    EXPECT_THAT(ReadAll(Tar(more)),
                StatusIs(Code::kInvalidArgument, "BUNDLE_MEMBER_UNKNOWN"))
        << i;
  }
}

TEST(Bundle, WithSwappedImagesIsRefused) {
  auto members = MembersOf(Small());
  std::swap(members[3].content, members[4].content);
  EXPECT_THAT(ReadAll(Tar(members)),
              StatusIs(Code::kPermissionDenied, "IMAGE_DIGEST"));
  members = MembersOf(Small());
  std::swap(members[3], members[4]);
  EXPECT_THAT(ReadAll(Tar(members)),
              StatusIs(Code::kInvalidArgument, "BUNDLE_MEMBER_MISSING"));
}

TEST(Bundle, WithAnImageOfAnotherSizeIsRefused) {
  auto members = MembersOf(Small());
  members[3].content += "x";
  EXPECT_THAT(ReadAll(Tar(members)),
              StatusIs(Code::kInvalidArgument, "BUNDLE_SIZE"));
}

TEST(Bundle, WithAManifestBeyondTheBoundIsNotRead) {
  auto members = MembersOf(Small());
  members[0].content.resize(kMaxManifestBytes + 1);
  members.resize(1);
  std::string tar = Tar(members);
  EXPECT_THAT(ReadAll(tar), StatusIs(Code::kInvalidArgument, "BUNDLE_SIZE"));
}

TEST(Bundle, WithOtherMetadataIsRefused) {
  auto members = MembersOf(Small());
  members[2].content[0] ^= 1;
  EXPECT_THAT(ReadAll(Tar(members)),
              StatusIs(Code::kInvalidArgument, "BUNDLE_METADATA"));
}

TEST(Bundle, WithBytesBehindTheEndIsRefused) {
  EXPECT_THAT(ReadAll(Small().bundle + "x"),
              StatusIs(Code::kInvalidArgument, "BUNDLE_FORMAT"));
  EXPECT_OK(ReadAll(Small().bundle + std::string(9216, '\0')));
}

TEST(Bundle, WithExtensionHeadersIsRefused) {
  auto members = MembersOf(Small());
  members[0].path = std::string(300, 'a') + "/manifest.json";
  EXPECT_FALSE(ReadAll(Tar(members, archive_write_set_format_pax)).ok());
  members[0].path = "manifest.json";
  EXPECT_THAT(ReadAll(Tar(members, archive_write_set_format_cpio_newc)),
              StatusIs(Code::kInvalidArgument, "BUNDLE_FORMAT"));
}

TEST(Bundle, OfAnotherKeyIsRefused) {
  image::host::ReleaseTrust trust = TestTrust();
  trust.public_key.back() = static_cast<char>(trust.public_key.back() ^ 1);
  EXPECT_FALSE(Bundle::Open(FromMemory(Small().bundle), trust).ok());
}

// While one key takes another's place.
TEST(Bundle, OfOneOfSeveralKeysIsOpened) {
  const std::string own = TestTrust().public_key;
  std::string other = own;
  other.back() = static_cast<char>(other.back() ^ 1);
  image::host::ReleaseTrust trust = TestTrust();
  for (const std::string& keys : {own + other, other + own}) {
    trust.public_key = keys;
    EXPECT_OK(Bundle::Open(FromMemory(Small().bundle), trust));
  }
  for (const std::string& keys : {other + other, own.substr(1) + other,
                                  other + own.substr(1), std::string()}) {
    trust.public_key = keys;
    EXPECT_FALSE(Bundle::Open(FromMemory(Small().bundle), trust).ok());
  }
}

TEST(Bundle, WithoutAReceiptIsRefusedWhereOneIsDemanded) {
  image::host::ReleaseTrust trust = TestTrust();
  trust.log_key =
      "log.example+1d9a2e7a+AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB";
  EXPECT_THAT(Bundle::Open(FromMemory(Small().bundle), trust),
              StatusIs(Code::kPermissionDenied, "RECEIPT_MISSING"));
}

TEST(Bundle, ChangedSinceItWasOpenedIsRefused) {
  std::string tar = Small().bundle;
  auto bundle = Bundle::Open(FromMemory(tar), TestTrust());
  ASSERT_OK(bundle);
  auto members =
      MembersOf(MakeRelease({.counter = 9, .images = 2, .image_bytes = 700}));
  tar.replace(0, tar.size(), Tar(members).substr(0, tar.size()));
  EXPECT_THAT(bundle->ReadImages([](std::size_t, std::uint64_t, image::Bytes) {
    return absl::OkStatus();
  }),
              StatusIs(Code::kInvalidArgument, "BUNDLE_CHANGED"));
}

TEST(Bundle, ThatIsNoTarIsRefused) {
  for (const std::string& text :
       {std::string(4096, 'x'), std::string("hello"), std::string()}) {
    const absl::Status status = ReadAll(text);
    EXPECT_EQ(status.code(), Code::kInvalidArgument);
    EXPECT_TRUE(base::ReasonOf(status).starts_with("BUNDLE_")) << status;
  }
}

TEST(BundleFile, DoesNotAppearInPart) {
  const tests::TemporaryFolder folder;
  class Broken final : public ByteSource {
   public:
    std::uint64_t size() const override { return 100; }
    absl::Status ReadAt(std::uint64_t, image::MutableBytes) override {
      return base::Unavailable("FILE_UNREADABLE", "broken");
    }
  };
  const BundleParts parts{
      Small().head, "", {{"fip", std::make_shared<Broken>()}}};
  EXPECT_THAT(WriteBundleFile(parts, folder.File("a.tar")),
              StatusIs(Code::kUnavailable, "FILE_UNREADABLE"));
  EXPECT_FALSE(base::ReadFile(folder.File("a.tar"), 1 << 20).ok());
}

}  // namespace
}  // namespace bootseal::fwu
