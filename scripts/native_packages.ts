/**
 * Packages with machine code, which no bundle can hold: that of a worker names
 * them, and the runtime loads them where it may; a compiled program has none.
 */
export const NATIVE_PACKAGES: readonly string[] = ["@napi-rs/blake-hash"];
