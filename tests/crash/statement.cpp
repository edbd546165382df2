#include "statement.hpp"

#include <algorithm>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace vx11::test {

namespace {

using Line = std::pair<std::string, std::string>;  // key, value

[[noreturn]] void refuse(const std::string& line, const std::string& why) {
  throw std::runtime_error("\"" + line + "\" " + why);
}

// Up to the first line that is no comment.
std::vector<Line> headOf(const std::string& program) {
  static const std::regex kEntry("# ([a-z-]+): (.+)");
  static const std::regex kContinued("#   (.+)");
  std::vector<Line> entries;
  std::istringstream text(program);
  std::smatch found;
  for (std::string line; std::getline(text, line) && line.starts_with("#");) {
    if (line.starts_with("#!")) continue;
    if (std::regex_match(line, found, kEntry))
      entries.emplace_back(found[1], found[2]);
    else if (std::regex_match(line, found, kContinued) && !entries.empty())
      entries.back().second += " " + found[1].str();
    else
      refuse(line, "is neither \"# key: value\" nor its continuation");
  }
  return entries;
}

int numberOf(const std::string& text) {
  return text == "N" ? Ending::kItsNumber : std::stoi(text);
}

std::vector<NumberRange> rangesOf(const std::string& text) {
  std::vector<NumberRange> ranges;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const auto dash = word.find('-');
    const int first = std::stoi(word);
    ranges.push_back({first, dash == std::string::npos ? first : std::stoi(word.substr(dash + 1))});
  }
  return ranges;
}

// Commas part the clauses, but not within quotes.
std::vector<std::string> clausesOf(const std::string& value) {
  static const std::regex kClause(R"(\s*((?:[^,"]|"[^"]*")+)(?:,|$))");
  std::vector<std::string> clauses;
  for (std::sregex_iterator it(value.begin(), value.end(), kClause), end; it != end; ++it)
    clauses.push_back((*it)[1]);
  return clauses;
}

// What the clause speaks of, each of which is said once; empty where nobody knows it.
std::string readClause(Ending& ending, const std::string& clause) {
  static const std::regex kStatus("DONE|ERROR ([a-z_]+)");
  static const std::regex kExit("exit ([0-9]+|N)");
  static const std::regex kSignal("signal ([0-9]+|N)");
  static const std::regex kTree("tree (not )?empty");
  static const std::regex kPrints("prints \"([^\"]*)\"");
  static const std::regex kPrintsBytes("prints (over )?([0-9]+) bytes( that are no text)?");
  static const std::regex kWithin("within ([0-9]+) s");
  static const std::regex kReason("reason \"([^\"]+)\"");
  std::smatch found;
  if (std::regex_match(clause, found, kStatus)) {
    ending.status = found[1].matched ? "ERROR" : "DONE";
    ending.outcome = found[1].matched ? found[1].str() : "succeeded";
    return "status";
  }
  if (std::regex_match(clause, found, kExit)) {
    ending.exit_code = numberOf(found[1]);
    return "exit or signal";
  }
  if (std::regex_match(clause, found, kSignal)) {
    ending.signal = numberOf(found[1]);
    return "exit or signal";
  }
  if (std::regex_match(clause, found, kTree)) {
    ending.tree_empty = !found[1].matched;
    return "tree";
  }
  if (clause == "prints nothing") return "prints";
  if (std::regex_match(clause, found, kPrints)) {
    ending.out = found[1].str() + "\n";
    return "prints";
  }
  if (std::regex_match(clause, found, kPrintsBytes)) {
    ending.output = found[1].matched ? Ending::Output::kOverBytes : Ending::Output::kBytes;
    ending.out_bytes = std::stoll(found[2]);
    ending.text = !found[3].matched;
    return "prints";
  }
  if (std::regex_match(clause, found, kWithin)) {
    ending.within_seconds = std::stoll(found[1]);
    return "within";
  }
  if (std::regex_match(clause, found, kReason)) {
    ending.reason = found[1];
    return "reason";
  }
  if (clause == "outlived until its neighbours end") {
    ending.outlived = true;
    return "outlived";
  }
  return {};
}

Ending readEnding(const std::string& value) {
  static const std::regex kNumbered("for ([0-9][0-9 -]*): (.+)");
  Ending ending;
  std::string rest = value;
  if (std::smatch found; std::regex_match(value, found, kNumbered)) {
    ending.numbers = rangesOf(found[1]);
    rest = found[2];
  }
  std::set<std::string> said;
  for (const auto& clause : clausesOf(rest)) {
    const auto subject = readClause(ending, clause);
    if (subject.empty()) refuse(clause, "is nothing that an ending can say");
    if (!said.insert(subject).second) refuse(value, "says two things of " + subject);
  }
  for (const char* needed : {"status", "exit or signal", "tree", "prints"}) {
    if (!said.contains(needed)) refuse(value, std::string("says nothing of ") + needed);
  }
  return ending;
}

void addEnding(Endings& endings, const std::string& value) {
  constexpr std::string_view kNotShown = "not shown: ";
  if (value.starts_with(kNotShown))
    endings.not_shown = value.substr(kNotShown.size());
  else
    endings.all.push_back(readEnding(value));
}

// Either one ending, or one for each of the numbers, or a reason why there is none.
void requireComplete(const std::string& isolation, const Endings& endings) {
  const auto numbered = std::count_if(endings.all.begin(), endings.all.end(),
                                      [](const Ending& ending) { return !ending.numbers.empty(); });
  if (endings.all.empty() == endings.not_shown.empty())
    throw std::runtime_error("it states no ending under " + isolation);
  if (endings.all.size() > 1 && numbered != static_cast<long>(endings.all.size()))
    throw std::runtime_error("it states two endings under " + isolation);
  std::set<int> numbers;
  for (const auto& ending : endings.all) {
    for (const auto& range : ending.numbers) {
      for (int number = range.first; number <= range.last; ++number) {
        if (!numbers.insert(number).second)
          throw std::runtime_error("it states two endings for " + std::to_string(number));
      }
    }
  }
}

}  // namespace

Statement readStatement(const std::string& program, const std::vector<std::string>& isolations) {
  Statement statement;
  for (const auto& [key, value] : headOf(program)) {
    if (std::find(isolations.begin(), isolations.end(), key) != isolations.end())
      addEnding(statement.under[key], value);
    else if (key == "does" && statement.does.empty())
      statement.does = value;
    else if (key == "ttl" && std::regex_match(value, std::regex("[0-9]+ s")))
      statement.ttl_seconds = std::stoi(value);
    else
      refuse(key + ": " + value, "is nothing that a program can state, or stated twice");
  }
  if (statement.does.empty()) throw std::runtime_error("it does not say what it does");
  for (const auto& isolation : isolations) requireComplete(isolation, statement.under[isolation]);
  return statement;
}

}  // namespace vx11::test
