/**
 * Meeting by a code of a few words: it is exchanged for a ticket, with a
 * node that is found on the local network or at a meeting point.
 *
 * Goals: who listens learns nothing of the words; each guess costs a try, of
 * which there are three; what announces itself is believed nothing.
 *
 * Not its matter: what is done with the ticket (`cli`), sessions (`mesh`).
 *
 * @module
 */

export { looksLikeCode, parseCode } from "./code.ts";
export { type CodeRefusal, CodeRefusedError } from "./code_refused.ts";
export type { CodeEnd } from "./code_tries.ts";
export {
  type FindEvent,
  findTicket,
  type FindTicketOptions,
} from "./find_ticket.ts";
export { LocalNetwork } from "./local_network.ts";
export { browse, type LocalNode, LocalService } from "./local_service.ts";
export { isAnnouncedName } from "./mdns_packet.ts";
export type {
  Candidate,
  MeetingPlace,
  OfferedNumber,
} from "./meeting_place.ts";
export { MeetingPoint, type MeetingPointOptions } from "./meeting_point.ts";
export { meetingPointProcedures } from "./meeting_point_rpc.ts";
export { MeetingTags } from "./meeting_tags.ts";
export { interfacesAt, type MulticastSettings } from "./multicast_sockets.ts";
export {
  type CodeOffer,
  offerCode,
  type OfferCodeOptions,
  type OfferEvent,
} from "./offer_code.ts";
