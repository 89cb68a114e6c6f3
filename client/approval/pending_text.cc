#include "client/approval/pending_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "client/approval/capsule_words.h"
#include "client/approval/package_words.h"
#include "client/approval/pending_words.h"
#include "client/approval/recompute.h"
#include "client/approval/release_words.h"
#include "client/approval/transcript_words.h"
#include "client/cli/text.h"
#include "client/release/verdict_words.h"

namespace bootseal::approval {
namespace {

using cli::Printable;
using Rows = std::vector<std::vector<std::string>>;

constexpr std::size_t kIdDigits = 12;

std::string Action(const v1::KeyChange& change) {
  return absl::StrCat(
      absl::AsciiStrToLower(v1::KeyAction_Name(change.action())), " ",
      change.key(), change.replaces().empty() ? "" : " in place of ",
      change.replaces());
}

std::string Counted(const Count& count) {
  return absl::StrCat(count.people.size(), "/", count.needed);
}

std::string CountedBy(const Review& review) {
  if (!review.tally) return "says the server";
  return absl::StrCat("counted here, by policy version ",
                      review.tally->policy_version, ", entry ",
                      review.tally->policy_index, " of the log");
}

std::string WorthOf(const Review& review, std::uint64_t index) {
  if (!review.tally) return "";
  const absl::Status why = WhyNotCounted(*review.tally, index);
  if (why.ok()) return "";
  return absl::StrCat("; does not count: ", base::ReasonOf(why));
}

void AddCaller(const v1::Entry& entry, Rows& rows) {
  const v1::Caller& caller = entry.caller();
  rows.push_back({"requester", Printable(caller.identity())});
  rows.push_back({"subject", Printable(absl::StrCat(caller.method(), " ",
                                                    caller.subject()))});
  if (!caller.issuer().empty()) {
    rows.push_back({"issuer", Printable(caller.issuer())});
  }
  for (const v1::Claim& claim : caller.claims()) {
    rows.push_back(
        {"job", Printable(absl::StrCat(claim.name(), ": ", claim.value()))});
  }
  if (!caller.behind().empty()) {
    rows.push_back({"started by", Printable(caller.behind())});
  }
  for (const std::string& name : caller.also_behind()) {
    rows.push_back({"stands behind", Printable(name)});
  }
  rows.push_back({"request id", Printable(entry.request_id())});
  rows.push_back(
      {"requested", cli::FormatUnixMilliseconds(entry.time_unix_ms())});
}

void AddImage(const Image& image, Rows& rows) {
  rows.push_back(
      {"image",
       absl::StrCat("header ", image.header.header_size, " bytes, payload ",
                    image.header.image_size, " bytes, protected TLVs ",
                    image.header.protected_size, " bytes",
                    image.compressed ? ", sent compressed" : "")});
  rows.push_back({"flags", cli::HexNumber(image.header.flags)});
  if (!image.vendor_tlvs.empty()) {
    rows.push_back({"vendor TLVs", VendorText(image.vendor_tlvs)});
  }
}

// What the request itself does not say.
void AddVerdict(const image::host::ReleaseVerdict& verdict, Rows& rows) {
  for (auto& row : release::VerdictRows(verdict)) {
    if (row[0] != "target" && row[0] != "version") rows.push_back(row);
  }
}

std::string CounterOf(const Pending& pending) {
  if (pending.release) return absl::StrCat(pending.release->security_counter);
  if (pending.verdict) return "none";
  if (!pending.image) {
    return absl::StrCat(pending.entry.signing().security_counter());
  }
  const auto& counter = pending.image->security_counter;
  return counter ? absl::StrCat(*counter) : std::string("none");
}

void AddRequest(const Review& review, Rows& rows) {
  const v1::SigningEvent& signing = review.pending.entry.signing();
  const v1::SignedDigest& digest = DigestOf(review.pending);
  rows.push_back({"target", Printable(signing.target())});
  rows.push_back({"version", Printable(signing.version())});
  rows.push_back({"security counter", CounterOf(review.pending)});
  rows.push_back(
      {"payload", absl::StrCat(signing.payload_size(), " bytes, sha256 ",
                               Hex(signing.payload_sha256()))});
  if (review.pending.release) {
    for (auto& row : ReleaseRows(review.pending)) rows.push_back(row);
  } else if (review.pending.verdict) {
    AddVerdict(*review.pending.verdict, rows);
  } else if (review.pending.capsule) {
    for (auto& row : CapsuleRows(review.pending)) rows.push_back(row);
  } else if (review.pending.package) {
    for (auto& row : PackageRows(review.pending)) rows.push_back(row);
    return;  // each certificate has its key and digest
  } else if (review.pending.first_stage) {
    for (auto& row : FirstStageRows(review.pending)) rows.push_back(row);
  } else {
    AddImage(*review.pending.image, rows);
  }
  rows.push_back(
      {"key", Printable(absl::StrCat(digest.key(), " (",
                                     AlgorithmName(digest.algorithm()), ")"))});
  rows.push_back({"key hash", Hex(digest.key_hash())});
  rows.push_back(
      {"digest",
       absl::StrCat(Hex(digest.digest()),
                    digest.pure() ? " (of the message that is signed)" : "")});
}

void AddLowering(const v1::SigningEvent& signing, Rows& rows) {
  if (signing.has_lowers_security_counter_from()) {
    rows.push_back(
        {"LOWERS", absl::StrCat("the security counter from ",
                                signing.lowers_security_counter_from(), " to ",
                                signing.security_counter())});
  }
  if (signing.has_lowers_version_from()) {
    rows.push_back(
        {"LOWERS", Printable(absl::StrCat("the version from ",
                                          signing.lowers_version_from(), " to ",
                                          signing.version()))});
  }
}

void AddKeyChange(const v1::KeyEvent& event, Rows& rows) {
  const v1::KeyChange& change = event.change();
  rows.push_back({"key change", Printable(Action(change))});
  rows.push_back({"key sha256", Hex(change.public_key_sha256())});
  if (!change.replaces().empty()) {
    rows.push_back({"replaced sha256", Hex(change.replaces_sha256())});
  }
  AddTranscript(event, rows);
}

void AddApprovals(const Review& review, Rows& rows) {
  const Count count = CountOf(review);
  rows.push_back(
      {"approvals",
       Printable(absl::StrCat(
           Counted(count), count.people.empty() ? "" : " counted: ",
           absl::StrJoin(count.people, ", "), "; ", CountedBy(review)))});
  if (IsContradicted(review)) {
    rows.push_back(
        {"! SERVER SAYS", Printable(absl::StrCat(
                              Counted(CountOf(review.request)), ": ",
                              absl::StrJoin(review.request.counted(), ", ")))});
  }
  for (const v1::LogEntry& entry : review.request.approvals()) {
    const auto statement = StatementIn(entry);
    if (!statement) continue;
    rows.push_back(
        {"",
         Printable(absl::StrCat(
             statement->approver(), ": ", VerdictName(statement->verdict()),
             " until ",
             cli::FormatUnixMilliseconds(statement->not_after_unix_ms()),
             " (entry ", entry.index(), WorthOf(review, entry.index()), ")",
             statement->reason().empty() ? "" : ": ", statement->reason()))});
  }
  rows.push_back(
      {"expires", cli::FormatUnixMilliseconds(ExpiryOf(review.pending))});
}

std::string Compared(const Review& review) {
  const bool released = review.pending.entry.has_signing();
  if (!released || review.pending.verdict) return "";
  if (!review.last_release) {
    return "\nthe server knows no release of this target to compare with\n";
  }
  Rows rows{{"", "LAST RELEASE", "THIS REQUEST"}};
  for (const Difference& each : DifferencesOf(review)) {
    rows.push_back(
        {absl::StrCat(each.before == each.now ? "  " : "! ", each.name),
         Printable(each.before),
         each.before == each.now ? "the same" : Printable(each.now)});
  }
  return absl::StrCat("\ncompared with entry ", review.last_release->index,
                      review.last_release->proven
                          ? ", which is in the log"
                          : ", which the server says is the last release",
                      ":\n", cli::FormatTable(rows));
}

std::string Computed(const Review& review) {
  if (review.pending.release) {
    return absl::StrCat(
        "\nto compute the digest, with your own builds as NAME.bin (sha256sum "
        "says OK to each):\n",
        RecomputeCommands(review.pending));
  }
  if (review.pending.verdict) {
    return absl::StrCat(
        "\nto compute the digest, with our own manifest.json of the release "
        "(sha256sum says OK to it):\n",
        RecomputeCommands(review.pending));
  }
  if (review.pending.capsule) {
    return absl::StrCat(
        "\nto compute the digest, the second that is printed, with your own "
        "build as payload.bin:\n",
        RecomputeCommands(review.pending));
  }
  if (review.pending.package) {
    return absl::StrCat(
        "\nto compute the digests, with your own builds as NAME.bin (sha256sum "
        "says OK to each):\n",
        RecomputeCommands(review.pending));
  }
  if (!review.pending.image && !review.pending.first_stage) return "";
  return absl::StrCat(
      "\nto compute the digest, with your own build as payload.bin:\n",
      review.pending.image && review.pending.image->compressed
          ? "# the payload was sent compressed; payload.bin is what was "
            "compressed\n"
          : "",
      RecomputeCommands(review.pending));
}

}  // namespace

std::string IdOf(const Pending& pending) {
  return Hex(pending.subject).substr(0, kIdDigits);
}

std::vector<std::string> ListTitles() {
  return {"ID",  "TARGET",    "VERSION", "REQUESTER",
          "AGE", "APPROVALS", "EXPIRES", "STATE"};
}

std::vector<std::string> ListRow(const Review& review, absl::Time now) {
  const v1::Entry& entry = review.pending.entry;
  const absl::Duration age = absl::Floor(
      now - absl::FromUnixMillis(entry.time_unix_ms()), absl::Seconds(1));
  return {IdOf(review.pending),
          Printable(entry.has_key() ? Action(entry.key().change())
                                    : entry.signing().target()),
          Printable(entry.signing().version()),
          Printable(entry.caller().identity()),
          absl::FormatDuration(std::max(age, absl::ZeroDuration())),
          Counted(CountOf(review)),
          cli::FormatUnixMilliseconds(ExpiryOf(review.pending)),
          StateName(review.request.state())};
}

std::string Describe(const Review& review) {
  const v1::Entry& entry = review.pending.entry;
  Rows rows{{"id", IdOf(review.pending)},
            {"state", StateName(review.request.state())},
            {"entry", absl::StrCat(review.pending.index)},
            {"subject sha256", Hex(review.pending.subject)}};
  if (entry.has_signing()) {
    AddRequest(review, rows);
    AddLowering(entry.signing(), rows);
  } else {
    AddKeyChange(entry.key(), rows);
  }
  AddCaller(entry, rows);
  AddApprovals(review, rows);
  return absl::StrCat(cli::FormatTable(rows), Compared(review),
                      Computed(review));
}

}  // namespace bootseal::approval
