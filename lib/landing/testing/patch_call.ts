/**
 * Puts something around a call of the runtime, for all code of this thread.
 *
 * @param owner Has the call.
 * @param name Of the call.
 * @param wrap Gets the call, its arguments, which may be changed before it is
 * made, and whose it is.
 * @returns Puts the call back.
 */
export function patchCall(
  owner: object,
  name: string,
  wrap: (call: () => unknown, args: unknown[], self: unknown) => unknown,
): () => void {
  const original = Reflect.get(owner, name) as (...a: unknown[]) => unknown;
  Reflect.set(owner, name, function (this: unknown, ...args: unknown[]) {
    return wrap(() => Reflect.apply(original, this, args), args, this);
  });
  return () => void Reflect.set(owner, name, original);
}
