/**
 * Packages with machine code, which no bundle can hold: it names them, and the
 * runtime loads them, where it may, when they are needed.
 */
export const NATIVE_PACKAGES: readonly string[] = ["@napi-rs/blake-hash"];
