/**
 * How far a verb reaches.
 *
 * @module
 */

/**
 * What a verb has to do with the configuration and with other nodes: nothing,
 * it reads the configuration file, it reads a profile of that, or it reads a
 * profile and asks a node for something.
 */
export type Scope = "local" | "config" | "profile" | "remote";
