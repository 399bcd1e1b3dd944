#include "thread_pool.hpp"

#ifdef __linux__
#include <sched.h>
#include <sys/resource.h>
#endif

#include <algorithm>
#include <cstdlib>
#include <thread>

namespace engine {
namespace {

constexpr unsigned kSearchesInRow = 7;
constexpr unsigned kMostThreads = 256;

unsigned size_from_environment() {
  char const* const text = std::getenv("VECTOR_THREADS");
  long const wanted = text ? std::strtol(text, nullptr, 10) : 0;
  if (wanted > 0) return unsigned(std::min<long>(wanted, kMostThreads));
  return std::clamp(std::thread::hardware_concurrency(), 1u, kMostThreads);
}

/// Of the calling thread. It still gets a third of what each other gets that wants all of a processor: what it does must end.
void give_way() {
#ifdef __linux__
  // In a process of a real-time class, the last of that class; in others this changes nothing.
  int const policy = sched_getscheduler(0);
  sched_param const least{sched_get_priority_min(policy)};
  sched_setscheduler(0, policy, &least);
  // Elsewhere it would be the priority of the whole process.
  setpriority(PRIO_PROCESS, 0, 5);
#endif
}

}  // namespace

ThreadPool& ThreadPool::of_process() {
  static ThreadPool* const pool = new ThreadPool(size_from_environment(), false);
  return *pool;
}

ThreadPool& ThreadPool::of_low_priority() {
  static ThreadPool* const pool = new ThreadPool(1, true);
  return *pool;
}

ThreadPool::ThreadPool(unsigned size, bool gives_way) : size_(size) {
  for (unsigned thread = 0; thread < size; thread++)
    std::thread([this, thread, gives_way] {
      if (gives_way) give_way();
      work(thread);
    }).detach();
}

void ThreadPool::submit(std::unique_ptr<Task> task, Priority priority) {
  {
    std::lock_guard lock(mutex_);
    (priority == Priority::kSearch ? searches_ : background_).push_back(std::move(task));
  }
  ready_.notify_one();
}

std::unique_ptr<Task> ThreadPool::next() {
  std::unique_lock lock(mutex_);
  ready_.wait(lock, [&] { return !searches_.empty() || !background_.empty(); });
  bool const background = searches_.empty() || (!background_.empty() && searches_in_row_ >= kSearchesInRow);
  searches_in_row_ = background ? 0 : searches_in_row_ + 1;
  auto& queue = background ? background_ : searches_;
  std::unique_ptr<Task> task = std::move(queue.front());
  queue.pop_front();
  return task;
}

void ThreadPool::work(unsigned thread) {
  for (;;) {
    std::unique_ptr<Task> task = next();
    // A task may hand itself on (to JavaScript, or back to this pool), so nobody owns it while it runs.
    task.release()->run(thread);
  }
}

}  // namespace engine
