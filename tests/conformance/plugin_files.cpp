#include "plugin_files.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>

#include "catch.hpp"

namespace vx11::conformance {

namespace fs = std::filesystem;

namespace {

// A host without a single service: a plugin must live with that.
const void* noService(const vx11_host_t*, vx11_str_t) {
  return nullptr;
}

const vx11_host_t kBareHost{sizeof(vx11_host_t), 0, VX11_ABI_MAJOR, VX11_ABI_MINOR, {"test", 4}, &noService};

}  // namespace

std::vector<fs::path> pluginFiles() {
  const char* chosen = std::getenv("VX11_PLUGINS");
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(chosen != nullptr ? chosen : BUILT_PLUGINS))
    if (entry.path().extension() == ".so") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  REQUIRE_FALSE(files.empty());
  return files;
}

RawPlugin::RawPlugin(const fs::path& file) {
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);  // never closed, as in the host
  const char* fault = library == nullptr ? ::dlerror() : "";
  INFO(fault);
  REQUIRE(library != nullptr);
  using Entry = const vx11_plugin_t*(const vx11_host_t*);
  auto* const entry = reinterpret_cast<Entry*>(::dlsym(library, VX11_PLUGIN_ENTRY));
  REQUIRE(entry != nullptr);
  descriptor_ = entry(&kBareHost);
  REQUIRE(descriptor_ != nullptr);
}

const vx11_interpreter_v1_t& RawPlugin::interpreter() const {
  const auto* found =
      static_cast<const vx11_interpreter_v1_t*>(descriptor_->get_interface(str(VX11_INTERPRETER_ID)));
  REQUIRE(found != nullptr);
  return *found;
}

void* RawPlugin::instance() {
  if (instance_ == nullptr && descriptor_->create != nullptr) {
    vx11_create_args_t args{};
    args.struct_size = sizeof args;
    args.interface_id = str(VX11_INTERPRETER_ID);
    REQUIRE(descriptor_->create(&args, &instance_, nullptr) == VX11_OK);
  }
  return instance_;
}

RawPlugin::~RawPlugin() {
  if (instance_ != nullptr) descriptor_->destroy(instance_);
}

}  // namespace vx11::conformance
