#include "spawner/ends/ends.hpp"

#include <errno.h>

#include "base/fault_point.hpp"
#include "base/log.hpp"
#include "spawner/failure.hpp"
#include "spawner/fields.hpp"

namespace vx11::spawner {

namespace {

constexpr size_t kRememberedNonces = 4096;
constexpr uint64_t kKeptBytes = 1024 * 1024;  // smaller files are not worth the trouble

}  // namespace

Ends::Ends(int directory) : log_(directory) {
  for (auto& record : log_.takeFound()) {
    const uint64_t size = record.size();
    try {
      auto message = decodeRecord(std::move(record));
      if (auto* finished = std::get_if<Finished>(&message)) {
        remember(finished->nonce);
        sizes_[finished->nonce] = size;
        ends_[finished->nonce] = std::move(*finished);
      } else if (const auto* done = std::get_if<Acknowledge>(&message)) {
        ends_.erase(done->nonce);
        sizes_.erase(done->nonce);
      }
    } catch (const ProtocolError& error) {
      // Whole by its checksum, yet not understood: a newer spawner wrote it. The others still count.
      log::warning("record.unreadable", {{"reason", error.what()}});
    }
  }
  for (const auto& [nonce, size] : sizes_) live_bytes_ += size;
  compact();
}

void Ends::remember(const std::string& nonce) {
  const size_t hash = std::hash<std::string>{}(nonce);
  if (!seen_.insert(hash).second) return;
  seen_order_.push_back(hash);
  if (seen_order_.size() <= kRememberedNonces) return;
  seen_.erase(seen_order_.front());
  seen_order_.pop_front();
}

bool Ends::isKnown(const std::string& nonce) const {
  return ends_.count(nonce) != 0 || seen_.count(std::hash<std::string>{}(nonce)) != 0;
}

void Ends::add(const Finished& finished, bool durable) {
  if (append(finished)) {
    if (durable) sync();
  } else {
    log::error("record.unwritten", {{"spawn_uuid", finished.spawn_uuid}, {"reason", errnoText(errno)}});
  }
  ends_[finished.nonce] = finished;
}

bool Ends::append(const Finished& finished) {
  const auto record = encodeRecord(finished);
  if (!log_.append(record)) return false;
  sizes_[finished.nonce] = record.size();
  live_bytes_ += record.size();
  return true;
}

bool Ends::writeMissing() {
  if (sizes_.size() == ends_.size()) return true;
  size_t written = 0;
  for (const auto& [nonce, finished] : ends_) {
    if (sizes_.count(nonce) != 0) continue;
    if (!append(finished)) break;
    ++written;
  }
  if (written != 0) {
    sync();
    log::info("records.written_late", {{"count", written}});
  }
  return sizes_.size() == ends_.size();
}

void Ends::sync() {
  if (!log_.sync()) log::error("records.not_synced", {{"reason", errnoText(errno)}});
}

bool Ends::acknowledge(const std::string& nonce) {
  if (ends_.erase(nonce) == 0) return false;
  const auto size = sizes_.find(nonce);
  if (size == sizes_.end()) return true;
  live_bytes_ -= size->second;
  sizes_.erase(size);
  // Unwritten, the end is offered once more after a restart and acknowledged again: no harm.
  VX11_FAULT_POINT("spawner.acknowledge.before_drop");
  log_.append(encodeRecord(Acknowledge{nonce}));
  VX11_FAULT_POINT("spawner.acknowledge.after_drop");
  compact();
  return true;
}

void Ends::compact() {
  if (log_.bytes() <= kKeptBytes) return;
  if (!ends_.empty() && log_.bytes() <= 4 * (live_bytes_ + kKeptBytes)) return;
  VX11_FAULT_POINT("spawner.compact.before");
  std::vector<std::string> records;
  // Also those that found no room when they were added.
  std::map<std::string, uint64_t> sizes;
  uint64_t bytes = 0;
  for (const auto& [nonce, finished] : ends_) {
    records.push_back(encodeRecord(finished));
    sizes[nonce] = records.back().size();
    bytes += records.back().size();
  }
  if (log_.rewrite(records)) {
    sizes_ = std::move(sizes);
    live_bytes_ = bytes;
  } else {
    log::warning("record.not_compacted", {{"reason", errnoText(errno)}});
  }
  VX11_FAULT_POINT("spawner.compact.after");
}

}  // namespace vx11::spawner
