// One value of the settings: where it can come from, and where it did.

import { UsageError } from "../../errors.ts";
import type { ValuesOf } from "../framework/options/option.ts";
import type { ValueKind } from "../framework/options/value_kind.ts";
import { REQUEST_OPTIONS } from "../options/global_options.ts";
import { SERVE_RATES } from "../options/rate.ts";
import { STORE_MAX_OPTION } from "../options/store_max.ts";
import { ATTACH_OPTIONS, CONGESTION, DIRECT } from "./node_options.ts";
import type { Profile, ProfileKey, ProfileListKey } from "./profile.ts";

/** Where a value can come from, the least explicit first. */
const ORIGIN_KINDS = ["default", "profile", "environment", "flag"] as const;

export interface Origin {
  readonly kind: typeof ORIGIN_KINDS[number];
  /** How a message names it, such as `--ticket` or `ticket of profile 'home'`. */
  readonly name: string;
}

export interface Setting<T> {
  readonly value: T;
  readonly origin: Origin;
}

const OPTIONS = {
  ...ATTACH_OPTIONS,
  ...REQUEST_OPTIONS,
  congestion: CONGESTION,
  direct: DIRECT,
  ...SERVE_RATES,
  storeMax: STORE_MAX_OPTION,
};

type Values = Partial<ValuesOf<typeof OPTIONS>>;

/** Everything that settings are resolved from, but the ticket. */
export interface Sources {
  /** Values of options, be they from the command line or the environment. */
  readonly values: Values;
  readonly fromEnvironment: ReadonlySet<string>;
  readonly profile: Profile;
}

export function optionOf<K extends keyof Values>(
  { values, fromEnvironment }: Sources,
  key: K,
): Setting<NonNullable<Values[K]>> | undefined {
  const value = values[key];
  if (value === undefined || value === null) return undefined;
  const { name, env = name } = OPTIONS[key];
  return fromEnvironment.has(name)
    ? { value, origin: { kind: "environment", name: env } }
    : { value, origin: { kind: "flag", name: `--${name}` } };
}

/** A value of the profile, parsed like that of the option it stands for. */
export function profileOf<T>(
  { profile: { name, texts } }: Sources,
  key: ProfileKey,
  kind: ValueKind<T>,
): Setting<T> | undefined {
  const text = texts[key];
  if (text === undefined) return undefined;
  const origin = {
    kind: "profile",
    name: `${key} of profile '${name}'`,
  } as const;
  return parsed(
    text,
    kind,
    origin,
    `invalid ${key} '${text}' in profile '${name}'`,
  );
}

/** @param shown What is said of a bad value, unless that may be a secret. */
function parsed<T>(
  text: string,
  kind: ValueKind<T>,
  origin: Origin,
  shown: string = origin.name,
): Setting<T> {
  try {
    return { value: kind.parse(text), origin };
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof UsageError)) {
      throw error;
    }
    const what = kind.secret ? origin.name : shown;
    throw new UsageError(`${what}: ${error.message}`, { cause: error });
  }
}

/** The values of a list of the profile, parsed like those of the option. */
export function profileListOf<T>(
  sources: Sources,
  key: ProfileListKey,
  kind: ValueKind<T>,
): Setting<T>[] {
  const { name, lists } = sources.profile;
  const origin = {
    kind: "profile",
    name: `${key} of profile '${name}'`,
  } as const;
  return (lists[key] ?? []).map((text) => parsed(text, kind, origin));
}

export function defaultOf<T>(value: T): Setting<T> {
  return { value, origin: { kind: "default", name: "the default" } };
}

export function map<T, U>(
  setting: Setting<T> | undefined,
  convert: (value: T) => U,
): Setting<U> | undefined {
  return setting && { ...setting, value: convert(setting.value) };
}

export function isMoreExplicit(one: Origin, other: Origin["kind"]): boolean {
  return ORIGIN_KINDS.indexOf(one.kind) > ORIGIN_KINDS.indexOf(other);
}
