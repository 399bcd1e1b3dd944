#include "jobs.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <new>
#include <stdexcept>
#include <system_error>

#include "segment_file.hpp"

namespace engine {

void Job::run(unsigned thread) noexcept {
  try {
    work(thread);
  } catch (...) {
    fail(std::current_exception());
  }
  finish();
}

void Job::finish() {
  auto const completions = completions_;
  completions->deliver(std::unique_ptr<Job>(this));
}

void Job::settle(Napi::Env env) {
  try {
    if (error_) std::rethrow_exception(error_);
    deferred_.Resolve(result(env));
  } catch (Napi::Error const& error) {
    deferred_.Reject(error.Value());
  } catch (...) {
    deferred_.Reject(to_javascript(env, std::current_exception()).Value());
  }
}

void Job::settle_unless_ending(Napi::Env env) noexcept {
  try {
    settle(env);
  } catch (Napi::Error const&) {
    // A thread of JavaScript that is being ended takes nothing any more, and has nobody who waits.
  }
}

Napi::Promise Job::start(Napi::Env env, std::unique_ptr<Job> job, ThreadPool::Priority priority) {
  Napi::Promise const promise = job->promise();
  job->completions_->expect(env);
  ThreadPool::of_process().submit(std::move(job), priority);
  return promise;
}

Napi::Error to_javascript(Napi::Env env, std::exception_ptr error) {
  auto const coded = [env](char const* code, char const* message) {
    Napi::Error made = Napi::Error::New(env, message);
    made.Value().Set("code", code);
    return made;
  };
  try {
    std::rethrow_exception(error);
  } catch (Napi::Error const& caught) {
    return caught;
  } catch (FileError const& caught) {
    return coded("SEGMENT_FILE", caught.what());
  } catch (std::system_error const& caught) {
    return coded("SEGMENT_IO", caught.what());
  } catch (std::out_of_range const& caught) {
    return Napi::RangeError::New(env, caught.what());
  } catch (std::invalid_argument const& caught) {
    return Napi::RangeError::New(env, caught.what());
  } catch (std::bad_alloc const&) {
    return coded("SEGMENT_MEMORY", "not enough memory for the segment");
  } catch (std::exception const& caught) {
    return coded("SEGMENT_INTERNAL", caught.what());
  }
}

Napi::Value hits_to_javascript(Napi::Env env, Segment const& segment, std::vector<Neighbor> const& hits) {
  std::size_t const bytes = hits.size() * sizeof(std::uint32_t);
  Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(env, 2 * bytes);
  auto const slots = Napi::Uint32Array::New(env, hits.size(), buffer, 0);
  auto const scores = Napi::Float32Array::New(env, hits.size(), buffer, bytes);
  auto* const to = static_cast<std::uint32_t*>(buffer.Data());
  for (std::size_t i = 0; i < hits.size(); i++) {
    to[i] = hits[i].slot;
    reinterpret_cast<float*>(to + hits.size())[i] = segment.score(hits[i].distance);
  }
  Napi::Object answer = Napi::Object::New(env);
  answer.Set("slots", slots);
  answer.Set("scores", scores);
  return answer;
}

namespace {

class SearchJob : public Job {
 public:
  SearchJob(Napi::Env env, std::shared_ptr<Completions> completions, std::shared_ptr<Segment> segment, SearchRequest request)
      : Job(env, std::move(completions)), segment_(std::move(segment)), request_(std::move(request)) {}

 protected:
  void work(unsigned thread) override { hits_ = segment_->search(request_, thread); }
  Napi::Value result(Napi::Env env) override { return hits_to_javascript(env, *segment_, hits_); }

 private:
  std::shared_ptr<Segment> segment_;
  SearchRequest request_;
  std::vector<Neighbor> hits_;
};

class SaveJob : public Job {
 public:
  SaveJob(Napi::Env env, std::shared_ptr<Completions> completions, std::shared_ptr<Segment> segment, std::string path)
      : Job(env, std::move(completions)), segment_(std::move(segment)), path_(std::move(path)) {}

 protected:
  void work(unsigned) override { bytes_ = SegmentFile::save(*segment_, path_); }
  Napi::Value result(Napi::Env env) override { return Napi::Number::New(env, double(bytes_)); }

 private:
  std::shared_ptr<Segment> segment_;
  std::string path_;
  std::uint64_t bytes_ = 0;
};

/// Settles when the last of its slices is through.
class IndexJob : public Job {
 public:
  IndexJob(Napi::Env env, std::shared_ptr<Completions> completions, std::shared_ptr<Segment> segment, std::size_t limit, unsigned slices)
      : Job(env, std::move(completions)), segment_(std::move(segment)), budget_(std::int64_t(limit)), slices_(slices) {}

  /// Works for about kSliceTime; false when there is nothing left to do.
  bool slice(unsigned thread) noexcept {
    // Long enough to make passing on cheap, short enough that a search behind it does not wait long for the thread.
    constexpr auto kSliceTime = std::chrono::milliseconds(2);
    auto const end = std::chrono::steady_clock::now() + kSliceTime;
    try {
      do {
        if (failed_.load(std::memory_order_relaxed)) return false;
        if (budget_.fetch_sub(1, std::memory_order_relaxed) <= 0) return false;
        if (!segment_->index_next(thread)) return false;
      } while (std::chrono::steady_clock::now() < end);
      return true;
    } catch (...) {
      if (!failed_.exchange(true)) fail(std::current_exception());
      return false;
    }
  }

  void slice_ended() {
    if (slices_.fetch_sub(1, std::memory_order_acq_rel) == 1) finish();
  }

 protected:
  void work(unsigned) override {}
  Napi::Value result(Napi::Env env) override {
    return Napi::Number::New(env, double(segment_->count() - segment_->indexed_count()));
  }

 private:
  std::shared_ptr<Segment> segment_;
  std::atomic<std::int64_t> budget_;
  std::atomic<unsigned> slices_;
  std::atomic<bool> failed_{false};
};

class IndexSlice : public Task {
 public:
  explicit IndexSlice(IndexJob* job) : job_(job) {}
  void run(unsigned thread) noexcept override {
    std::unique_ptr<IndexSlice> self(this);
    if (job_->slice(thread))
      ThreadPool::of_process().submit(std::move(self), ThreadPool::Priority::kBackground);
    else
      job_->slice_ended();
  }

 private:
  IndexJob* job_;
};

}  // namespace

std::unique_ptr<Job> search_job(Napi::Env env, std::shared_ptr<Completions> completions, std::shared_ptr<Segment> segment,
                                SearchRequest request) {
  return std::make_unique<SearchJob>(env, std::move(completions), std::move(segment), std::move(request));
}

std::unique_ptr<Job> save_job(Napi::Env env, std::shared_ptr<Completions> completions, std::shared_ptr<Segment> segment,
                              std::string path) {
  return std::make_unique<SaveJob>(env, std::move(completions), std::move(segment), std::move(path));
}

Napi::Promise start_indexing(Napi::Env env, std::shared_ptr<Completions> completions, std::shared_ptr<Segment> segment,
                             std::size_t limit) {
  // Below this many vectors for each thread, waking another one does not pay.
  constexpr std::size_t kVectorsWorthAThread = 16;
  std::size_t const work = std::min(limit, segment->count() - segment->indexed_count());
  ThreadPool& pool = ThreadPool::of_process();
  auto const slices = unsigned(std::clamp<std::size_t>(work / kVectorsWorthAThread, 1, pool.size()));
  completions->expect(env);
  auto* const job = new IndexJob(env, std::move(completions), std::move(segment), limit, slices);
  Napi::Promise const promise = job->promise();
  for (unsigned i = 0; i < slices; i++) pool.submit(std::make_unique<IndexSlice>(job), ThreadPool::Priority::kBackground);
  return promise;
}

}  // namespace engine
