// The addon's own threads, shared by every segment of the process. Searches go first; every eighth task taken is a background one while
// there are any, so that searches without pause do not stop indexing.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

namespace engine {

class Task {
 public:
  virtual ~Task() = default;
  /// `thread` is below size() and belongs to this call alone while it runs.
  virtual void run(unsigned thread) noexcept = 0;
};

class ThreadPool {
 public:
  enum class Priority { kSearch, kBackground };

  /// Never destroyed: its threads end with the process. VECTOR_THREADS sets their number, else it is the number of processors.
  static ThreadPool& of_process();
  /// One thread that gives way to all others, where the system gives threads a priority of their own; never destroyed either.
  static ThreadPool& of_low_priority();

  unsigned size() const { return size_; }
  void submit(std::unique_ptr<Task> task, Priority priority);

 private:
  ThreadPool(unsigned size, bool gives_way);
  void work(unsigned thread);
  std::unique_ptr<Task> next();

  unsigned size_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::unique_ptr<Task>> searches_;
  std::deque<std::unique_ptr<Task>> background_;
  unsigned searches_in_row_ = 0;
};

}  // namespace engine
