/**
 * Congestion control algorithms that two ends can speak of: BBRv3, or RFC 9438
 * with RFC 9406.
 */
export type CongestionAlgorithm = "bbr" | "cubic";
