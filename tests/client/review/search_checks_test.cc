#include "client/review/search_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "server/trust/entry.h"
#include "tests/server/trust/example_policy.h"
#include "tests/support/status_matchers.h"

namespace bootseal::review {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using tests::StatusIs;

v1::Entry Signing(v1::Decision decision, const std::string& target = "app",
                  const std::string& identity = "ci") {
  v1::Entry entry;
  entry.mutable_caller()->set_identity(identity);
  entry.mutable_signing()->set_target(target);
  entry.mutable_signing()->set_decision(decision);
  return entry;
}

// With targets app, secure and edwards, and people ci, alice and audrey.
v1::Entry Policy() {
  v1::Entry entry;
  entry.mutable_policy()->set_text(tests::TextOf(tests::ExamplePolicy()));
  return entry;
}

bool Matches(const v1::ListEntriesRequest& request,
             const trust::SearchTerms& terms) {
  const std::string decision = terms.decision == v1::ALLOWED   ? "allowed"
                               : terms.decision == v1::REFUSED ? "refused"
                                                               : "";
  const bool named =
      (request.target().empty() || request.target() == terms.target) &&
      (request.identity().empty() || request.identity() == terms.identity) &&
      (request.key().empty() || request.key() == terms.key) &&
      (request.kind().empty() ||
       request.kind() == trust::NameOfKind(terms.kind)) &&
      (request.decision().empty() || request.decision() == decision);
  return named &&
         (request.from_unix_ms() == 0 ||
          terms.time_unix_ms >= request.from_unix_ms()) &&
         (request.until_unix_ms() == 0 ||
          terms.time_unix_ms < request.until_unix_ms());
}

// A log, and a server that finds its entries by terms which may lie.
class SearchChecksTest : public testing::Test {
 protected:
  void Add(const v1::Entry& entry) {
    entries_.push_back(entry);
    found_by_.push_back(trust::TermsOf(entry));
  }

  absl::StatusOr<v1::ListEntriesReply> List(
      const v1::ListEntriesRequest& request) {
    ++calls_;
    v1::ListEntriesReply page;
    for (std::uint64_t i = request.start(); i < found_by_.size(); ++i) {
      if (!Matches(request, found_by_[i])) continue;
      if (page.entries_size() == page_entries_) {
        page.set_next(i);
        return page;
      }
      page.add_entries()->set_index(i);
    }
    return page;
  }

  // Over the first `size` entries; the rest is newer than the checkpoint.
  absl::Status Walk(std::size_t size) {
    Findings findings;
    mismatches_.clear();
    SearchChecks checks(
        [this](const v1::ListEntriesRequest& request) { return List(request); },
        size);
    for (std::size_t i = 0; i < size; ++i) {
      RETURN_IF_ERROR(checks.Take({i, "", entries_[i], nullptr}, findings));
    }
    RETURN_IF_ERROR(checks.Finish(findings));
    for (const Finding& each : findings.held()) {
      mismatches_.push_back(each.message);
    }
    return absl::OkStatus();
  }
  absl::Status Walk() { return Walk(entries_.size()); }

  Position First() { return {0, "", first_, nullptr}; }

  const v1::Entry first_ = Signing(v1::ALLOWED);
  Findings findings_;
  std::vector<v1::Entry> entries_;
  std::vector<trust::SearchTerms> found_by_;
  int page_entries_ = 1000;
  int calls_ = 0;
  std::vector<std::string> mismatches_;
};

TEST_F(SearchChecksTest, FindNothingInAnHonestServer) {
  Add(Policy());
  for (int i = 0; i < 50; ++i) {
    Add(Signing(i % 3 == 0 ? v1::REFUSED : v1::ALLOWED));
  }
  for (const int page : {1, 7, 1000}) {
    page_entries_ = page;
    ASSERT_OK(Walk());
    EXPECT_THAT(mismatches_, IsEmpty()) << page;
  }
}

TEST_F(SearchChecksTest, NameWhatIsLeftOutAndWhatIsShownInstead) {
  Add(Signing(v1::ALLOWED));
  Add(Signing(v1::REFUSED));
  Add(Signing(v1::ALLOWED));
  found_by_[1].decision = v1::ALLOWED;
  ASSERT_OK(Walk());
  EXPECT_THAT(mismatches_,
              ElementsAre("listing by decision \"refused\" leaves out entry 1",
                          "listing by decision \"allowed\" shows entry 1, "
                          "which says something else"));
}

TEST_F(SearchChecksTest, NameWhatIsShownAfterTheLastOfItsKind) {
  Add(Signing(v1::ALLOWED));
  Add(Policy());
  found_by_[1].decision = v1::ALLOWED;
  ASSERT_OK(Walk());
  EXPECT_THAT(mismatches_,
              ElementsAre("listing by decision \"allowed\" shows entry 1, "
                          "which says something else"));
}

TEST_F(SearchChecksTest, CoverTargetsAndPeopleOfEveryPolicy) {
  Add(Policy());
  Add(Signing(v1::ALLOWED, "secure", "alice"));
  found_by_[1].target = "app";
  found_by_[1].identity = "ci";
  ASSERT_OK(Walk());
  EXPECT_THAT(
      mismatches_,
      testing::UnorderedElementsAre(
          "listing by target \"secure\" leaves out entry 1",
          "listing by target \"app\" shows entry 1, which says something else",
          "listing by identity \"alice\" leaves out entry 1",
          "listing by identity \"ci\" shows entry 1, which says something "
          "else"));
}

// Asked for before the policy had it: such names are anybody's.
TEST_F(SearchChecksTest, CoverATargetFromItsPolicyOn) {
  Add(Signing(v1::REFUSED, "app"));
  Add(Policy());
  Add(Signing(v1::ALLOWED, "app"));
  ASSERT_OK(Walk());
  EXPECT_THAT(mismatches_, IsEmpty());
}

TEST_F(SearchChecksTest, LeaveNewerEntriesAlone) {
  Add(Signing(v1::ALLOWED));
  Add(Signing(v1::ALLOWED));
  Add(Signing(v1::REFUSED));
  found_by_[2].decision = v1::ALLOWED;
  ASSERT_OK(Walk(2));
  EXPECT_THAT(mismatches_, IsEmpty());
}

// Refused requests name any target: none costs a listing of its own.
TEST_F(SearchChecksTest, DoNotListForEveryNameThatSomebodyInvents) {
  Add(Policy());
  for (int i = 0; i < 500; ++i) {
    Add(Signing(v1::REFUSED, absl::StrCat("invented-", i)));
  }
  ASSERT_OK(Walk());
  EXPECT_THAT(mismatches_, IsEmpty());
  EXPECT_LT(calls_, 550);  // one for each time, few for all else
}

TEST_F(SearchChecksTest, EndWithAServerThatGivesNoListing) {
  SearchChecks checks(
      [](const v1::ListEntriesRequest&)
          -> absl::StatusOr<v1::ListEntriesReply> {
        return base::Unavailable("CONNECTION_LOST", "gone");
      },
      1);
  EXPECT_THAT(checks.Take(First(), findings_),
              StatusIs(absl::StatusCode::kUnavailable, "CONNECTION_LOST"));
}

TEST_F(SearchChecksTest, EndWithAListingThatGoesBack) {
  SearchChecks checks(
      [](const v1::ListEntriesRequest&) {
        v1::ListEntriesReply page;
        page.add_entries()->set_index(5);
        page.add_entries()->set_index(5);
        return absl::StatusOr<v1::ListEntriesReply>(page);
      },
      9);
  EXPECT_THAT(
      checks.Take(First(), findings_),
      StatusIs(absl::StatusCode::kFailedPrecondition, "REPLY_MALFORMED"));
}

TEST_F(SearchChecksTest, EndThoughAServerSaysForEverThatThereIsMore) {
  SearchChecks checks(
      [](const v1::ListEntriesRequest& request) {
        v1::ListEntriesReply page;
        page.set_next(request.start() + 1);
        return absl::StatusOr<v1::ListEntriesReply>(page);
      },
      1);
  ASSERT_OK(checks.Take(First(), findings_));
  ASSERT_OK(checks.Finish(findings_));
  EXPECT_EQ(findings_.count(FindingClass::kSearch), 3U);
}

}  // namespace
}  // namespace bootseal::review
