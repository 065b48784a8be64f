// Application error codes of a CLOSE, beside 0 for a session that ends as it
// should.

/** To a peer for which there is no room. */
export const CLOSE_BUSY = 1;
/** To a peer whose pre-shared key was revoked. */
export const CLOSE_REVOKED = 2;
