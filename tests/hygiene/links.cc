#include "tests/hygiene/links.h"

#include <algorithm>
#include <cctype>
#include <regex>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace bootseal::tests {
namespace {

namespace fs = std::filesystem;

struct Link {
  std::string path;      // relative to the document's folder
  std::string fragment;  // of a heading, or empty
};

// Links of a line that lead into this tree.
std::vector<Link> LinksOf(const std::string& line) {
  static const std::regex link("\\]\\(([^)#\\s]*)(?:#([^)\\s]*))?\\)");
  std::vector<Link> links;
  for (std::sregex_iterator it(line.begin(), line.end(), link), end; it != end;
       ++it) {
    if (absl::StrContains((*it)[1].str(), "://")) continue;
    links.push_back({(*it)[1].str(), (*it)[2].str()});
  }
  return links;
}

// As the usual viewers name a heading: letters, digits, - and _; spaces as -.
std::string Slug(absl::string_view heading) {
  std::string slug;
  for (const char c : heading) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ' ') slug += '-';
    if (c == '-' || c == '_' || byte >= 0x80) slug += c;
    if (std::isalnum(byte)) slug += static_cast<char>(std::tolower(byte));
  }
  return slug;
}

bool HasHeading(const SourceFile& document, const std::string& slug) {
  bool code = false;
  return std::any_of(document.lines.begin(), document.lines.end(),
                     [&](const std::string& line) {
                       if (absl::StartsWith(line, "```")) code = !code;
                       const std::size_t text = line.find_first_not_of('#');
                       return !code && text != std::string::npos && text > 0 &&
                              line[text] == ' ' &&
                              Slug(absl::string_view(line).substr(text + 1)) ==
                                  slug;
                     });
}

// Why `link` of `document` leads nowhere; empty when it does not.
std::string Fault(const fs::path& top, const std::vector<SourceFile>& documents,
                  const SourceFile& document, const Link& link) {
  fs::path target = fs::path(document.path);
  if (!link.path.empty()) target = target.parent_path() / link.path;
  target = target.lexically_normal();
  if (!link.path.empty() && !fs::exists(top / target)) {
    return absl::StrCat("no ", target.string());
  }
  if (fs::is_directory(top / target) &&
      !fs::exists(top / target / "README.md")) {
    return absl::StrCat("no ",
                        (target / "README.md").lexically_normal().string());
  }
  if (link.fragment.empty()) return "";
  if (!absl::EndsWith(target.string(), ".md")) target /= "README.md";
  const std::string name = target.lexically_normal().string();
  const auto found =
      std::find_if(documents.begin(), documents.end(),
                   [&](const auto& file) { return file.path == name; });
  if (found == documents.end()) return absl::StrCat("no ", name);
  if (HasHeading(*found, link.fragment)) return "";
  return absl::StrCat("no heading #", link.fragment, " in ", name);
}

// Paths in code spans that begin with a folder of the tree's top.
std::vector<std::string> PathsOf(const fs::path& top, const std::string& line) {
  static const std::regex span("`([\\w.-]+)(/[\\w./-]+)`");
  std::vector<std::string> paths;
  for (std::sregex_iterator it(line.begin(), line.end(), span), end; it != end;
       ++it) {
    const std::string folder = (*it)[1].str();
    if (folder == "build" || !fs::is_directory(top / folder)) continue;
    paths.push_back(folder + (*it)[2].str());
  }
  return paths;
}

// `path`, or files of that name with any extension.
bool IsThere(const fs::path& path) {
  if (fs::exists(path)) return true;
  if (!fs::is_directory(path.parent_path())) return false;
  const std::string stem = absl::StrCat(path.filename().string(), ".");
  const fs::directory_iterator entries(path.parent_path());
  return std::any_of(begin(entries), end(entries), [&](const auto& entry) {
    return absl::StartsWith(entry.path().filename().string(), stem);
  });
}

}  // namespace

std::vector<std::string> LinkFaults(const fs::path& top,
                                    const std::vector<SourceFile>& documents) {
  std::vector<std::string> faults;
  for (const SourceFile& document : documents) {
    for (std::size_t i = 0; i < document.lines.size(); ++i) {
      for (const Link& link : LinksOf(document.lines[i])) {
        const std::string fault = Fault(top, documents, document, link);
        if (fault.empty()) continue;
        faults.push_back(absl::StrCat(document.path, ":", i + 1, ": ", fault));
      }
    }
  }
  return faults;
}

std::vector<std::string> PathFaults(const fs::path& top,
                                    const std::vector<SourceFile>& documents) {
  std::vector<std::string> faults;
  for (const SourceFile& document : documents) {
    const fs::path folder = top / fs::path(document.path).parent_path();
    for (std::size_t i = 0; i < document.lines.size(); ++i) {
      for (const std::string& path : PathsOf(top, document.lines[i])) {
        if (IsThere(top / path) || IsThere(folder / path)) continue;
        faults.push_back(
            absl::StrCat(document.path, ":", i + 1, ": no ", path));
      }
    }
  }
  return faults;
}

}  // namespace bootseal::tests
