/**
 * The command line of net-transfer.
 *
 * @module
 */

export { main } from "./main.ts";
