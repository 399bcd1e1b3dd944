// Three rooms of which one is occupied at a time. `search` and `add` hold any number of threads, `alone` holds one.
//
// usearch lets adds run beside adds (it locks the nodes it changes) and searches beside searches, but a search reads neighbour lists,
// the entry point and the node table without any lock, so it must not run beside an add; and reserving must run beside nothing.
//
// Fair: once a thread waits for another room, newcomers to the occupied room wait as well, and the rooms take turns. An add is held for
// one vector only, so a search waits for at most the adds under way when it came.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace engine {

class RoomLock {
 public:
  enum Room : std::size_t { kSearch, kAdd, kAlone };
  static constexpr std::size_t kRooms = 3;

  void enter(Room room) {
    std::unique_lock lock(mutex_);
    bool const others_wait = waiting_[0] + waiting_[1] + waiting_[2] > waiting_[room];
    bool const joins = occupants_ > 0 && current_ == room && room != kAlone && !others_wait;
    if (joins || occupants_ == 0) {
      current_ = room;
      occupants_++;
      return;
    }
    waiting_[room]++;
    admitted_signal_[room].wait(lock, [&] { return admitted_[room] > 0; });
    admitted_[room]--;
  }

  void leave() {
    std::unique_lock lock(mutex_);
    if (--occupants_ == 0) admit_next();
  }

 private:
  void admit_next() {
    for (std::size_t turn = 1; turn <= kRooms; turn++) {
      Room const room = Room((current_ + turn) % kRooms);
      if (waiting_[room] == 0) continue;
      std::size_t const count = room == kAlone ? 1 : waiting_[room];
      waiting_[room] -= count;
      admitted_[room] += count;
      // Counted as occupants from here on, before they wake, so that nobody slips into another room in between.
      occupants_ = count;
      current_ = room;
      admitted_signal_[room].notify_all();
      return;
    }
  }

  std::mutex mutex_;
  std::condition_variable admitted_signal_[kRooms];
  std::size_t waiting_[kRooms] = {};
  std::size_t admitted_[kRooms] = {};
  std::size_t occupants_ = 0;
  Room current_ = kSearch;
};

class RoomGuard {
 public:
  RoomGuard(RoomLock& lock, RoomLock::Room room) : lock_(lock) { lock_.enter(room); }
  ~RoomGuard() { lock_.leave(); }
  RoomGuard(RoomGuard const&) = delete;
  RoomGuard& operator=(RoomGuard const&) = delete;

 private:
  RoomLock& lock_;
};

}  // namespace engine
