// `packRows` for JavaScript: rows are packed on a thread that gives way to all others, and a promise tells how many.
#pragma once

#include <napi.h>

namespace engine {

/// (library, iterator, into, omitted, rows) → promise of { bytes, rows, next, nextBytes }. Whoever calls keeps the iterator and the memory
/// until it settles.
Napi::Value pack_rows_of(Napi::CallbackInfo const& info);
/// (library): whether rows can be packed with it.
Napi::Value can_pack_rows_of(Napi::CallbackInfo const& info);

}  // namespace engine
