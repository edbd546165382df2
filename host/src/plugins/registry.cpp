#include "plugins/registry.hpp"

#include <algorithm>
#include <exception>
#include <map>
#include <set>

#include "base/error.hpp"
#include "base/log.hpp"
#include "plugins/loader.hpp"
#include "plugins/trust.hpp"

namespace vx11::plugins {

namespace fs = std::filesystem;

namespace {

// Names only; what a name stands for is the loader's business. Throws Error{kConfiguration}.
std::vector<fs::path> pluginFiles(const fs::path& directory) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() == ".so") files.push_back(at->path());
  }
  if (error)
    throw Error(ErrorCode::kConfiguration,
                "The directory cannot be read (" + error.message() + "): check its mode.");
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

class Registry::Impl {
 public:
  void loadDirectory(const fs::path& directory) {
    PluginRecord record;
    record.file = directory.string();
    std::vector<fs::path> files;
    try {
      std::error_code error;
      const auto canonical = fs::canonical(directory, error);
      if (error)
        throw Error(ErrorCode::kConfiguration, "The directory cannot be found (" + error.message() +
                                                   "): create it, or take it out of plugins.path.");
      if (!seen_.insert(canonical).second) return;
      record.file = canonical.string();
      checkDirectory(canonical);
      files = pluginFiles(canonical);
    } catch (const std::exception& fault) {
      return refuse(std::move(record), fault.what());
    }
    if (files.empty()) log::warning("plugin.none", {{"directory", record.file}});
    for (const auto& file : files) loadFile(file);
  }

  void stop() noexcept {
    for (auto at = plugins_.rbegin(); at != plugins_.rend(); ++at) (*at)->stop();
  }

  const Interpreter* find(std::string_view task_type) const {
    const auto found = interpreters_.find(task_type);
    return found == interpreters_.end() ? nullptr : found->second;
  }

  const auto& interpreters() const { return interpreters_; }
  const auto& records() const { return records_; }

 private:
  void loadFile(const fs::path& file) {
    PluginRecord record;
    record.file = file.string();
    try {
      auto plugin = loadPlugin(file, record);
      checkNothingTwice(record);
      for (const auto& type : record.task_types) interpreters_.emplace(type, &plugin->interpreter());
      plugins_.push_back(std::move(plugin));
    } catch (const std::exception& fault) {
      return refuse(std::move(record), fault.what());
    }
    record.state = State::kLoaded;
    log::info("plugin.loaded", {{"plugin", record.id}, {"version", record.version}, {"file", record.file}});
    records_.push_back(std::move(record));
  }

  void checkNothingTwice(const PluginRecord& record) const {
    for (const auto& other : records_) {
      if (other.state != State::kLoaded) continue;
      std::string what;
      if (other.id == record.id) what = "has the same id";
      if (other.name == record.name) what = "has the same name";
      for (const auto& type : record.task_types)
        if (std::binary_search(other.task_types.begin(), other.task_types.end(), type))
          what = "serves task_type " + type + " already";
      if (!what.empty())
        throw Error(ErrorCode::kConfiguration,
                    other.file + " " + what + " and comes first in plugins.path: remove one of the two.");
    }
  }

  void refuse(PluginRecord record, const std::string& reason) {
    log::warning("plugin.refused", {{"file", record.file}, {"reason", reason}});
    record.state = State::kRefused;
    record.reason = reason;
    records_.push_back(std::move(record));
  }

  std::set<fs::path> seen_;
  std::vector<PluginRecord> records_;
  std::vector<std::unique_ptr<LoadedPlugin>> plugins_;
  std::map<std::string, const Interpreter*, std::less<>> interpreters_;
};

Registry::Registry() : impl_(std::make_unique<Impl>()) {}
Registry::~Registry() {
  stop();
}

void Registry::load(const std::vector<fs::path>& directories) {
  for (const auto& directory : directories) impl_->loadDirectory(directory);
}

void Registry::stop() noexcept {
  impl_->stop();
}

const Interpreter* Registry::interpreterFor(std::string_view task_type) const {
  return impl_->find(task_type);
}

std::vector<std::string> Registry::taskTypes() const {
  std::vector<std::string> types;
  for (const auto& [type, interpreter] : impl_->interpreters()) types.push_back(type);
  return types;
}

const std::vector<PluginRecord>& Registry::records() const {
  return impl_->records();
}

}  // namespace vx11::plugins
