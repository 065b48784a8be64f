/** Pacing gain that doubles the rate every round: 4 ln 2. */
export const STARTUP_GAIN = 2.77;

/**
 * The states of BBR (draft §3.3): the pacing rate as a multiple of the
 * bandwidth, the window as one of the bandwidth-delay product.
 */
export const GAINS = {
  startup: { pacing: STARTUP_GAIN, window: 2 },
  drain: { pacing: 0.5, window: 2 },
  probe_bw_down: { pacing: 0.9, window: 2 },
  probe_bw_cruise: { pacing: 1, window: 2 },
  probe_bw_refill: { pacing: 1, window: 2 },
  probe_bw_up: { pacing: 1.25, window: 2.25 },
  probe_rtt: { pacing: 1, window: 0.5 },
};
/** One of the states of BBR. */
export type BbrState = keyof typeof GAINS;
