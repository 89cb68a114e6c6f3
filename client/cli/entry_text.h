// Log entries for people and for machines. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_CLI_ENTRY_TEXT_H_
#define BOOTSEAL_CLIENT_CLI_ENTRY_TEXT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "bootseal/v1/entry.pb.h"
#include "client/cli/json.h"

namespace bootseal::cli {

// "allowed", "approve", "activate": as the schema's, in lower case.
std::string DecisionName(v1::Decision decision);
// "accept", "reject"; of another one its number.
std::string TrialEndName(v1::TrialEnd end);
std::string VerdictName(v1::Verdict verdict);
std::string ActionName(v1::KeyAction action);

// Titles of EntryRow.
std::vector<std::string> EntryTitles();

// One line of a table: index, time, who, what, target, outcome.
std::vector<std::string> EntryRow(std::uint64_t index, const v1::Entry& entry);

// Every field, one a line, and `more` in the same table.
std::string DescribeEntry(
    std::uint64_t index, const v1::Entry& entry,
    const std::vector<std::vector<std::string>>& more = {});

// Every field; bytes in hexadecimal. A policy's text is left out (its SHA-256
// stays).
Json EntryToJson(std::uint64_t index, const v1::Entry& entry);
// The same, for more members.
JsonObject EntryMembers(std::uint64_t index, const v1::Entry& entry);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_ENTRY_TEXT_H_
