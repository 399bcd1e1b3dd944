// `sha256` for JavaScript: of much at once, on a thread that gives way to all others. node's own either holds the thread that answers
// clients, or copies what it hashes on that thread and then takes one of those that searches wait for.
#pragma once

#include <napi.h>

namespace engine {

/// (bytes) → promise of a Buffer. Whoever calls leaves the bytes as they are until it settles.
Napi::Value sha256_of(Napi::CallbackInfo const& info);
/// Whether it can: node's binary must show its OpenSSL.
bool can_sha256();

}  // namespace engine
